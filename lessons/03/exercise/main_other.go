//go:build !linux

package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	fmt.Fprintln(os.Stderr, "sockinfo asks a Linux kernel; this is", runtime.GOOS+".")
	os.Exit(1)
}
