//go:build !unix

package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println("Lesson 05 needs a UNIX system; this is", runtime.GOOS+".")
}
