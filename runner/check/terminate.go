package check

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"sockets/runner/agent"
	"sockets/runner/report"
)

// wantTermination sends the program SIGTERM and wants it to end within a time. A
// program that is busy with its end, and has no processor, is given more.
func (p *Program) wantTermination(within time.Duration) {
	p.c.t.Helper()
	p.Signal(syscall.SIGTERM)
	began := time.Now()
	last := began
	for busy := time.Duration(0); !p.ended(); last = time.Now() {
		p.pause()
		running, err := p.running()
		switch passed := time.Since(began); {
		case p.ended():
		case err != nil:
			p.c.broken("see what the program does: %v", err)
		case running && busy < 5*within:
			busy += time.Since(last)
		case passed-busy > within:
			p.c.fail(report.Outcome{Verdict: report.Timeout, Message: fmt.Sprintf("The program got SIGTERM, and still ran after %v; within %v it must have ended.", passed.Round(time.Millisecond), within)})
		}
	}
	p.c.note("the program ended %s", p.how())
	if p.exit.Signal != "SIGTERM" && (p.exit.Signal != "" || p.exit.Code != 0) {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program ended %s after SIGTERM; exit code 0 is right here, or an end by that signal.", p.how())})
	}
}

// running reports whether the program is doing something, unless it ends meanwhile.
func (p *Program) running() (bool, error) {
	ctx, cancel := p.c.within()
	defer cancel()
	var ends sync.WaitGroup
	ends.Go(func() {
		select {
		case <-p.exited:
			cancel()
		case <-ctx.Done():
		}
	})
	u, err := p.run.Usage(ctx)
	if errors.Is(err, agent.ErrEnded) {
		<-p.exited // which is about to be told
		err = nil
	}
	cancel()
	ends.Wait()
	return u.Running() > 0, err
}

// ended reports whether the program has ended.
func (p *Program) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}
