package check

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"sockets/runner/agent"
	"sockets/runner/recording"
	"sockets/runner/report"
)

// keep bounds what an outcome holds of a text.
const keep = 64 << 10

// fail ends the check: the program did something else than it must. It adds what
// is known of the program to the outcome.
func (c *check) fail(o report.Outcome) {
	c.t.Helper()
	if len(c.programs) > 0 {
		c.programs[len(c.programs)-1].explain(&o)
	}
	c.mu.Lock()
	o.Conversation = slices.Clone(c.turns)
	c.mu.Unlock()
	o.Hint = c.hint
	c.finish(o)
}

// broken ends the check: our side failed.
func (c *check) broken(format string, args ...any) {
	c.t.Helper()
	c.finish(report.Outcome{Verdict: report.Error, Message: fmt.Sprintf(format, args...)})
}

func (c *check) finish(o report.Outcome) {
	c.t.Helper()
	c.outcome = &o
	if task.lines == nil { // nobody but the author reads this
		c.t.Logf("%s: %s\n%sseed: %s=%d", c.about.Name, o.Verdict, report.Row{Check: c.about, Outcome: o}.Detail(), seedKey, task.Seed)
	}
	c.t.FailNow()
}

// compare adds what was wanted and what came to the outcome.
func compare(o report.Outcome, want, got []byte) report.Outcome {
	o.Wanted, o.Came = clip(want), clip(got)
	lines := func(b []byte) []string {
		return slices.DeleteFunc(strings.SplitAfter(string(clip(b)), "\n"), func(l string) bool { return l == "" })
	}
	// A diff is written with some spaces that don't break, at random.
	o.Diff = strings.ReplaceAll(gocmp.Diff(lines(want), lines(got)), "\u00a0", " ")
	return o
}

func clip(b []byte) []byte { return bytes.Clone(b[:min(len(b), keep)]) }

// explain says where the program stands or crashed, what it called last, and
// what it printed. It ends the program.
func (p *Program) explain(o *report.Outcome) {
	running := true
	select {
	case <-p.exited:
		running = false
	default:
		p.ask()
	}
	sight := p.sight()
	own, dump := recording.CutDump(string(p.run.Stderr.Bytes()))
	if !running && p.crashed() {
		o.Verdict = report.Crash
		o.Message = fmt.Sprintf("The program crashed: %s. %s", first([]byte(own)), o.Message)
		dump = own
	}
	for _, at := range recording.Waiting(dump, task.dirs()...) {
		o.Waiting = append(o.Waiting, report.Place{File: at.File, Line: at.Line, Func: at.Func, Code: code(at)})
	}
	if sight != nil && p.c.trace {
		o.XRay = xray(sight, o.Waiting)
	}
	o.Output = printed("stdout", p.run.Stdout.Bytes()) + printed("stderr", []byte(own))
}

// ask has a Go program say where its goroutines stand, which ends it.
func (p *Program) ask() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if p.run.Signal(ctx, syscall.Signal(3)) != nil { // SIGQUIT, which not every system's package has
		return
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
	}
}

// sight ends the program and gives what was seen of it; nil if nothing was.
func (p *Program) sight() *agent.Sight {
	p.run.Kill()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	s, err := p.run.Wait(ctx)
	if err != nil {
		return nil
	}
	return s
}

// code is the line itself.
func code(at recording.Place) string {
	text, err := os.ReadFile(source(at.File))
	if err != nil {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[at.Line-1])
}

// printed is what the program printed on a stream, with its name before it.
func printed(stream string, text []byte) string {
	if len(text) == 0 {
		return ""
	}
	s := string(clip(text))
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return stream + ":\n" + s
}
