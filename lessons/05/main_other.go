//go:build !unix

// Command 05 says why it does not run here.
package main

import "fmt"

func main() {
	fmt.Println("Lesson 05 makes the system calls of UNIX, which Windows doesn't have: run it on Linux or macOS.")
}
