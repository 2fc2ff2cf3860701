// Caught by: Signals.
//
// It takes EINTR for the end of the attempt.

//go:build unix

package main

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: dialraw [-t MS] ADDRESS...")
	}
	ms := flag.Int("t", 1000, "milliseconds that an attempt may take")
	flag.Parse() // exits with 2 itself
	var peers []unix.Sockaddr
	for _, text := range flag.Args() {
		if peer := parse(text); peer != nil {
			peers = append(peers, peer)
		}
	}
	if len(peers) == 0 || len(peers) < flag.NArg() || *ms < 1 {
		flag.Usage()
		os.Exit(2)
	}
	code := 0
	for i, peer := range peers {
		line, err := dial(peer, time.Duration(*ms)*time.Millisecond)
		if err != nil {
			code = 1
			line = reason(err)
		}
		if line == "" {
			fmt.Fprintf(os.Stderr, "connect to %s: %v\n", flag.Arg(i), err)
			continue
		}
		fmt.Println(line)
	}
	os.Exit(code)
}

// parse is the address that a text stands for, or nil.
func parse(text string) unix.Sockaddr {
	if strings.HasPrefix(text, "/") {
		return &unix.SockaddrUnix{Name: text}
	}
	to, err := netip.ParseAddrPort(text)
	switch {
	case err != nil || to.Addr().Zone() != "":
		return nil
	case to.Addr().Is4():
		return &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}
	default:
		return &unix.SockaddrInet6{Addr: to.Addr().As16(), Port: int(to.Port())}
	}
}

// dial connects, and says which two ends the connection has.
func dial(peer unix.Sockaddr, limit time.Duration) (ends string, err error) {
	fd, err := unix.Socket(family(peer), unix.SOCK_STREAM, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		return "", err
	}
	err = unix.Connect(fd, peer)
	if errors.Is(err, unix.EINPROGRESS) || errors.Is(err, unix.EINTR) {
		err = finish(fd, limit)
	}
	if err != nil {
		return "", err
	}
	local, err := unix.Getsockname(fd)
	if err != nil {
		return "", err
	}
	remote, err := unix.Getpeername(fd)
	if err != nil {
		return "", err
	}
	return text(local) + " " + text(remote), nil
}

// finish waits for the end of an attempt, and says how it ended.
func finish(fd int, limit time.Duration) error {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	began := time.Now()
	n, err := unix.Poll(fds, int(limit.Milliseconds()))
	for errors.Is(err, unix.EINTR) && time.Since(began) < 100*time.Millisecond {
		n, err = unix.Poll(fds, int(limit.Milliseconds())) // so soon it is the runtime's own
	}
	switch {
	case err != nil:
		return err
	case n == 0:
		return unix.ETIMEDOUT
	}
	errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		err = unix.Errno(errno)
	}
	return err
}

// reason is the word for an error, "" if there is none.
func reason(err error) string {
	switch {
	case errors.Is(err, unix.ECONNREFUSED):
		return "refused"
	case errors.Is(err, unix.ETIMEDOUT):
		return "timeout"
	case errors.Is(err, unix.ENETUNREACH), errors.Is(err, unix.EHOSTUNREACH):
		return "unreachable"
	}
	return ""
}

func family(a unix.Sockaddr) int {
	switch a.(type) {
	case *unix.SockaddrInet4:
		return unix.AF_INET
	case *unix.SockaddrInet6:
		return unix.AF_INET6
	}
	return unix.AF_UNIX
}

// text writes an address as the command line has it; @ is one without a name.
func text(a unix.Sockaddr) string {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)).String()
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port)).String()
	case *unix.SockaddrUnix:
		if a.Name != "" {
			return a.Name
		}
	}
	return "@"
}
