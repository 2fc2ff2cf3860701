//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A sockname is a socket's address.
type sockname struct {
	family uint64
	port   netip.AddrPort // of the Internet families
	text   string         // as shown: "192.0.2.80:80", "/tmp/x", "@abstract"
}

// parseAddress reads a struct sockaddr.
func parseAddress(b []byte) (s sockname, ok bool) {
	if len(b) < 2 {
		return s, false
	}
	s.family = uint64(binary.LittleEndian.Uint16(b))
	switch {
	case s.family == unix.AF_INET && len(b) >= 8:
		s.port = netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), binary.BigEndian.Uint16(b[2:]))
		s.text = s.port.String()
	case s.family == unix.AF_INET6 && len(b) >= 24:
		addr := netip.AddrFrom16([16]byte(b[8:24]))
		if len(b) >= 28 {
			if scope := binary.LittleEndian.Uint32(b[24:]); scope != 0 {
				addr = addr.WithZone(strconv.FormatUint(uint64(scope), 10))
			}
		}
		s.port = netip.AddrPortFrom(addr, binary.BigEndian.Uint16(b[2:]))
		s.text = s.port.String()
	case s.family == unix.AF_UNIX:
		switch path := b[2:]; {
		case len(path) == 0:
		case path[0] == 0:
			s.text = "@" + string(path[1:])
		default:
			s.text, _, _ = strings.Cut(string(path), "\x00")
		}
	case s.family == unix.AF_NETLINK && len(b) >= 12:
		s.text = fmt.Sprintf("port %d, groups 0x%x", binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:]))
	case s.family == unix.AF_PACKET && len(b) >= 12:
		n := min(int(b[11]), len(b)-12, 8)
		s.text = fmt.Sprintf("protocol 0x%04x, interface %d", binary.BigEndian.Uint16(b[2:]), binary.LittleEndian.Uint32(b[4:]))
		if n > 0 {
			s.text += ", " + strings.ReplaceAll(fmt.Sprintf("% x", b[12:12+n]), " ", ":")
		}
	case s.family == unix.AF_VSOCK && len(b) >= 12:
		s.text = fmt.Sprintf("cid %d, port %d", binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[4:]))
	default:
		s.text = fmt.Sprintf("<% x>", b[2:])
	}
	return s, true
}

// String is the address as an argument: {AF_INET, 192.0.2.80:80}.
func (s sockname) String() string {
	text := s.text
	switch {
	case s.family == unix.AF_UNIX && text == "":
		return "{AF_UNIX}"
	case s.family == unix.AF_UNIX:
		text = strconv.Quote(text)
	case s.family == unix.AF_UNSPEC:
		return "{AF_UNSPEC}"
	}
	return "{" + name(families, s.family) + ", " + text + "}"
}

func readAddress(m memory, addr uint64, n int) (sockname, bool) {
	return parseAddress(m.bytes(addr, min(n, 128)))
}

func showAddress(m memory, addr uint64, n int) string {
	if addr == 0 {
		return "NULL"
	}
	if n == 0 {
		return "{}" // as recvfrom has it of a connected socket
	}
	s, ok := readAddress(m, addr, n)
	if !ok {
		return unseen
	}
	return s.String()
}
