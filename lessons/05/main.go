//go:build unix

// Command 05 makes a reader of a connected socket, reads a reply with
// three sizes of buffer, and counts the reads.
//
// Usage: go run ./lessons/05 [IPV4:PORT]
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
	"sockets/lessons/lab/line"
)

// A counter passes reads on, none longer than limit, and counts them.
type counter struct {
	r            io.Reader
	limit, reads int
}

func (c *counter) Read(b []byte) (int, error) {
	c.reads++
	return c.r.Read(b[:min(len(b), c.limit)])
}

func main() {
	if len(os.Args) == 1 {
		os.Args = append(os.Args, line.Addr())
	}
	at, err := netip.ParseAddrPort(os.Args[1])
	if err != nil || !at.Addr().Is4() || len(os.Args) > 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./lessons/05 [IPV4:PORT]")
		os.Exit(2)
	}
	for _, limit := range []int{1, 4096, 65536} {
		if err := read(at, limit); err != nil {
			fmt.Fprintf(os.Stderr, "read from %v: %v\n", at, err)
			os.Exit(1)
		}
	}
}

// read connects, wraps the socket twice, and reads to the end.
func read(at netip.AddrPort, limit int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()

	to := unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	if err := unix.Connect(fd, &to); err != nil {
		return err
	}
	// Look, and take nothing, until all is here: what differs below is
	// then our doing, not the network's.
	n, _, err := unix.Recvfrom(fd, make([]byte, 1<<16), peek)
	
	deadline := time.Now().Add(5 * time.Second)
	fmt.Println("os.NewFile: deadline:", f.SetReadDeadline(deadline))
	conn, err := net.FileConn(f)
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Println("net.FileConn: deadline:", conn.SetReadDeadline(deadline))

	c := &counter{conn, limit, 0}
	lines, text := 0, bufio.NewScanner(c)
	text.Buffer(make([]byte, limit), 1<<16)
	for text.Scan() {
		lines++
	}
	fmt.Printf("%d lines, %d bytes a read: %d reads\n\n", lines, limit, c.reads)
	return text.Err()
}
