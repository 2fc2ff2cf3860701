//go:build !unix

package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	fmt.Fprintln(os.Stderr, "dialraw needs a UNIX system; this is", runtime.GOOS+".")
	os.Exit(1)
}
