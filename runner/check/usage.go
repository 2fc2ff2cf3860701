package check

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"sockets/runner/agent"
	"sockets/runner/report"
)

// Usage is what the program has in use now. It takes no part in that. Where it
// can't be seen the check is not run.
func (p *Program) Usage() agent.Usage {
	p.c.t.Helper()
	if runtime.GOOS != "linux" {
		p.c.skip("This check looks at what the program uses, which can be seen on Linux only.")
	}
	ctx, cancel := p.c.within()
	defer cancel()
	u, err := p.run.Usage(ctx)
	if errors.Is(err, agent.ErrEnded) {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program ended %s, and it must still run.", p.how())})
	} else if err != nil {
		p.c.broken("see what the program uses: %v", err)
	}
	return u
}

// WantDescriptors waits until the program has at most so many descriptors open.
func (p *Program) WantDescriptors(most int) {
	p.c.t.Helper()
	p.until(func(u agent.Usage) (int, bool) { n := u.Descriptors(); return n, n <= most }, "%d descriptors open", most)
}

// WantSockets waits until the program has at most so many sockets open.
func (p *Program) WantSockets(most int) {
	p.c.t.Helper()
	p.until(func(u agent.Usage) (n int, ok bool) {
		for _, process := range u.Processes {
			for _, d := range process.Descriptors {
				if strings.HasPrefix(d.To, "socket:") {
					n++
				}
			}
		}
		return n, n <= most
	}, "%d sockets open", most)
}

// WantThreads waits until the program has at most so many threads.
func (p *Program) WantThreads(most int) {
	p.c.t.Helper()
	p.until(func(u agent.Usage) (int, bool) { n := u.Threads(); return n, n <= most }, "%d threads", most)
}

// until asks again and again, as a program may take its time to let go.
func (p *Program) until(fine func(agent.Usage) (int, bool), what string, most int) {
	p.c.t.Helper()
	ctx, cancel := p.c.within()
	defer cancel()
	for {
		n, ok := fine(p.Usage())
		if ok {
			p.c.note("the program has "+what, n)
			return
		}
		if p.pause(); ctx.Err() != nil {
			p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program has "+what+"; %d would do.", n, most)})
		}
	}
}

// WantPeak wants the program's main process to have used at most so many bytes
// of memory at any time.
func (p *Program) WantPeak(most int64) {
	p.c.t.Helper()
	main, ok := p.Usage().Main()
	if !ok {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program ended %s, and it must still run.", p.how())})
	}
	if main.Peak > most {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program used %d KiB of memory at its peak; %d KiB would do.", main.Peak>>10, most>>10)})
	}
}

// WantIdle watches the program for a while, in which it must use at most that
// share of one processor, in hundredths, and mostly wait. On a busy machine a
// program that never waits gets less than it would take, but it is seen to be
// ready whenever it is looked at.
func (p *Program) WantIdle(during time.Duration, most int) {
	p.c.t.Helper()
	const least = 20
	before := p.Usage()
	after := before
	looks, ready := 0, 0
	for after.At-before.At < during || looks < least {
		p.pause()
		after = p.Usage()
		looks++
		if after.Running() > 0 {
			ready++
		}
	}
	used, took := after.CPU()-before.CPU(), after.At-before.At
	p.c.note("the program used %v of processor time in %v", used, took.Round(time.Millisecond))
	if used*100 > took*time.Duration(most) || ready*2 > looks {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf(
			"With nothing to do, the program used %v of processor time in %v, and was busy in %d of %d looks at it; at most %d %% would do. It looks again and again instead of waiting.",
			used, took.Round(time.Millisecond), ready, looks, most)})
	}
}

// quiet waits until the program waits as well: until it was seen to do so several
// times in a row.
func (p *Program) quiet() {
	p.c.t.Helper()
	ctx, cancel := p.c.within()
	defer cancel()
	for looks := 0; looks < 5 && ctx.Err() == nil; looks++ {
		if p.pause(); p.Usage().Running() > 0 {
			looks = 0
		}
	}
}

// pause waits a little until the program is looked at again, or less if it ends.
func (p *Program) pause() {
	timer := time.NewTimer(20 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.exited:
	}
}
