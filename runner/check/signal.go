package check

import (
	"context"
	"errors"
	"syscall"
	"time"

	"sockets/runner/agent"
)

// SignalUntil sends each of the program's threads a signal again and again, until
// it has printed the text on stdout, behind what was wanted before. So the signal
// interrupts the one that waits in the kernel, too, whichever of them that is.
func (p *Program) SignalUntil(text string, s syscall.Signal, every time.Duration) {
	p.c.t.Helper()
	ctx, cancel := p.c.within()
	defer cancel()
	p.c.note("we send the program the signal %v, every %v", s, every)
	for ctx.Err() == nil {
		pause, stop := context.WithTimeout(ctx, every)
		err := p.run.Stdout.Until(pause, func(all []byte) bool { return len(all[p.read:]) >= len(text) })
		stop()
		if !errors.Is(err, context.DeadlineExceeded) {
			p.WantStdout(text)
			return
		}
		if err := p.run.SignalThreads(ctx, s); err != nil && !errors.Is(err, agent.ErrEnded) && ctx.Err() == nil {
			p.c.broken("send the program %v: %v", s, err)
		}
	}
	if len(p.run.Stdout.Bytes()[p.read:]) >= len(text) {
		p.WantStdout(text) // it was there in time, and we looked late
		return
	}
	p.c.fail(compare(p.missed(ctx.Err(), "it had printed what it must"), []byte(text), p.run.Stdout.Bytes()[p.read:]))
}
