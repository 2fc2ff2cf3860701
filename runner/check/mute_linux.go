package check

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

const canMute = true

// drop has the kernel drop each segment that arrives for the listener, SYNs too:
// a socket filter that keeps no byte of anything.
func drop(ln *net.TCPListener) error {
	nothing := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K}
	filter := unix.SockFprog{Len: 1, Filter: &nothing}
	raw, err := ln.SyscallConn()
	if err == nil {
		var refused error
		err = raw.Control(func(fd uintptr) {
			refused = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &filter)
		})
		err = errors.Join(err, refused)
	}
	if err != nil {
		return fmt.Errorf("make %s drop what arrives: %w", ln.Addr(), err)
	}
	return nil
}
