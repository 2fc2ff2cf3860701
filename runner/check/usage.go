package check

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"sockets/runner/agent"
	"sockets/runner/report"
)

// usageLimit is how long it may take to see what a program uses.
const usageLimit = 30 * time.Second

// Usage is what the program has in use now. It takes no part in that. Where it
// can't be seen the check is not run.
func (p *Program) Usage() agent.Usage {
	p.c.t.Helper()
	if runtime.GOOS != "linux" {
		p.c.skip("This check looks at what the program uses, which can be seen on Linux only.")
	}
	// The judge answers, not the program: on a busy machine it may take its time.
	ctx, cancel := context.WithTimeout(context.Background(), usageLimit)
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
// ready whenever it is looked at. One that is ready and gets next to nothing has
// something to do, and nobody knows how much: it is watched until that is known.
func (p *Program) WantIdle(during time.Duration, most int) {
	p.c.t.Helper()
	before := p.Usage()
	ctx, cancel := p.c.within()
	defer cancel()
	for w := (watched{}); ; {
		p.pause()
		now := p.Usage()
		w.looks++
		if now.Running() > 0 {
			w.ready++
		}
		w.used, w.took = now.CPU()-before.CPU(), now.At-before.At
		if w.took < during || w.looks < leastLooks {
			continue
		}
		switch idle, known := w.idle(most); {
		case idle:
			p.c.note("the program used %v of processor time in %v", w.used, w.took.Round(time.Millisecond))
			return
		case known:
			p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf(
				"With nothing to do, the program used %v of processor time in %v, and was busy in %d of %d looks at it; at most %d %% would do. It looks again and again instead of waiting.",
				w.used, w.took.Round(time.Millisecond), w.ready, w.looks, most)})
		case ctx.Err() != nil:
			p.c.broken("the machine is too busy to see whether the program is: in %v it was ready in %d of %d looks, and was given %v of processor time",
				w.took.Round(time.Millisecond), w.ready, w.looks, w.used)
		}
	}
}

// leastLooks is how often a program is looked at before it is called idle or not.
const leastLooks = 20

// watched is what was seen of a program for a while.
type watched struct {
	used, took   time.Duration // processor time, and how long it was watched
	looks, ready int           // how often it was looked at, and was not waiting then
}

// idle reports whether the program mostly waited. It is not known of one that is
// ready but is not given a hundredth of a processor.
func (w watched) idle(most int) (idle, known bool) {
	switch {
	case w.used*100 > w.took*time.Duration(most):
		return false, true
	case w.ready*2 <= w.looks:
		return true, true
	}
	return false, w.used*100 >= w.took
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
