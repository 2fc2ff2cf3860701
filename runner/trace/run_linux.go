//go:build amd64 || arm64

package trace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/recording"
)

// limit is how many calls are reported unless the Program says otherwise.
const limit = 1_000_000

// Run starts the program and traces it until it and all that it started are
// gone. It tells emit of each call when it has returned, in this order, while
// the thread that made it still stands: what it sent is on its way, what it
// took is taken, and the program's next call on this thread is not yet made. The
// calls of emit come one after the other, from another goroutine than Run's.
// Calls that never return have "?" as their result and come last.
//
// When the context is done, all of it is killed, and Run fails with its cause
// when nothing is left. If the caller dies, the kernel kills the program.
func Run(ctx context.Context, p Program, emit func(Event)) (End, error) {
	end := End{Exit: -1}
	if ctx.Err() != nil {
		return end, fmt.Errorf("trace %s: %w", p.Path, context.Cause(ctx))
	}
	bin, err := open(p.Path, p.Dirs)
	if err != nil {
		return end, fmt.Errorf("trace: %w", err)
	}
	defer bin.close()
	if p.Calls == 0 {
		p.Calls = limit
	}
	t := &tracer{
		Program: p, emit: emit, bin: bin, end: end,
		tasks: make(map[int]*task), early: make(map[int]bool), heirs: make(map[int]*recording.Place),
		creations: make(map[creation]started),
		live:      make(map[int]bool),
	}
	if t.Began.IsZero() {
		t.Began = time.Now()
	}
	onThread(func() { err = t.run(ctx) })
	if err != nil {
		return t.end, fmt.Errorf("trace %s: %w", p.Path, err)
	}
	return t.end, nil
}

// onThread calls f on a thread of its own that has no children: the kernel knows
// one thread as the tracer, kills the program with it, and reports to it what its
// other children do as well.
func onThread(f func()) {
	var done sync.WaitGroup
	done.Go(func() {
		runtime.LockOSThread()
		const any = unix.WEXITED | unix.WNOHANG | unix.WNOWAIT | unix.WALL | unix.WNOTHREAD
		if err := unix.Waitid(unix.P_ALL, 0, nil, any, nil); errors.Is(err, unix.ECHILD) {
			f()
			return // the thread ends with the goroutine, whatever f has changed of it
		}
		onThread(f) // on another one, as this stays taken meanwhile
		// If it ended, the kernel would kill children that asked for it.
		runtime.UnlockOSThread()
	})
	done.Wait()
}

// run starts the program and traces it to its end.
func (t *tracer) run(ctx context.Context) error {
	if err := t.start(); err != nil {
		return err
	}
	defer t.closeFiles()
	var watch sync.WaitGroup
	done := make(chan struct{})
	watch.Go(func() { t.pass(ctx.Done(), done) })
	err := t.loop()
	close(done)
	watch.Wait()
	if err == nil && t.killed {
		err = context.Cause(ctx)
	}
	return err
}

// A tracer is one run of a program.
type tracer struct {
	Program
	emit func(Event)
	end  End
	bin  *program
	bias uint64 // of a position-independent binary: where it is, less where it says
	pid  int

	filtered   bool // the kernel leaves out what the runtime does for itself
	tasks      map[int]*task
	early      map[int]bool // threads that stopped before the call that made them
	unfinished []*call      // of threads that have ended

	creations map[creation]started
	heirs     map[int]*recording.Place // of goroutines that inherit a line, or none
	newproc   newproc
	stack     stack // that of the thread that makes a call
	gbuf      [gSize]byte
	files     files
	ids       int
	left      bool // the program has become another one by execve

	mu     sync.Mutex
	live   map[int]bool // threads that are not yet waited for
	killed bool
}

// A task is a thread of the program or of one of its children.
type task struct {
	tid  int
	own  bool  // it is the program's own
	call *call // that it is in, if it will be reported
	held *call // that a signal has interrupted and the kernel may start again
}

// A report is what wait gave.
type report struct {
	tid    int
	status unix.WaitStatus
}

// pass sends signals on, and the last one when the context is done.
func (t *tracer) pass(stop, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case s, ok := <-t.Signals:
			if !ok {
				t.Signals = nil
			} else if s, ok := s.(syscall.Signal); ok {
				t.mu.Lock()
				if t.live[t.pid] {
					_ = unix.Kill(t.pid, s)
				}
				t.mu.Unlock()
			}
		case <-stop:
			stop = nil
			t.mu.Lock()
			t.killed = true
			for tid := range t.live {
				_ = unix.Kill(tid, unix.SIGKILL)
			}
			t.mu.Unlock()
		}
	}
}

func (t *tracer) add(tid int, own bool) *task {
	task := &task{tid: tid, own: own}
	t.tasks[tid] = task
	t.alive(tid)
	return task
}

// alive takes note of a thread that is to be killed with the others.
func (t *tracer) alive(tid int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live[tid] = true
	if t.killed {
		_ = unix.Kill(tid, unix.SIGKILL)
	}
}

// openNull is the empty stdin and, where none is given, an output's end.
func openNull() (*os.File, error) { return os.OpenFile(os.DevNull, os.O_RDWR, 0) }
