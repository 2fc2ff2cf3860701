// Hang waits for a peer that never dials.
package main

import (
	"fmt"
	"net"
)

func main() {
	ln, _ := net.Listen("tcp", "127.0.0.1:0")
	fmt.Println("waiting")
	_, err := ln.Accept()
	fmt.Println("unreachable", err)
}
