// Command browse takes what it calls a server for proof of what it is.
package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"

	"sockets/lessons/lab/ssh"
)

func main() {
	webServer := ssh.Addr() // somebody said so
	conn, err := net.Dial("tcp", webServer)
	exit(err)
	defer conn.Close()

	fmt.Fprint(conn, "GET / HTTP/1.0\r\n\r\n")
	reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
	exit(err)
	defer reply.Body.Close()
	fmt.Println(reply.Status)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
