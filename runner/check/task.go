package check

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"sockets/runner/agent"
	"sockets/runner/process"
	"sockets/runner/recording"
	"sockets/runner/report"
)

// A Task is what checks are to be run on. The judge gives it in the variable
// [TaskKey], as JSON.
type Task struct {
	Binary string // the program
	Source string // the folder of its sources
	Seed   uint64 // of everything random
	Traced bool   // note the program's system calls

	Outcomes int // the descriptor that takes a Line of JSON for each outcome; 0 is none
	lines    *json.Encoder
	saying   sync.Mutex
}

// TaskKey is the variable that holds a [Task].
const TaskKey = "SOCKETS_CHECK"

// seedKey is a variable that repeats a run of "go test".
const seedKey = "SOCKETS_SEED"

// A Line is what a check says to the judge: first that it begins, with its name
// only, and at its end what came of it.
type Line struct {
	Check   string          `json:"check"`
	Level   report.Level    `json:"level,omitempty"`
	Outcome *report.Outcome `json:"outcome,omitempty"`
}

var task *Task

// What the judge said must not go on to the processes that we start, nor may
// the descriptor.
func init() {
	text, ok := os.LookupEnv(TaskKey)
	if !ok {
		return
	}
	_ = os.Unsetenv(TaskKey)
	task = new(Task)
	if err := json.Unmarshal([]byte(text), task); err != nil {
		fmt.Fprintf(os.Stderr, "check: %s can't be read: %v\n", TaskKey, err)
		os.Exit(exitFailed)
	}
	if task.Outcomes > 2 {
		closeOnExec(task.Outcomes)
		task.lines = json.NewEncoder(os.NewFile(uintptr(task.Outcomes), "outcomes"))
	}
}

// say tells the judge, if there is one. Without outcomes there is no verdict, so
// a judge that does not listen is no reason to go on.
func (k *Task) say(l Line) {
	if k.lines == nil {
		return
	}
	k.saying.Lock()
	err := k.lines.Encode(l)
	k.saying.Unlock()
	if err != nil {
		fmt.Fprintln(os.Stderr, "check: tell the judge:", err)
		os.Exit(exitFailed)
	}
}

// own builds the program of this folder, which is the solution.
func own(folder string) (*Task, error) {
	k := &Task{Binary: filepath.Join(folder, "solution"), Seed: rand.Uint64()}
	if runtime.GOOS == "windows" {
		k.Binary += ".exe"
	}
	if text := os.Getenv(seedKey); text != "" {
		var err error
		if k.Seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			return nil, fmt.Errorf("%s=%q is no seed; a number would be right", seedKey, text)
		}
	}
	var err error
	if k.Source, err = os.Getwd(); err != nil {
		return nil, fmt.Errorf("find the solution: %w", err)
	}
	end, err := process.Run(context.Background(), process.Command{
		Path: "go", Args: []string{"build", "-trimpath", "-buildvcs=false", "-gcflags=-l", "-o", k.Binary, "."},
		Env: append(os.Environ(), "CGO_ENABLED=0"), Limit: 5 * time.Minute,
	})
	if err == nil && end.Code != 0 {
		err = errors.New(strings.TrimSpace(string(end.Stderr)))
	}
	if err != nil {
		return nil, fmt.Errorf("build the solution: %w", err)
	}
	return k, nil
}

// dirs is where the program's line table has its own files.
func (k *Task) dirs() []string {
	info, err := buildinfo.ReadFile(k.Binary)
	if err != nil {
		return nil
	}
	return []string{info.Path}
}

// machine is what the machine allows: why not, or nil. A pocket without a cage is
// not used.
type machine struct{ calls, pocket, fence error }

var probe = sync.OnceValue(func() machine {
	l := agent.Probe(context.Background())
	m := machine{calls: l.Calls, pocket: cmp.Or(l.Calls, l.Full, l.Cage), fence: l.Fence}
	lowered := fmt.Errorf("SOCKETS_LEVEL=%s", l.Asked)
	switch agent.Level(context.Background()) {
	case recording.LevelFull:
	case recording.LevelCalls:
		m.pocket = cmp.Or(m.pocket, lowered)
	default:
		m.calls, m.pocket = cmp.Or(m.calls, lowered), cmp.Or(m.pocket, lowered)
	}
	return m
})

// Level is how well programs are confined on this machine.
func Level() report.Level { return report.Level(agent.Probe(context.Background()).CageLevel()) }

// level is how the check's programs were confined: the worst of it, and if there
// was none, what the machine allows.
func (c *check) level() report.Level {
	if len(c.programs) == 0 {
		return Level()
	}
	worst := report.LevelA
	for _, p := range c.programs {
		// The levels are letters; the later, the worse. No cage is the last.
		worst = max(worst, cmp.Or(report.Level(p.run.Cage()), report.LevelD))
	}
	return worst
}
