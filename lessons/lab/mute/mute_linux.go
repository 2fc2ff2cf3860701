package mute

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	maxFill = 16 // connections that may be needed to fill the queue
	probeMS = 50 // how long an answer over loopback may take; it takes far less
)

// Hold takes a port of host and fills the queue of its listener until a SYN
// stays unanswered.
func Hold(host string) (string, io.Closer, error) {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return "", nil, err
	}
	var p port
	addr, err := p.fill(ip)
	if err != nil {
		return "", nil, errors.Join(err, p.Close())
	}
	return addr, &p, nil
}

// A port is the descriptors that keep it mute: the listener first, then the
// connections in its queue.
type port struct{ fds []int }

// Close gives the port back.
func (p *port) Close() error {
	var errs []error
	for _, fd := range p.fds {
		errs = append(errs, unix.Close(fd))
	}
	p.fds = nil
	return errors.Join(errs...)
}

func (p *port) socket(ip netip.Addr) (int, error) {
	family := unix.AF_INET
	if ip.Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		p.fds = append(p.fds, fd)
	}
	return fd, err
}

// fill listens on ip and connects until there is no answer.
func (p *port) fill(ip netip.Addr) (string, error) {
	ln, err := p.socket(ip)
	if err != nil {
		return "", fmt.Errorf("socket: %w", err)
	}
	if err := unix.Bind(ln, sockaddr(ip)); err != nil {
		return "", fmt.Errorf("bind: %w", err)
	}
	// A backlog of 0 has room for one connection on Linux.
	if err := unix.Listen(ln, 0); err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	there, err := unix.Getsockname(ln)
	if err != nil {
		return "", fmt.Errorf("getsockname: %w", err)
	}
	for range maxFill {
		fd, err := p.socket(ip)
		if err != nil {
			return "", fmt.Errorf("socket: %w", err)
		}
		answered, err := connect(fd, there)
		if err != nil {
			return "", fmt.Errorf("connect: %w", err)
		}
		if !answered {
			return hostPort(ip, there), nil
		}
	}
	return "", fmt.Errorf("the queue of a listener with backlog 0 took %d connections and was not full", maxFill)
}

// connect sends a SYN and reports whether it was answered.
func connect(fd int, there unix.Sockaddr) (answered bool, err error) {
	err = unix.Connect(fd, there)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, unix.EINPROGRESS) {
		return false, err
	}
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for {
		n, err := unix.Poll(poll, probeMS)
		if !errors.Is(err, unix.EINTR) {
			return n > 0, err
		}
	}
}

func sockaddr(ip netip.Addr) unix.Sockaddr {
	if ip.Is6() {
		return &unix.SockaddrInet6{Addr: ip.As16()}
	}
	return &unix.SockaddrInet4{Addr: ip.As4()}
}

func hostPort(ip netip.Addr, sa unix.Sockaddr) string {
	port := 0
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		port = sa.Port
	case *unix.SockaddrInet6:
		port = sa.Port
	}
	return net.JoinHostPort(ip.String(), strconv.Itoa(port))
}
