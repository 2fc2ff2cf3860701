//go:build unix

package check

import "syscall"

// closeOnExec keeps a descriptor from the processes that we start.
func closeOnExec(fd int) { syscall.CloseOnExec(fd) }
