// Command keep-alive reads an answer of HTTP/1.1 to the end of a connection
// that does not end.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"

	"sockets/lessons/lab/web"
)

func main() {
	conn, err := net.Dial("tcp", web.Addr())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()

	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: lab.test\r\n\r\n")
	in := bufio.NewScanner(conn)
	for in.Scan() {
		fmt.Println(in.Text())
	}
	fmt.Println("the end, error:", in.Err())
}
