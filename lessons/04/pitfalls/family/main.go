//go:build unix

// Command family gives a socket the address of another family.
package main

import (
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

func main() {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "socket:", err)
		os.Exit(1)
	}

	to := netip.MustParseAddrPort("[2001:db8::80]:80")
	a := unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	if err := unix.Connect(fd, &a); err != nil {
		fmt.Fprintf(os.Stderr, "connect to %v: %v\n", to, err)
		os.Exit(1)
	}
}
