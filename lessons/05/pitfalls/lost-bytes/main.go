// Command lost-bytes reads one line through a buffer and the next one past
// it.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"time"

	"sockets/lessons/lab/echo"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	conn, err := net.Dial("tcp", echo.Addr())
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("one\ntwo\n")); err != nil {
		return err
	}

	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	fmt.Printf("the buffered reader: %q\n", line)

	conn.SetReadDeadline(time.Now().Add(time.Second))
	b := make([]byte, 100)
	n, err := conn.Read(b)
	if err != nil {
		return err
	}
	fmt.Printf("the connection: %q\n", b[:n])
	return nil
}
