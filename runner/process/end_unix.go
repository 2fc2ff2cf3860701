//go:build unix && !linux

package process

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func closeOnExec() {}

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// await returns when the program has ended.
func (t *tree) await() error { return t.reap() }

// quit asks a Go program to print its goroutines and end.
func (t *tree) quit() { _ = unix.Kill(t.cmd.Process.Pid, unix.SIGQUIT) }

// kill ends the program and its group.
func (t *tree) kill() { _ = unix.Kill(-t.cmd.Process.Pid, unix.SIGKILL) }

// clean kills what is left of the program's group. How many that were is not
// known here, only whether there were any.
func (t *tree) clean(e *End) error {
	if unix.Kill(-t.cmd.Process.Pid, unix.SIGKILL) == nil {
		e.Stragglers = 1
	}
	return nil
}
