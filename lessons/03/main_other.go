//go:build !linux

package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println("Lesson 03 asks a Linux kernel; this is", runtime.GOOS+".")
}
