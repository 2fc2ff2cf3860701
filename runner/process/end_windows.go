package process

import "syscall"

func closeOnExec() {}

func attributes() *syscall.SysProcAttr { return nil }

// await returns when the program has ended.
func (t *tree) await() error { return t.reap() }

// quit ends the program: there is no SIGQUIT.
func (t *tree) quit() { t.kill() }

// kill ends the program, but not what it started.
func (t *tree) kill() { _ = t.cmd.Process.Kill() }

// clean has nothing to do that we could do.
func (t *tree) clean(*End) error { return nil }

func signalName(s syscall.Signal) string { return s.String() }
