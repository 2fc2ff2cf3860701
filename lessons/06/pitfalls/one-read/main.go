// Command one-read takes what one Read returns for the whole answer.
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

	fmt.Fprint(conn, "GET /slow HTTP/1.0\r\n\r\n")
	answer := make([]byte, 1<<20)
	n, err := conn.Read(answer)
	fmt.Println("one read, error:", err)

	rest, err := io.ReadAll(conn)
	fmt.Println("the rest, error:", err)
	last := []byte("part 5 of 5\n")
	if !bytes.HasSuffix(answer[:n], last) && bytes.HasSuffix(rest, last) {
		fmt.Fprintln(os.Stderr, "part 5 came with the rest")
		os.Exit(1)
	}
}
