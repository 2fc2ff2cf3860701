package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"sockets/runner/report"
)

// WantExit waits for the program's end, which must be by itself, with the code,
// and without more on stdout than was wanted.
func (p *Program) WantExit(code int) {
	p.c.t.Helper()
	ctx, cancel := p.c.within()
	defer cancel()
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.c.fail(p.missed(ctx.Err(), fmt.Sprintf("it ended; exit code %d was due", code)))
	}
	if p.failed != nil {
		p.c.broken("wait for the program: %v", p.failed)
	}
	p.c.note("the program ended %s", p.how())
	if p.exit.Code != code || p.crashed() {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program ended %s; exit code %d is right here.", p.how(), code)})
	}
	p.c.hangUp()
	p.settle()
	if more := p.run.Stdout.Bytes()[p.read:]; len(more) > 0 {
		p.c.said(report.Program, more, "on stdout")
		p.c.fail(compare(report.Outcome{Verdict: report.Fail, Message: "The program printed more on stdout than it must."}, nil, more))
	}
}

// WantRunning wants the program to run on for so long at least.
func (p *Program) WantRunning(least time.Duration) {
	p.c.t.Helper()
	timer := time.NewTimer(least)
	defer timer.Stop()
	select {
	case <-p.exited:
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program ended %s, and it must still run.", p.how())})
	case <-timer.C:
		p.c.note("the program runs on")
	}
}

// WantRunFor wants the program, which has ended, to have run so long at least.
// How long it may run is what the check's waits say.
func (p *Program) WantRunFor(least time.Duration) {
	p.c.t.Helper()
	<-p.exited
	took := p.exit.Wall.Round(time.Millisecond)
	p.c.note("the program ran for %v", took)
	if took < least {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program ran for %v only; it must take %v at least.", took, least)})
	}
}

// settle waits until the program's output is complete, or a little while.
func (p *Program) settle() {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	select {
	case <-p.exited:
		cancel()
		ctx, cancel = p.c.within()
		defer cancel()
	case <-ctx.Done():
		return
	}
	_, _ = p.run.Wait(ctx) // only the output is of interest
}

// missed is the outcome when a wait ends without what it waited for.
func (p *Program) missed(err error, what string) report.Outcome {
	select {
	case <-p.exited:
		return report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program ended %s before %s.", p.how(), what)}
	default:
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return report.Outcome{Verdict: report.Timeout, Message: fmt.Sprintf("We waited %v, and the program still ran before %s.", p.c.wait, what)}
	}
	return report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program's output ended before %s.", what)}
}

// how is how the program ended, as the end of a sentence.
func (p *Program) how() string {
	<-p.exited
	if p.exit.Signal != "" {
		return "by the signal " + p.exit.Signal
	}
	return fmt.Sprintf("with exit code %d", p.exit.Code)
}

// crashed reports whether the program ended by a panic, a fatal error of the
// runtime or a signal, and not by itself.
func (p *Program) crashed() bool {
	select {
	case <-p.exited:
	default:
		return false
	}
	if p.exit.Signal != "" {
		return true
	}
	stderr := p.run.Stderr.Bytes()
	said := func(start string) bool {
		return bytes.HasPrefix(stderr, []byte(start)) || bytes.Contains(stderr, []byte("\n"+start))
	}
	return p.exit.Code == 2 && said("goroutine ") && (said("panic: ") || said("fatal error: "))
}

// first is the first line of a text that is not empty.
func first(text []byte) string {
	for l := range bytes.Lines(text) {
		if l = bytes.TrimSpace(l); len(l) > 0 {
			return string(l)
		}
	}
	return ""
}
