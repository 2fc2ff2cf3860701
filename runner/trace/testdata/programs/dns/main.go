// A name looked up by Go's own resolver, which runs on goroutines that package
// net starts. The server is a goroutine too.
package main

import (
	"context"
	"fmt"
	"net"
)

// answer makes a query the response that the name does not exist.
func answer(pc net.PacketConn) {
	b := make([]byte, 512)
	for {
		n, from, err := pc.ReadFrom(b) // trace: recvfrom
		if err != nil {
			return
		}
		b[2], b[3] = b[2]|0x80, 0x80|3
		pc.WriteTo(b[:n], from) // trace: sendto
	}
}

func main() {
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0") // trace: socket bind
	if err != nil {
		panic(err)
	}
	go answer(pc)
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp4", pc.LocalAddr().String()) // trace: socket connect
	}}
	addrs, err := r.LookupHost(context.Background(), "nowhere.test.") // trace: openat inherited:write inherited:read inherited:close
	fmt.Println(addrs, err != nil)                                    // trace: stdout
}
