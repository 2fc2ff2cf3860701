// Command mute waits for a reply to a question that it never asked.
package main

import (
	"fmt"
	"io"
	"net"
)

func main() {
	conn, err := net.Dial("tcp", "192.0.2.80:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()

	// The server waits for a request; we wait for the reply.
	n, err := io.Copy(io.Discard, conn)
	fmt.Println(n, err)
}
