package run

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	"sockets/runner/agent"
	"sockets/runner/process"
)

// pace is the time from one look at a run to the next, at least.
const pace = 30 * time.Millisecond

// watched is how many calls of a run are kept that is looked at again and again:
// far more than a lesson's program makes, and what a loop without end makes soon.
const watched = 50_000

// watch runs the program, and shows what is seen of it while it runs.
func (r *running) watch(ctx context.Context, s agent.Spec) (*agent.Sight, error) {
	p, err := agent.Start(ctx, s)
	if err != nil {
		return nil, err
	}
	for n := 0; ; {
		saw, now, err := p.Look(ctx, n)
		if err != nil {
			break // it is over, and Wait has all of it
		}
		began := time.Now()
		r.spec.Watch(r.recording(saw))
		n = now
		pause, end := context.WithTimeout(ctx, max(pace, 3*time.Since(began)))
		_, _ = p.Wait(pause) // the end ends the pause
		end()
	}
	return p.Wait(context.WithoutCancel(ctx)) // the run itself ends with ctx
}

// A tap shows what a program prints while it runs, where nothing else of it can
// be seen.
type tap struct {
	r              *running
	mu             sync.Mutex
	stdout, stderr []byte

	more    chan struct{} // has a value when there is more
	over    chan struct{}
	stopped chan struct{}
}

func (r *running) tap() *tap {
	t := &tap{r: r, more: make(chan struct{}, 1), over: make(chan struct{}), stopped: make(chan struct{})}
	go t.show()
	return t
}

// also is a writer that adds to the text, and then writes to w unless that is nil.
func (t *tap) also(text *[]byte, w io.Writer) io.Writer {
	return writer(func(b []byte) (int, error) {
		t.mu.Lock()
		*text = append(*text, b...)
		t.mu.Unlock()
		select {
		case t.more <- struct{}{}:
		default: // it knows already
		}
		if w == nil {
			return len(b), nil
		}
		return w.Write(b)
	})
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func (t *tap) show() {
	defer close(t.stopped)
	for {
		select {
		case <-t.more:
		case <-t.over:
			return
		}
		began := time.Now()
		t.mu.Lock()
		saw := &agent.Sight{End: new(process.End), Events: printed(bytes.Clone(t.stdout), bytes.Clone(t.stderr))}
		t.mu.Unlock()
		t.r.spec.Watch(t.r.recording(saw))
		select {
		case <-time.After(max(pace, 3*time.Since(began))):
		case <-t.over:
			return
		}
	}
}

// end ends the show; Watch is not called any more when it returns.
func (t *tap) end() {
	close(t.over)
	<-t.stopped
}
