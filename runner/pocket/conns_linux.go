package pocket

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"sockets/runner/fault"
)

// conns is the TCP connections that are open, as their frames tell.
type conns map[conn]*closing

// A conn is a connection's end here and its end there.
type conn struct{ here, there netip.AddrPort }

// A closing is which of the two have sent a FIN.
type closing struct{ out, in bool }

// follow notes what a segment does to its connection. A connection is open from
// the SYN,ACK on, and until both FINs or an RST.
func (c conns) follow(dir string, data []byte) {
	if !fault.Is(data, fault.SYNACK) && !fault.Is(data, fault.FIN) && !fault.Is(data, fault.RST) {
		return
	}
	var src, dst netip.AddrPort
	switch binary.BigEndian.Uint16(data[12:]) {
	case unix.ETH_P_IP:
		ports := data[14+int(data[14]&0x0f)*4:]
		src = netip.AddrPortFrom(netip.AddrFrom4([4]byte(data[26:30])), binary.BigEndian.Uint16(ports))
		dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte(data[30:34])), binary.BigEndian.Uint16(ports[2:]))
	default:
		src = netip.AddrPortFrom(netip.AddrFrom16([16]byte(data[22:38])), binary.BigEndian.Uint16(data[54:]))
		dst = netip.AddrPortFrom(netip.AddrFrom16([16]byte(data[38:54])), binary.BigEndian.Uint16(data[56:]))
	}
	key := conn{src, dst}
	if dir == fault.In {
		key = conn{dst, src}
	}
	if fault.Is(data, fault.SYNACK) {
		c[key] = new(closing)
		return
	}
	end := c[key]
	if end == nil {
		return
	}
	if dir == fault.Out {
		end.out = true
	} else {
		end.in = true
	}
	if end.out && end.in || fault.Is(data, fault.RST) {
		delete(c, key)
	}
}

// chatter reports whether a frame is what hosts say by themselves when they come
// up, and again some time later: IPv6 that asks for routers, or tells of the
// multicast groups that go with the addresses we gave, RFC 4861 and RFC 3810.
func chatter(data []byte) bool {
	const icmp, routers, report = 54, 133, 143
	if len(data) < icmp+8 || binary.BigEndian.Uint16(data[12:]) != unix.ETH_P_IPV6 {
		return false
	}
	at := icmp
	switch {
	case data[20] == unix.IPPROTO_ICMPV6:
	case data[20] == unix.IPPROTO_HOPOPTS && data[icmp] == unix.IPPROTO_ICMPV6:
		at += 8 * (1 + int(data[icmp+1]))
	default:
		return false
	}
	if len(data) < at+8 {
		return false
	}
	if data[at] == routers {
		return true
	}
	if data[at] != report {
		return false
	}
	solicited := netip.MustParsePrefix("ff02::1:ff00:0/104")
	records := data[at+8:]
	for range binary.BigEndian.Uint16(data[at+6:]) {
		if len(records) < 20 {
			break
		}
		if !solicited.Contains(netip.AddrFrom16([16]byte(records[4:20]))) {
			return false
		}
		sources, aux := int(binary.BigEndian.Uint16(records[2:])), int(records[1])
		records = records[min(len(records), 20+16*sources+4*aux):]
	}
	return true
}
