// Command no-such-name asks the table for names that it may not hold.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	failed := false
	for _, name := range []string{"http", "grpc", "70000"} {
		port, err := net.LookupPort("tcp", name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed = true
			continue
		}
		fmt.Println(name, "is", port)
	}
	if failed {
		os.Exit(1)
	}
}
