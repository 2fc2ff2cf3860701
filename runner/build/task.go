package build

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"

	"sockets/runner/compile"
	"sockets/runner/lesson"
	"sockets/runner/run"
)

// A task is one run of one lesson's program.
type task struct {
	lesson *lesson.Lesson
	run    lesson.Run
	dir    string // of the program, for the go command: "./lessons/03"
	key    key
}

// tasks are the runs of the chosen lessons that this machine can do, in order.
func (c *Course) tasks() []*task {
	var ts []*task
	for _, l := range c.Lessons {
		if !c.chosen[l.Number] || !l.RunsOn(runtime.GOOS) {
			continue
		}
		for _, r := range l.Runs {
			dir := "./" + filepath.ToSlash(filepath.Join("lessons", l.Number, r.Package()))
			ts = append(ts, &task{lesson: l, run: r, dir: dir})
		}
	}
	return ts
}

// A key names everything a recording depends on, by cause: two runs with equal
// keys leave equal recordings.
type key map[string]string

// runner is the directory of the packages that make a recording out of a run.
const runner = "./runner/run"

// fillKeys asks the go command what the tasks' programs are made of.
func (c *Course) fillKeys(ctx context.Context, ts []*task) error {
	dirs := programs(ts)
	if len(dirs) == 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(c.Root, runner)); err == nil {
		dirs = append(dirs, runner)
	}
	inputs, err := compile.List(ctx, c.Root, dirs)
	if err != nil {
		return err
	}
	for _, t := range ts {
		t.key = key{
			"the machine":   run.Machine(ctx),
			"the runner":    fold(inputs[runner]),
			"front matter":  fmt.Sprintf("%s %q %v %q %v", t.run.Program, t.run.Args, t.run.Expect, t.lesson.Needs, t.run.Wire),
			"the toolchain": inputs[t.dir]["go"],
		}
		for name, digest := range inputs[t.dir] {
			if name != "go" {
				t.key["package "+name] = digest
			}
		}
	}
	return nil
}

// programs is the directories of the tasks' programs, each once.
func programs(ts []*task) []string {
	var dirs []string
	for _, t := range ts {
		if !slices.Contains(dirs, t.dir) {
			dirs = append(dirs, t.dir)
		}
	}
	return dirs
}

// fold makes one digest of many.
func fold(in compile.Inputs) string {
	var lines []string
	for name, digest := range in {
		lines = append(lines, name+" "+digest)
	}
	sort.Strings(lines)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "\n"))))[:16]
}

// since says what is different from an older key, a cause a line, sorted.
func (k key) since(old key) []string {
	var causes []string
	for name, digest := range k {
		switch was, had := old[name]; {
		case !had:
			causes = append(causes, name+" is new to it")
		case was != digest:
			causes = append(causes, name+" changed")
		}
	}
	for name := range old {
		if _, has := k[name]; !has {
			causes = append(causes, name+" is no longer part of it")
		}
	}
	sort.Strings(causes)
	return causes
}
