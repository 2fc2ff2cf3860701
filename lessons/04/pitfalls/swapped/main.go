//go:build unix

// Command swapped turns the bytes of a port round, as a C program must. But
// package unix does that as well.
package main

import (
	"fmt"
	"math/bits"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"sockets/lessons/lab/echo"
)

func main() {
	host := netip.MustParseAddrPort(echo.Addr()).Addr()
	port := bits.ReverseBytes16(80) // htons
	fmt.Println("80 turned round is", port)

	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "socket:", err)
		os.Exit(1)
	}
	a := unix.SockaddrInet4{Port: int(port), Addr: host.As4()}
	if err := unix.Connect(fd, &a); err != nil {
		fmt.Fprintf(os.Stderr, "connect to %v:%d: %v\n", host, a.Port, err)
		os.Exit(1)
	}
}
