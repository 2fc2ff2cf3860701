// Command brackets glues host and port together with a colon.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	host, port := "2001:db8::7f", "80"
	fmt.Println("JoinHostPort:", net.JoinHostPort(host, port))

	// One colon more among four, and nobody knows which one it is.
	conn, err := net.Dial("tcp", host+":"+port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
}
