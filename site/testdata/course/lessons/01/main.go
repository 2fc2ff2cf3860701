// Command 01 asks a web server for a text, call by call.
//
// Usage: go run ./lessons/01 [HOST]
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

func main() {
	// A name is not an address: somebody has to be asked.
	host := "www.lab.test"
	if len(os.Args) > 1 {
		host = os.Args[1]
	}
	addrs, err := net.LookupHost(host)
	exit("look up", err)
	fmt.Println(host, "is", addrs)

	// The kernel makes an endpoint, and gives us its number.
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	exit("socket", err)
	fmt.Println("descriptor", fd)

	// Connect takes bytes: the kernel knows no names.
	peer := &unix.SockaddrInet4{Port: 80}
	copy(peer.Addr[:], net.ParseIP(addrs[0]).To4())
	exit("connect", unix.Connect(fd, peer))

	// Nothing is sent until somebody writes.
	request := "GET /text HTTP/1.0\r\nHost: www.lab.test\r\n\r\n"
	n, err := unix.Write(fd, []byte(request))
	exit("write", err)
	fmt.Println("wrote", n, "bytes")

	reply := bufio.NewReader(os.NewFile(uintptr(fd), "peer"))
	for range 3 {
		line, err := reply.ReadString('\n')
		exit("read", err)
		fmt.Printf("%q\n", line)
	}
	rest, err := io.Copy(io.Discard, oneByte{reply})
	exit("read", err)
	fmt.Println("and more than", rest/1000*1000, "bytes")
}

// oneByte is a reader that asks for a byte at a time.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(b []byte) (int, error) { return o.r.Read(b[:1]) }

// exit ends the program, in a sentence, if err says why.
func exit(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}
