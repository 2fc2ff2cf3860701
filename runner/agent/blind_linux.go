package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/trace"
)

// prepare makes this process one that programs can't end, and that their orphans
// come to. Signals are taken and dropped, and not ignored: a program inherits
// what is ignored.
func prepare() {
	dropped := make(chan os.Signal, 1)
	signal.Notify(dropped)
	// In a pid namespace of our own orphans come to us in any case.
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// hide keeps our descriptors, over which we report, from other programs of our
// user: /proc shows them only of a process that may be dumped.
func hide() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("PR_SET_DUMPABLE: %w", err)
	}
	return nil
}

// send sends a signal. It fails with ErrEnded if the process has just been waited
// for.
func send(pid int, s syscall.Signal) error {
	if err := unix.Kill(pid, s); errors.Is(err, unix.ESRCH) {
		return ErrEnded
	} else if err != nil {
		return fmt.Errorf("send %s: %w", unix.SignalName(s), err)
	}
	return nil
}

// sendThreads sends a signal to each thread of a process. Those that end or begin
// meanwhile may miss it.
func sendThreads(pid int, s syscall.Signal) error {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return fmt.Errorf("list threads: %w", err)
	}
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err == nil {
			err = unix.Tgkill(pid, id, s)
		}
		if err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("send %s to a thread: %w", unix.SignalName(s), err)
		}
	}
	return nil
}

// blind runs the program without looking at it, until it and all that it has
// started are gone. When the context is done it kills them all.
func (a *inside) blind(ctx context.Context, p trace.Program) error {
	// The kernel kills the program when the thread that started it ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, err := trace.Start(p)
	if err != nil {
		return err
	}
	var killer sync.WaitGroup
	done := make(chan struct{})
	killer.Go(func() { killWhen(ctx.Done(), done) })
	for {
		var status unix.WaitStatus
		got, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			close(done)
			killer.Wait()
			return nil
		case err != nil:
			close(done)
			killer.Wait()
			return fmt.Errorf("wait for the program: %w", err)
		}
		if got == pid {
			end := trace.End{Exit: status.ExitStatus()}
			if status.Signaled() {
				end.Signal = unix.SignalName(status.Signal())
			}
			p.Exited(end)
		}
	}
}

// killWhen kills all processes below us when stop is closed, again and again
// until done is: some may be being made.
func killWhen(stop, done <-chan struct{}) {
	select {
	case <-stop:
	case <-done:
		return
	}
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		if os.Getpid() == 1 {
			_ = unix.Kill(-1, unix.SIGKILL) // all at once: a fork bomb is no faster
		} else {
			for _, p := range processes() {
				_ = unix.Kill(p.PID, unix.SIGKILL)
			}
		}
		select {
		case <-done:
			return
		case <-ticker.C:
		}
	}
}
