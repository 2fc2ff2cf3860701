// Calls in generic functions and in methods of generic types.
package main

import (
	"fmt"
	"net"
)

type box[T net.Conn] struct{ conn T }

func (b box[T]) send(s string) error {
	_, err := b.conn.Write([]byte(s)) // trace: write
	return err
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func main() {
	addr := must(net.ResolveUDPAddr("udp4", "127.0.0.1:0"))
	server := must(net.ListenUDP("udp4", addr))                                 // trace: socket bind
	client := must(net.DialUDP("udp4", nil, server.LocalAddr().(*net.UDPAddr))) // trace: socket connect
	if err := (box[*net.UDPConn]{client}).send("ping"); err != nil {
		panic(err)
	}
	b := make([]byte, 16)
	n, _, err := server.ReadFromUDP(b) // trace: recvfrom
	fmt.Println(string(b[:n]), err)    // trace: stdout
}
