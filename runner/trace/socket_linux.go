//go:build amd64 || arm64

package trace

import (
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ask takes what it can of a socket from the kernel, through a copy of the
// descriptor that is closed at once.
func (f *files) ask(fd int, s *file) {
	own := f.copyOf(fd)
	if own < 0 {
		return
	}
	defer func() { _ = unix.Close(own) }()
	for _, q := range []struct {
		option int
		value  *uint64
	}{{unix.SO_DOMAIN, &s.family}, {unix.SO_TYPE, &s.kind}, {unix.SO_PROTOCOL, &s.proto}} {
		if v, err := unix.GetsockoptInt(own, unix.SOL_SOCKET, q.option); err == nil {
			*q.value = uint64(v)
		}
	}
	if listens, err := unix.GetsockoptInt(own, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil {
		s.listening = listens != 0
	}
	if a, ok := rawName(unix.SYS_GETSOCKNAME, own); ok {
		s.local, s.localText = a.port, a.text
	}
	if a, ok := rawName(unix.SYS_GETPEERNAME, own); ok {
		s.remote, s.remoteText = a.port, a.text
	}
}

// askLocal takes the socket's own endpoint, and what it speaks if that may differ
// from what was asked for.
func (f *files) askLocal(fd int, s *file) {
	own := f.copyOf(fd)
	if own < 0 {
		return
	}
	defer func() { _ = unix.Close(own) }()
	if a, ok := rawName(unix.SYS_GETSOCKNAME, own); ok {
		s.local, s.localText = a.port, a.text
	}
	if s.proto == unix.IPPROTO_MPTCP {
		if v, err := unix.GetsockoptInt(own, unix.SOL_SOCKET, unix.SO_PROTOCOL); err == nil {
			s.proto = uint64(v)
		}
	}
}

func (f *files) copyOf(fd int) int {
	if f.pidfd < 0 {
		return -1
	}
	own, err := unix.PidfdGetfd(f.pidfd, fd, 0)
	if err != nil {
		return -1
	}
	return own
}

// socket is what an event says of it, nil if it is none.
func (f *file) socket() *Socket {
	if f == nil || !f.isSocket {
		return nil
	}
	return &Socket{
		Family: strings.TrimPrefix(name(families, f.family), "AF_"),
		Type:   strings.TrimPrefix(name(socketTypes, f.kind), "SOCK_"),
		Proto:  f.protocol(),
		Local:  f.local, Remote: f.remote, LocalText: f.localText, PeerText: f.remoteText,
		Listening: f.listening,
	}
}

// protocol names what is spoken over a socket of an Internet family.
func (f *file) protocol() string {
	internet := f.family == unix.AF_INET || f.family == unix.AF_INET6
	switch {
	case !internet:
		return ""
	case f.proto == 0 && f.kind == unix.SOCK_STREAM:
		return "TCP"
	case f.proto == 0 && f.kind == unix.SOCK_DGRAM:
		return "UDP"
	}
	return strings.TrimPrefix(name(protocols, f.proto), "IPPROTO_")
}

// String is what the descriptor is: "TCP 192.0.2.10:50001 > 192.0.2.80:80".
func (f *file) String() string {
	if f == nil {
		return ""
	}
	if !f.isSocket {
		return f.text
	}
	text := f.protocol()
	if text == "" {
		text = strings.TrimPrefix(name(families, f.family), "AF_")
		if f.family == unix.AF_NETLINK {
			text += " " + strings.ToLower(strings.TrimPrefix(name(netlinks, f.proto), "NETLINK_"))
		} else {
			text += " " + strings.ToLower(strings.TrimPrefix(name(socketTypes, f.kind), "SOCK_"))
		}
	} else if f.kind == unix.SOCK_RAW {
		text = "raw " + text
	}
	switch {
	case f.listening:
		text += fmt.Sprintf(" %s, listening", f.localText)
	case f.remoteText != "" && f.localText != "":
		text += fmt.Sprintf(" %s > %s", f.localText, f.remoteText)
	case f.remoteText != "":
		text += " > " + f.remoteText
	case f.localText != "" && f.family != unix.AF_NETLINK:
		text += " " + f.localText
	}
	return text
}

// rawName is a socket's own address or its peer's, of any family: package unix
// knows only some. An address without a port is none.
func rawName(call uintptr, fd int) (sockname, bool) {
	var b [128]byte
	n := uint32(len(b))
	if _, _, e := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(&b)), uintptr(unsafe.Pointer(&n))); e != 0 {
		return sockname{}, false
	}
	s, ok := parseAddress(b[:min(int(n), len(b))])
	if (s.family == unix.AF_INET || s.family == unix.AF_INET6) && s.port.Port() == 0 {
		return s, false
	}
	return s, ok && s.text != ""
}
