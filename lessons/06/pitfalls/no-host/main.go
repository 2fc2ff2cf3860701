// Command no-host speaks HTTP/1.1 and does not say to whom.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"

	"sockets/lessons/lab/web"
)

func main() {
	conn, err := net.Dial("tcp", web.Addr())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()

	fmt.Fprint(conn, "GET / HTTP/1.1\r\n\r\n")
	status, err := bufio.NewReader(conn).ReadString('\n')
	fmt.Printf("%q, error: %v\n", status, err)
	if !strings.Contains(status, " 200 ") {
		os.Exit(1)
	}
}
