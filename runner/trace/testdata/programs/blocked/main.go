// accept by hand, which nobody answers.
package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0) // trace: socket
	must(err)
	must(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})) // trace: bind
	must(unix.Listen(fd, 1))                                              // trace: listen
	fmt.Println("waiting")                                                // trace: stdout
	_, _, err = unix.Accept(fd)                                           // trace: accept|accept4=?
	must(err)
}
