//go:build unix

// Command leak closes a connection that has a second descriptor.
package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"sockets/lessons/lab/echo"
)

func main() {
	to := netip.MustParseAddrPort(echo.Addr())
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "socket:", err)
		os.Exit(1)
	}
	a := unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	if err := unix.Connect(fd, &a); err != nil {
		fmt.Fprintln(os.Stderr, "connect:", err)
		os.Exit(1)
	}

	f := os.NewFile(uintptr(fd), "socket")
	conn, err := net.FileConn(f)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("close:", conn.Close())

	if _, err := unix.Getpeername(fd); err == nil {
		fmt.Fprintln(os.Stderr, "closed, and still connected to", to)
		os.Exit(1)
	}
}
