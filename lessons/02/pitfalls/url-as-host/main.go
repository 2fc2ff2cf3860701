// Command url-as-host uses what the user typed as the name of a host.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	host := "http://www.lab.test/lines"
	fmt.Println("dialling", net.JoinHostPort(host, "80"))

	conn, err := net.Dial("tcp", net.JoinHostPort(host, "80"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
}
