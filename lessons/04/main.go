//go:build unix

// Command 04 connects a socket, one system call at a time.
//
// Usage: go run ./lessons/04 [IPV4:PORT]
package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"sockets/lessons/lab/echo"
)

func main() {
	if len(os.Args) == 1 {
		os.Args = append(os.Args, echo.Addr())
	}
	to, err := netip.ParseAddrPort(os.Args[1])
	if err != nil || !to.Addr().Is4() || len(os.Args) > 2 {
		fmt.Fprintln(os.Stderr, "usage: 04 [IPV4:PORT]")
		os.Exit(2)
	}
	if err := connect(to); err != nil {
		fmt.Fprintf(os.Stderr, "connect to %v: %v\n", to, err)
		os.Exit(1)
	}
}

func connect(to netip.AddrPort) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)

	_, err = unix.Getpeername(fd)
	fmt.Println("peer:", err)

	// The struct sockaddr_in of Linux: family, port, address, zeros.
	b := binary.NativeEndian.AppendUint16(nil, unix.AF_INET)
	b = binary.BigEndian.AppendUint16(b, to.Port())
	fmt.Printf("%v is % x % x % x\n", to, b, to.Addr().As4(), [8]byte{})

	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	a := unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	err = unix.Connect(fd, &a)
	fmt.Println("connect:", err)
	if err != unix.EINPROGRESS {
		return err
	}

	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	n, err := unix.Poll(fds, 1500)
	for err == unix.EINTR { // by a signal: wait again
		n, err = unix.Poll(fds, 1500)
	}
	if n < 1 {
		return cmp.Or(err, fmt.Errorf("no answer in 1.5 seconds"))
	}

	errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	fmt.Printf("SO_ERROR: %d\n", errno)
	if err != nil || errno != 0 {
		return cmp.Or[error](err, unix.Errno(errno))
	}

	local, err := unix.Getsockname(fd)
	if a, ok := local.(*unix.SockaddrInet4); ok {
		fmt.Printf("from %v:%d\n", netip.AddrFrom4(a.Addr), a.Port)
	}
	return err
}
