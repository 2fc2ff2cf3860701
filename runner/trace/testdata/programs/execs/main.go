// A program that becomes another.
package main

import (
	"os"
	"syscall"
)

func main() {
	if len(os.Args) > 1 {
		os.Stdout.WriteString("another\n")
		return
	}
	os.Stdout.WriteString("one\n")                                         // trace: stdout
	err := syscall.Exec("/proc/self/exe", []string{"again", "again"}, nil) // trace: execve=0
	panic(err)
}
