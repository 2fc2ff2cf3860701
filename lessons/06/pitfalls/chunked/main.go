// Command chunked takes chunks for the page itself.
package main

import (
	"bytes"
	"fmt"
	"io"
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

	fmt.Fprint(conn, "GET /slow HTTP/1.1\r\nHost: lab.test\r\n"+
		"Connection: close\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	_, page, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	fmt.Printf("%q\n", page)
	if !bytes.HasPrefix(page, []byte("part 1 of 5")) {
		fmt.Fprintln(os.Stderr, "the page does not begin with part 1")
		os.Exit(1)
	}
}
