//go:build unix

package lab

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// forget closes the descriptors that came with us from the lesson. A lesson
// that makes a socket by socket(2) without SOCK_CLOEXEC passes it on to every
// child, and a connection is closed when its last holder closes it: that must
// not be us. What the runtime has opened here is close-on-exec; what came
// through exec can't be.
func forget() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= 2 {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
}
