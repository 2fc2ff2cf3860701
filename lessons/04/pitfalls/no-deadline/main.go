//go:build unix

// Command no-deadline waits in connect(2) for as long as the kernel does.
package main

import (
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"sockets/lessons/lab/mute"
)

func main() {
	to := netip.MustParseAddrPort(mute.Addr())
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	fmt.Println("connect to", to)
	a := unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	err = unix.Connect(fd, &a)
	fmt.Println("connect returned:", err)
}
