//go:build unix

// Command no-deadline sets a deadline and does not look whether it could.
package main

import (
	"fmt"
	"net/netip"
	"os"
	"time"

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
	f.SetReadDeadline(time.Now().Add(time.Second))

	fmt.Println("read for at most a second")
	n, err := f.Read(make([]byte, 100))
	fmt.Println(n, "bytes, error:", err)
}
