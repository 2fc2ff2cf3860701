// A program that starts another, which prints to the same stdout.
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("from the child")
		os.Exit(7)
	}
	cmd := exec.Command("/proc/self/exe", "child") // trace:
	cmd.Stdout = os.Stdout
	err := cmd.Run()             // trace: clone|clone3 waitid|wait4
	fmt.Println("from us:", err) // trace: stdout
}
