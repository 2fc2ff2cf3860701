//go:build linux

// Command leak makes a socket without SOCK_CLOEXEC, and then starts another
// program.
package main

import (
	"fmt"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

func main() {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "socket:", err)
		os.Exit(1)
	}

	// What does that number mean in the other program?
	file := fmt.Sprintf("/proc/self/fd/%d", fd)
	out, err := exec.Command("readlink", file).Output()
	if err == nil {
		fmt.Fprintf(os.Stderr, "readlink has %s", out)
		os.Exit(1)
	}
	fmt.Println("readlink has no such descriptor")
}
