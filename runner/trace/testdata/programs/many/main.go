// A hundred thousand calls.
package main

import (
	"fmt"
	"syscall"
)

func main() {
	fd, err := syscall.Open("/dev/zero", syscall.O_RDONLY, 0) // trace: openat
	if err != nil {
		panic(err)
	}
	b, total := make([]byte, 1), 0
	for range 100_000 {
		n, _ := syscall.Read(fd, b) // trace: read
		total += n
	}
	fmt.Println(total) // trace: stdout
}
