//go:build linux

// Command swapped gives family and type in the wrong order.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func main() {
	// Both are ints: neither the compiler nor the kernel objects.
	fd, err := unix.Socket(unix.SOCK_STREAM, unix.AF_INET, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "socket:", err)
		os.Exit(1)
	}
	fmt.Println("socket: fine")

	// Port 9 of loopback: a good address for AF_INET.
	to := &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}}
	if err := unix.Connect(fd, to); err != nil {
		fmt.Fprintln(os.Stderr, "connect:", err)
		os.Exit(1)
	}
}
