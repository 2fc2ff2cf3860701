// Small functions, which the compiler would inline but for -gcflags=-l.
package main

import (
	"net"
	"os"
)

func listen() (net.Listener, error) {
	return net.Listen("tcp4", "127.0.0.1:0") // trace: socket bind listen getsockname
}

func say(s string) { os.Stdout.WriteString(s) } // trace: stdout

func main() {
	ln, err := listen()
	if err != nil {
		panic(err)
	}
	say("listening\n")
	ln.Close() // trace: close
}
