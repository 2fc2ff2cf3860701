//go:build linux

// Command raw wants to see ICMP, with the rights of a plain user.
package main

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

func main() {
	// Capabilities belong to a thread, so the goroutine stays on it.
	// Whoever starts this program, it has none from here on.
	runtime.LockOSThread()
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&head, &none[0]); err != nil {
		fmt.Fprintln(os.Stderr, "capset:", err)
		os.Exit(1)
	}

	kind := unix.SOCK_RAW | unix.SOCK_CLOEXEC
	fd, err := unix.Socket(unix.AF_INET, kind, unix.IPPROTO_ICMP)
	if err != nil {
		fmt.Fprintln(os.Stderr, "socket:", err)
		os.Exit(1)
	}
	fmt.Println("a raw socket, number", fd)
}
