package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sockets/runner/agent"
	"sockets/runner/report"
)

// Usage is what the program has in use now. It takes no part in that.
func (p *Program) Usage() agent.Usage {
	p.c.t.Helper()
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
		timer := time.NewTimer(20 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program has "+what+"; %d would do.", n, most)})
		}
	}
}

// WantPeak wants the program's main process to have used at most so many bytes
// of memory at any time.
func (p *Program) WantPeak(most int64) {
	p.c.t.Helper()
	main, ok := p.Usage().Main()
	if ok && main.Peak > most {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program used %d KiB of memory at its peak; %d KiB would do.", main.Peak>>10, most>>10)})
	}
}

// WantIdle watches the program for a while, in which it must use at most that
// share of one processor, in hundredths.
func (p *Program) WantIdle(during time.Duration, most int) {
	p.c.t.Helper()
	before := p.Usage()
	ctx, cancel := context.WithTimeout(context.Background(), during)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-p.exited:
	}
	after := p.Usage()
	if used := after.CPU() - before.CPU(); used*100 > (after.At-before.At)*time.Duration(most) {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf(
			"With nothing to do, the program used %v of processor time in %v; at most %d %% would do. It looks again and again instead of waiting.", used, after.At-before.At, most)})
	}
}
