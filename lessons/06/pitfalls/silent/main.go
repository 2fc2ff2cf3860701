// Command silent connects to a web server and reads, as the Python tutorial
// would have.
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

	fmt.Println("connected; read a line")
	line, err := bufio.NewReader(conn).ReadString('\n')
	fmt.Printf("%q, error: %v\n", line, err)
}
