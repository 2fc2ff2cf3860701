package agent

import (
	"cmp"
	"context"
	"errors"
	"syscall"
	"time"

	"sockets/runner/cage"
	"sockets/runner/pocket"
)

// A Running is a program under observation that has been started. Whoever
// started it must Wait for it, or Close it.
type Running struct {
	Stdout, Stderr *Text // what it prints, as it comes

	out    *outside
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when the following is there to be read
	sight  *Sight
	err    error
}

// ErrEnded is why a request can't be met: there is no program any more.
var ErrEnded = errors.New("the program has ended")

var errKilled = errors.New("killed, as its agent did not end it")

// Start starts the program and returns when it is there. The context is the
// program's: when it is done, the program is killed and Wait fails.
func Start(ctx context.Context, s Spec) (*Running, error) {
	if s.Cage != nil {
		l := s.Cage.Defaults()
		s.Cage, s.Output, s.Limit = &l, cmp.Or(s.Output, l.Output), cmp.Or(s.Limit, l.Wall)
	}
	o, err := newOutside(s)
	if err != nil {
		return nil, err
	}
	c, err := o.agent(s)
	if err != nil {
		return nil, errors.Join(err, o.reports.Close(), o.close())
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r := &Running{
		Stdout: newText(s.Stdout), Stderr: newText(s.Stderr),
		out: o, cancel: cancel, done: make(chan struct{}),
	}
	c.Stdout, c.Stderr = r.Stdout, r.Stderr
	go func() {
		defer close(r.done)
		defer cancel(nil)
		r.sight, r.err = o.run(ctx, s, c)
		r.Stdout.end()
		r.Stderr.end()
		if err := o.close(); err != nil {
			r.sight, r.err = nil, errors.Join(r.err, err)
		}
	}()
	select {
	case <-o.started:
	case <-r.done:
		if r.err != nil {
			return nil, r.err
		}
	}
	return r, nil
}

// Pocket is the private network that the program runs in, nil if in none. It is
// gone when the run is over.
func (r *Running) Pocket() *pocket.Pocket { return r.out.pocket }

// Cage is how the program is confined; "" if that was not asked for.
func (r *Running) Cage() cage.Level { return r.out.level }

// Signal sends the program a signal. If the program has ended and processes that
// it had started have not, they get it; if there are none, Signal fails with
// ErrEnded.
func (r *Running) Signal(ctx context.Context, s syscall.Signal) error {
	_, err := r.out.ask(ctx, request{Signal: s})
	return err
}

// SignalThreads sends each thread of the program the signal. Sent to the program,
// it would come to a thread of the kernel's choice, mostly the first; this way it
// also comes to the one that waits in a system call, whichever that is.
func (r *Running) SignalThreads(ctx context.Context, s syscall.Signal) error {
	_, err := r.out.ask(ctx, request{Signal: s, Threads: true})
	return err
}

// Usage counts what the program's processes have in use, from outside: they take
// no part in it. It fails with ErrEnded when there are none.
func (r *Running) Usage(ctx context.Context) (Usage, error) {
	a, err := r.out.ask(ctx, request{Usage: true})
	if err != nil {
		return Usage{}, err
	}
	return *a.Usage, nil
}

// An Exit is how the program's own process ended. Processes that it started may
// still be there.
type Exit struct {
	Code   int    // -1 if it did not exit by itself
	Signal string // "SIGSEGV", if a signal ended it
	Wall   time.Duration
}

// Exit waits until the program itself has ended.
func (r *Running) Exit(ctx context.Context) (Exit, error) {
	select {
	case <-r.out.exited:
		return r.out.exit, nil
	case <-r.done:
	case <-ctx.Done():
		return Exit{}, context.Cause(ctx)
	}
	select {
	case <-r.out.exited:
		return r.out.exit, nil
	default:
	}
	if r.err != nil {
		return Exit{}, r.err
	}
	return Exit{Code: r.sight.End.Code, Signal: r.sight.End.Signal, Wall: r.sight.End.Wall}, nil
}

// Kill ends the program and all that it has started, at once. What was seen
// until then is for Wait. Killing what has ended changes nothing.
func (r *Running) Kill() {
	ctx, cancel := context.WithTimeout(context.Background(), killing)
	timer := time.AfterFunc(killing, func() { r.cancel(errKilled) })
	go func() {
		defer cancel()
		if _, err := r.out.ask(ctx, request{Kill: true}); err != nil && !errors.Is(err, ErrEnded) {
			r.cancel(errKilled)
		}
		<-r.done
		timer.Stop()
	}()
}

// killing is what an agent may take to end its program and to report: far more
// than it does, on a machine that is very busy.
const killing = 10 * time.Second

// Wait waits until the run is over and returns what was seen of it. A context
// that is done ends the wait only.
func (r *Running) Wait(ctx context.Context) (*Sight, error) {
	select {
	case <-r.done:
		return r.sight, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Close kills the program if it is still there, and returns when nothing is left
// of the run.
func (r *Running) Close() error {
	select {
	case <-r.done:
	default:
		r.cancel(errClosed)
		<-r.done
	}
	if errors.Is(r.err, errClosed) {
		return nil
	}
	return r.err
}

var errClosed = errors.New("closed")
