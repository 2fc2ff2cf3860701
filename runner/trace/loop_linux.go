//go:build amd64 || arm64

package trace

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// loop handles what the threads report, until there are none.
func (t *tracer) loop() error {
	for len(t.tasks)+len(t.early) > 0 {
		if len(t.tasks) == 0 {
			if err := t.adopt(); err != nil {
				return err
			}
		}
		r, err := t.next()
		if errors.Is(err, unix.ECHILD) {
			break
		}
		if err == nil {
			err = t.handle(r)
		}
		if err != nil {
			t.abandon()
			return err
		}
	}
	t.finishLeft()
	return nil
}

// adopt lets those go on whose creator was killed before it could report them.
// They are processes: threads die with their creator.
func (t *tracer) adopt() error {
	for tid := range t.early {
		delete(t.early, tid)
		if err := t.resume(t.add(tid, false), 0); err != nil {
			return err
		}
	}
	return nil
}

func (t *tracer) next() (report, error) {
	tid, status, err := wait(-1, 0)
	if err != nil {
		return report{}, fmt.Errorf("wait for the program: %w", err)
	}
	return report{tid, status}, nil
}

// abandon ends what can't be traced any further.
func (t *tracer) abandon() {
	t.mu.Lock()
	for tid := range t.live {
		_ = unix.Kill(tid, unix.SIGKILL)
	}
	t.mu.Unlock()
	for {
		if _, _, err := wait(-1, 0); err != nil {
			return
		}
	}
}

func (t *tracer) handle(r report) error {
	if r.status.Exited() || r.status.Signaled() {
		t.gone(r)
		return nil
	}
	task := t.tasks[r.tid]
	if task == nil {
		t.early[r.tid] = true // it stays where it is until its creator reports
		t.alive(r.tid)
		return nil
	}
	sig, event := r.status.StopSignal(), int(r.status)>>16
	switch {
	case sig == unix.SIGTRAP|0x80, event == unix.PTRACE_EVENT_SECCOMP:
		return t.call(task, event != 0)
	case event == unix.PTRACE_EVENT_CLONE, event == unix.PTRACE_EVENT_FORK, event == unix.PTRACE_EVENT_VFORK:
		return t.born(task, event)
	case event == unix.PTRACE_EVENT_EXEC:
		return t.executed(task)
	case event == unix.PTRACE_EVENT_STOP && sig != unix.SIGTRAP:
		return ptrace(unix.PTRACE_LISTEN, r.tid, 0) // stopped by a signal, until SIGCONT
	case event != 0:
		return t.resume(task, 0)
	case sig == unix.SIGTRAP && t.newproc.stop != 0:
		if ours, err := t.created(task); err != nil {
			return err
		} else if ours {
			return t.resume(task, 0)
		}
	}
	if h := task.held; h != nil && !h.restarts {
		task.held = nil
		t.finish(h, -int64(unix.EINTR))
	}
	return t.resume(task, sig)
}

// resume lets the thread go on, to the end of the call that it is in, or to the
// next one.
func (t *tracer) resume(task *task, sig syscall.Signal) error {
	request := unix.PTRACE_CONT
	if task.call != nil || !t.filtered {
		request = unix.PTRACE_SYSCALL
	}
	return ptrace(request, task.tid, uintptr(sig))
}

// gone takes note that a thread has ended.
func (t *tracer) gone(r report) {
	t.mu.Lock()
	delete(t.live, r.tid)
	t.mu.Unlock()
	if task := t.tasks[r.tid]; task != nil {
		for _, c := range []*call{task.call, task.held} {
			if c != nil {
				t.unfinished = append(t.unfinished, c)
			}
		}
		delete(t.tasks, r.tid)
	}
	delete(t.early, r.tid)
	if r.tid != t.pid {
		return
	}
	if r.status.Exited() {
		t.end.Exit = r.status.ExitStatus()
	} else {
		t.end.Signal = unix.SignalName(r.status.Signal())
	}
	if t.Exited != nil {
		t.Exited(t.end)
	}
}

// born takes note of a new thread or process.
func (t *tracer) born(task *task, event int) error {
	tid, err := unix.PtraceGetEventMsg(task.tid)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask for a new thread: %w", err)
	}
	own := task.own && event == unix.PTRACE_EVENT_CLONE && t.isThread(task.tid)
	child := t.add(int(tid), own)
	if t.early[int(tid)] {
		delete(t.early, int(tid))
		if err := t.resume(child, 0); err != nil {
			return err
		}
	}
	return t.resume(task, 0)
}

// isThread reports whether the clone that the thread is in makes a thread.
func (t *tracer) isThread(tid int) bool {
	var regs registers
	if err := getRegisters(tid, &regs); err != nil {
		return true // it has vanished, and with it the new one
	}
	nr, args := regs.inside()
	flags := args[0]
	if nr == unix.SYS_CLONE3 {
		flags, _ = memory(tid).word(args[0])
	}
	return flags&unix.CLONE_THREAD != 0
}

// executed takes note that a process runs another program from now on.
func (t *tracer) executed(now *task) error {
	former, err := unix.PtraceGetEventMsg(now.tid)
	if err == nil && int(former) != now.tid {
		// A thread that was not the first became it; the first has left no end.
		if was := t.tasks[int(former)]; was != nil {
			now.call, now.held = was.call, was.held
			delete(t.tasks, was.tid)
			t.mu.Lock()
			delete(t.live, was.tid)
			t.mu.Unlock()
		}
	}
	if now.own {
		t.left = true
		now.own = false
	}
	return t.resume(now, 0)
}
