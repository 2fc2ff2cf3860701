//go:build !linux

package agent

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"sockets/runner/trace"
)

func prepare() { signal.Notify(make(chan os.Signal, 1)) }

func hide() error { return nil }

func send(pid int, s syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err = p.Signal(s); errors.Is(err, os.ErrProcessDone) {
		err = ErrEnded
	}
	return errors.Join(err, p.Release())
}

// sendThreads leaves it to the kernel which thread gets the signal.
func sendThreads(pid int, s syscall.Signal) error { return send(pid, s) }

// processes is none: how to find them here is not known.
func processes() []Process { return nil }

func (*Process) count() {}

func spent() (user, system time.Duration) { return 0, 0 }

// blind runs the program without looking at it. When the context is done it
// kills it; what the program has started is for package process.
func (a *inside) blind(ctx context.Context, p trace.Program) error {
	if p.Stdin == nil {
		null, err := os.Open(os.DevNull)
		if err != nil {
			return err
		}
		defer func() { _ = null.Close() }()
		p.Stdin = null
	}
	process, err := os.StartProcess(p.Path, append([]string{p.Path}, p.Args...), &os.ProcAttr{
		Dir: p.Dir, Env: p.Env, Files: []*os.File{p.Stdin, p.Stdout, p.Stderr},
	})
	if err != nil {
		return err
	}
	p.Started(process.Pid)
	var killer sync.WaitGroup
	done := make(chan struct{})
	killer.Go(func() {
		select {
		case <-ctx.Done():
			_ = process.Kill()
		case <-done:
		}
	})
	state, err := process.Wait()
	close(done)
	killer.Wait()
	if err != nil {
		return err
	}
	p.Exited(trace.End{Exit: state.ExitCode()})
	return nil
}
