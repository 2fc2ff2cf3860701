package pocket

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// A thread is an operating system's thread in a network namespace of its own.
type thread struct {
	work      chan func()
	done      chan struct{}
	namespace int
}

func newThread(own bool) (*thread, error) {
	t := &thread{work: make(chan func()), done: make(chan struct{})}
	go func() {
		// Never unlocked: the thread ends with its goroutine.
		runtime.LockOSThread()
		for f := range t.work {
			f()
			t.done <- struct{}{}
		}
		close(t.done)
	}()
	var err error
	t.do(func() {
		if own {
			if err = unix.Unshare(unix.CLONE_NEWNET); err != nil {
				err = &Refused{"make a second network namespace", err, "raise user.max_net_namespaces"}
				return
			}
		}
		t.namespace, err = namespace()
	})
	if err != nil {
		t.end()
		return nil, err
	}
	return t, nil
}

// do runs f on the thread.
func (t *thread) do(f func()) {
	t.work <- f
	<-t.done
}

// end ends the thread. The namespace remains as long as something is in it.
func (t *thread) end() {
	close(t.work)
	<-t.done
	if t.namespace > 0 {
		_ = unix.Close(t.namespace)
	}
}

// namespace opens the network namespace of the calling thread.
func namespace() (int, error) {
	fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("open the network namespace: %w", err)
	}
	return fd, nil
}
