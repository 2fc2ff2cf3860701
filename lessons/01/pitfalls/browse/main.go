// Command browse takes what a port is for as proof of who is there.
package main

import (
	"fmt"
	"net/http"
	"os"

	"sockets/lessons/lab/ssh"
)

func main() {
	// A URL says HTTP; the server behind it was not asked.
	reply, err := http.Get("http://" + ssh.Addr() + "/")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer reply.Body.Close()
	fmt.Println(reply.Status)
}
