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

	line, _, err := bufio.NewReader(conn).ReadLine()
	fmt.Println("a line of", len(line), "bytes, error:", err)
	if string(line) != sent {
		fmt.Fprintln(os.Stderr, "sent a line of", len(sent), "bytes")
		os.Exit(1)
	}
}
