//go:build unix

// Command 05 reads a text with and without a buffer, and counts.
//
// Usage: go run ./lessons/05 [IPV4:PORT]
package main

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"sockets/lessons/lab/line"
)

func main() {
	if len(os.Args) == 1 {
		os.Args = append(os.Args, line.Addr())
	}
	from, err := netip.ParseAddrPort(os.Args[1])
	if err != nil || !from.Addr().Is4() || len(os.Args) > 2 {
		fmt.Fprintln(os.Stderr, "usage: 05 [IPV4:PORT]")
		os.Exit(2)
	}
	later := time.Now().Add(5 * time.Second)
	time.AfterFunc(time.Until(later), func() { exit(unix.ETIMEDOUT) })

	for _, size := range []int{1, 4096} {
		fd, sum, reads := connect(from), 0, 0
		for n, buf := 1, make([]byte, size); n > 0; reads++ {
			n, err = unix.Read(fd, buf)
			exit(err)
			sum += n
		}
		fmt.Printf("up to %4d: %d bytes, %4d reads\n", size, sum, reads)
		exit(unix.Close(fd))
	}

	f := os.NewFile(uintptr(connect(from)), "socket")
	fmt.Println("os.File, deadline: ", f.SetReadDeadline(later))

	conn, err := net.FileConn(f)
	exit(err)
	exit(f.Close())
	fmt.Println("net.Conn, deadline:", conn.SetReadDeadline(later))

	in, lines := bufio.NewScanner(conn), 0
	for in.Scan() {
		lines++
	}
	exit(in.Err())
	fmt.Println("bufio.Scanner:     ", lines, "lines")
	exit(conn.Close())
}

// connect connects a blocking socket, and waits for the whole text.
func connect(to netip.AddrPort) int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	exit(err)
	a := unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	exit(unix.Connect(fd, &a))

	peek := unix.MSG_PEEK | unix.MSG_WAITALL // take nothing yet
	_, _, err = unix.Recvfrom(fd, make([]byte, 1<<16), peek)
	exit(err)
	return fd
}

// exit ends the program if err says why.
func exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
