// An echo server and clients, each on a goroutine of its own.
package main

import (
	"fmt"
	"io"
	"net"
	"sync"
)

func serve(ln net.Listener) {
	for {
		conn, err := ln.Accept() // trace: accept4 close
		if err != nil {
			return
		}
		go func() {
			defer conn.Close() // trace: close epoll_ctl
			b := make([]byte, 64)
			for {
				n, err := conn.Read(b) // trace: read
				if err != nil {
					return
				}
				conn.Write(b[:n]) // trace: write
			}
		}()
	}
}

func dial(addr string) {
	conn, err := net.Dial("tcp4", addr) // trace: socket connect setsockopt
	if err != nil {
		panic(err)
	}
	defer conn.Close()                          // trace: close
	fmt.Fprintln(conn, "hello")                 // trace: write
	conn.(*net.TCPConn).CloseWrite()            // trace: shutdown
	if _, err := io.ReadAll(conn); err != nil { // trace: read
		panic(err)
	}
}

func main() {
	ln, err := net.Listen("tcp4", "127.0.0.1:0") // trace: socket bind listen
	if err != nil {
		panic(err)
	}
	var server, clients sync.WaitGroup
	server.Go(func() { serve(ln) })
	for range 20 {
		clients.Go(func() { dial(ln.Addr().String()) })
	}
	clients.Wait()
	ln.Close() // the last to use it closes it: Accept
	server.Wait()
	fmt.Println("done") // trace: stdout
}
