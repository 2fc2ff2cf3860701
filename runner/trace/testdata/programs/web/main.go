// A web server and its client in one program: the transport's and the server's
// goroutines are package net/http's.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
)

func hello(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "hello")
	http.NewResponseController(w).Flush() // trace: write
}

func get(url string) {
	resp, err := http.Get(url) // trace: inherited:socket inherited:connect inherited:write inherited:read
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body) // trace:
	fmt.Printf("%s%v\n", b, err)    // trace: stdout
}

func main() {
	ln, err := net.Listen("tcp4", "127.0.0.1:0") // trace: socket listen
	if err != nil {
		panic(err)
	}
	go http.Serve(ln, http.HandlerFunc(hello)) // trace: accept4 inherited:read inherited:write
	get("http://" + ln.Addr().String())
}
