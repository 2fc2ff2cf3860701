// io.Copy that the kernel does: from one connection to another, and to stdout.
package main

import (
	"io"
	"net"
	"os"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func main() {
	ln := must(net.Listen("tcp4", "127.0.0.1:0"))     // trace: socket listen
	out := must(net.Dial("tcp4", ln.Addr().String())) // trace: connect
	in := must(ln.Accept())                           // trace: accept4
	out.Write([]byte("by the kernel\n"))              // trace: write
	out.Close()                                       // trace: close
	must(io.Copy(os.Stdout, in))                      // trace: splice stdout
}
