// epoll by hand, on a thread of its own.
package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0) // trace: socketpair
	must(err)
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC) // trace: epoll_create1
	must(err)
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(pair[0])}
	must(unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, pair[0], &event)) // trace: epoll_ctl
	_, err = unix.Read(pair[0], make([]byte, 8))                 // trace: read=EAGAIN
	fmt.Println(err)                                             // trace: stdout
	_, err = unix.Write(pair[1], []byte("x"))                    // trace: write=1
	must(err)
	ready := make([]unix.EpollEvent, 4)
	n, err := unix.EpollWait(ep, ready, 1000) // trace: epoll_wait|epoll_pwait=1
	fmt.Println(n, err)                       // trace: stdout
	must(unix.Close(pair[1]))                 // trace: close
}
