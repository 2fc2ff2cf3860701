package check

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sockets/runner/agent"
	"sockets/runner/recording"
	"sockets/runner/report"
)

// What an outcome holds of a text that is compared, and of one that is only shown.
const (
	keep        = 64 << 10
	keepPrinted = 2 << 10
)

// fail ends the check: the program did something else than it must. It adds what
// is known of the program to the outcome.
func (c *check) fail(o report.Outcome) {
	c.t.Helper()
	if len(c.programs) > 0 {
		c.programs[len(c.programs)-1].explain(&o)
	}
	for _, ln := range c.meeting {
		ln.leave() // what its peer has heard belongs to the conversation
	}
	o.Conversation = c.conversation()
	o.Hints = c.hints
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
	o.Diff = difference(o.Wanted, o.Came)
	return o
}

// differ is the first byte in which texts differ, or where the shorter one ends.
func differ(want, got []byte) int {
	n := min(len(want), len(got))
	for i := range n {
		if want[i] != got[i] {
			return i
		}
	}
	return n
}

// whereDiffers says where texts differ that are too long to be shown, as another
// sentence.
func whereDiffers(want, got []byte) string {
	if max(len(want), len(got)) <= keep {
		return ""
	}
	return fmt.Sprintf(" It printed %d bytes, of %d; up to byte %d they are right.", len(got), len(want), differ(want, got))
}

// around is what to show of texts: of long ones, a little around the first byte
// in which they differ.
func around(want, got []byte) (_, _ []byte) {
	const little = 64
	if max(len(want), len(got)) <= keep {
		return want, got
	}
	at := differ(want, got)
	cut := func(b []byte) []byte { return b[max(0, min(len(b), at)-little):min(len(b), at+little)] }
	return cut(want), cut(got)
}

func clip(b []byte) []byte { return bytes.Clone(b[:min(len(b), keep)]) }

// explain says where the program stands or crashed, what it called last, and
// what it printed. It ends the program.
func (p *Program) explain(o *report.Outcome) {
	running := !p.gone(o.Verdict)
	if running {
		p.ask()
	}
	p.c.hangUp()
	sight := p.sight()
	own, dump := recording.CutDump(string(p.run.Stderr.Bytes()))
	switch {
	case sight != nil && sight.End.Cut:
		o.Verdict = report.Fail
		o.Message = fmt.Sprintf("The program printed more than %d MiB on a stream, and was ended.", p.c.output>>20)
	case !running && p.exit.Signal != "":
		o.Verdict = report.Crash
	case !running && p.crashed():
		o.Verdict = report.Crash
		o.Message = fmt.Sprintf("The program crashed (%s). %s", first([]byte(own)), o.Message)
		dump = crashing(own)
	}
	for _, at := range recording.Waiting(dump, task.dirs()...) {
		o.Waiting = append(o.Waiting, report.Place{File: at.File, Line: at.Line, Func: at.Func, Code: code(at)})
	}
	if sight != nil && p.c.trace {
		o.XRay = xray(sight, o.Waiting)
	}
	o.Output = printed("stdout", p.run.Stdout.Bytes()) + printed("stderr", []byte(own))
}

// soon is how long a program that crashes may take to end when its connection is
// closed already.
const soon = 300 * time.Millisecond

// gone reports whether the program has ended. If it did something wrong, it is
// given a moment.
func (p *Program) gone(v report.Verdict) bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if v == report.Fail {
		ctx, cancel = context.WithTimeout(ctx, soon)
		defer cancel()
	} else {
		cancel()
	}
	select {
	case <-p.exited:
		return true
	case <-ctx.Done():
	}
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// crashing is the part of a crash's stacks that tells of the goroutine that
// crashed: the first.
func crashing(stderr string) string {
	_, stacks, _ := strings.Cut(stderr, "\ngoroutine ")
	first, _, _ := strings.Cut(stacks, "\n\n")
	return "goroutine " + first
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

// code is the line itself. Where a program stands is what it says, and it may lie:
// nothing is read but files of the submission.
func code(at recording.Place) string {
	root, err := os.OpenRoot(task.Source)
	if err != nil {
		return ""
	}
	defer func() { _ = root.Close() }()
	text, err := root.ReadFile(filepath.FromSlash(at.File))
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
	s := string(text[:min(len(text), keepPrinted)])
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	if n := len(text) - keepPrinted; n > 0 {
		s += fmt.Sprintf("... and %d bytes more\n", n)
	}
	return stream + ":\n" + s
}
