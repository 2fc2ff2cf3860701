// Command cut-line takes what ReadLine returns for a line.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"

	"sockets/lessons/lab/echo"
)

func main() {
	conn, err := net.Dial("tcp", echo.Addr())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
	sent := strings.Repeat("x", 5000)
	fmt.Fprintf(conn, "%s\n", sent)

	in := bufio.NewReader(conn)
	first, _, err := in.ReadLine()
	fmt.Println("a line of", len(first), "bytes, error:", err)
	second, _, err := in.ReadLine()
	fmt.Println("a line of", len(second), "bytes, error:", err)
	if string(first) != sent {
		fmt.Fprintln(os.Stderr, "sent one line of", len(sent), "bytes")
		os.Exit(1)
	}
}
