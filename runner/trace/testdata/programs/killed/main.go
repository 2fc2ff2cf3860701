// A program that a signal ends.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	fmt.Println("going")                       // trace: stdout
	syscall.Kill(os.Getpid(), syscall.SIGKILL) // trace: kill getpid
	select {}
}
