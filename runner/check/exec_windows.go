package check

import "syscall"

// closeOnExec keeps a handle from the processes that we start.
func closeOnExec(fd int) { syscall.CloseOnExec(syscall.Handle(fd)) }
