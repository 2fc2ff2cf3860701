// Command brackets glues host and port together with a colon.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	host, port := "2001:db8::80", 80
	fmt.Println("JoinHostPort:", net.JoinHostPort(host, "80"))

	// One colon more among four, and nobody knows which one it is.
	_, err := net.Dial("tcp", fmt.Sprintf("%s:%d", host, port))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
