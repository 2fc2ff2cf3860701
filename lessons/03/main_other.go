//go:build !linux

package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println("Lesson 03 asks a Linux kernel what its sockets are, and this is", runtime.GOOS+".")
}
