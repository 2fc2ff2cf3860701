// Command nobody-accepts takes a connection for a server that is at work.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	// This server listens, and will never call Accept.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	exit(err)
	defer ln.Close()

	conn, err := net.Dial("tcp", ln.Addr().String())
	exit(err)
	defer conn.Close()
	fmt.Println("connected to", conn.RemoteAddr())

	n, err := fmt.Fprint(conn, "hello\r\n")
	exit(err)
	fmt.Println("sent", n, "bytes, and no error")

	conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	_, err = bufio.NewReader(conn).ReadString('\n')
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
