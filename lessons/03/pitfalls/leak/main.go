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

	// Test -S succeeds if the file is a socket; "self" is test itself.
	file := fmt.Sprintf("/proc/self/fd/%d", fd)
	if exec.Command("test", "-S", file).Run() == nil {
		fmt.Fprintln(os.Stderr, "the other program has the socket")
		os.Exit(1)
	}
	fmt.Println("the other program has no such descriptor")
}
