// Command both-wait reads first from a server that reads first.
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
	fmt.Println("connected; now for its greeting")

	// No deadline, so nothing ends this read.
	line, err := bufio.NewReader(conn).ReadString('\n')
	fmt.Println(line, err)
}
