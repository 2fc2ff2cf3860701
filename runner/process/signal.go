//go:build unix

package process

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// signalName is the signal's name as in signal(7): "SIGPIPE".
func signalName(s syscall.Signal) string {
	if name := unix.SignalName(s); name != "" {
		return name
	}
	return s.String()
}
