//go:build unix

// Command writable takes a writable socket for a connected one.
package main

import (
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"sockets/lessons/lab/closed"
)

func main() {
	if err := greet(netip.MustParseAddrPort(closed.Addr())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func greet(to netip.AddrPort) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	a := unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	if err := unix.Connect(fd, &a); err != unix.EINPROGRESS {
		return fmt.Errorf("connect: %w", err)
	}

	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	if _, err := unix.Poll(fds, 1500); err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	if fds[0].Revents&unix.POLLOUT != 0 {
		fmt.Println("writable, so connected")
	}

	if _, err := unix.Write(fd, []byte("hello\n")); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
