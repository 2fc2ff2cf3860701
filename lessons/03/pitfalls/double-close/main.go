//go:build linux

// Command double-close closes a number that already stands for another socket.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func main() {
	kind := unix.SOCK_DGRAM | unix.SOCK_CLOEXEC
	first, err := unix.Socket(unix.AF_INET, kind, 0)
	exit(err)
	exit(unix.Close(first))

	second, err := unix.Socket(unix.AF_INET, kind, 0)
	exit(err)
	fmt.Println("the second has the first one's number:", second == first)

	// Once more, to be safe. It succeeds.
	exit(unix.Close(first))
	_, err = unix.Getsockname(second)
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
