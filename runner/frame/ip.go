package frame

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A packet is what an IP header says of what follows it.
type packet struct {
	src, dst netip.Addr
	proto    layers.IPProtocol
	body     []byte
	fragment int  // where its body stands in the datagram, if that was cut in pieces
	more     bool // whether pieces follow
}

func (d *decoder) ipv4(f *recording.Frame, b []byte) {
	f.Proto = "IPv4"
	p, ok := d.headerV4(b)
	if !ok {
		return
	}
	d.transport(f, p)
}

// headerV4 decodes an IPv4 header and replaces its identification, which the
// kernel draws at random: by 0, or by a number where pieces must be matched.
func (d *decoder) headerV4(b []byte) (packet, bool) {
	var ip layers.IPv4
	// A datagram cut short, as an ICMP error quotes it, is decoded all the same.
	if err := ip.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil || len(ip.SrcIP) != 4 || len(ip.DstIP) != 4 {
		return packet{}, false
	}
	header := b[:int(ip.IHL)*4]
	p := packet{
		src: netip.AddrFrom4([4]byte(ip.SrcIP)), dst: netip.AddrFrom4([4]byte(ip.DstIP)),
		proto: ip.Protocol, body: ip.Payload,
		fragment: int(ip.FragOffset) * 8, more: ip.Flags&layers.IPv4MoreFragments != 0,
	}
	id := 0
	if p.fragment > 0 || p.more {
		id = d.fragment.stand(uint32(ip.Id))
	}
	rewrite(header, header[10:12], func() { binary.BigEndian.PutUint16(header[4:6], uint16(id)) })
	return p, true
}

func (d *decoder) ipv6(f *recording.Frame, b []byte) {
	f.Proto = "IPv6"
	p, ok := d.headerV6(b)
	if !ok {
		return
	}
	d.transport(f, p)
}

// headerV6 decodes an IPv6 header and the extensions that follow, and replaces
// the flow label and a fragment's identification.
func (d *decoder) headerV6(b []byte) (packet, bool) {
	if len(b) < 40 || b[0]>>4 != 6 {
		return packet{}, false
	}
	b[1], b[2], b[3] = b[1]&0xf0, 0, 0
	p := packet{
		src: netip.AddrFrom16([16]byte(b[8:24])), dst: netip.AddrFrom16([16]byte(b[24:40])),
		proto: layers.IPProtocol(b[6]), body: b[40:],
	}
	if n := int(binary.BigEndian.Uint16(b[4:6])); n < len(p.body) {
		p.body = p.body[:n]
	}
	for p.fragment == 0 {
		n := 8
		switch p.proto {
		case layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Routing, layers.IPProtocolIPv6Destination:
			if len(p.body) > 1 {
				n += int(p.body[1]) * 8
			}
		case layers.IPProtocolIPv6Fragment:
			if len(p.body) >= 8 {
				word := binary.BigEndian.Uint16(p.body[2:4])
				p.fragment, p.more = int(word&^7), word&1 == 1
				id := d.fragment.stand(binary.BigEndian.Uint32(p.body[4:8]))
				binary.BigEndian.PutUint32(p.body[4:8], uint32(id))
			}
		default:
			return p, true
		}
		if len(p.body) < n {
			return packet{}, false
		}
		p.proto, p.body = layers.IPProtocol(p.body[0]), p.body[n:]
	}
	return p, true
}

func (d *decoder) transport(f *recording.Frame, p packet) {
	f.From, f.To = p.src.String(), p.dst.String()
	if p.fragment > 0 {
		f.Proto, f.Len = protoName(p.proto), len(p.body)
		f.Summary = fmt.Sprintf("fragment: %s from byte %d on", size(len(p.body)), p.fragment)
		return
	}
	switch p.proto {
	case layers.IPProtocolTCP:
		d.tcp(f, p)
	case layers.IPProtocolUDP:
		d.udp(f, p)
	case layers.IPProtocolICMPv4:
		d.icmpv4(f, p)
	case layers.IPProtocolICMPv6:
		d.icmpv6(f, p)
	default:
		f.Proto, f.Len = protoName(p.proto), len(p.body)
		f.Summary = size(len(p.body))
	}
	if p.more {
		f.Summary += ", first fragment"
	}
	if p.proto == layers.IPProtocolIGMP {
		f.ByHost = "chatter"
	}
}

func protoName(p layers.IPProtocol) string {
	switch p {
	case layers.IPProtocolTCP:
		return "TCP"
	case layers.IPProtocolUDP:
		return "UDP"
	case layers.IPProtocolICMPv4:
		return "ICMP"
	case layers.IPProtocolICMPv6:
		return "ICMPv6"
	case layers.IPProtocolIGMP:
		return "IGMP"
	}
	return fmt.Sprintf("IP protocol %d", uint8(p))
}

// rewrite lets change alter what the Internet checksum (RFC 1071) of covered
// is over, and alters the checksum by as much (RFC 1624): right stays right,
// also where we see only a part of what it is over, and wrong stays wrong.
// sum may lie in covered.
func rewrite(covered, sum []byte, change func()) {
	old := binary.BigEndian.Uint16(sum)
	sum[0], sum[1] = 0, 0
	before := add(covered)
	change()
	after := add(covered)
	now := fold(uint64(^old) + uint64(^before) + uint64(after))
	binary.BigEndian.PutUint16(sum, ^now)
}

// add is the one's complement sum of b, RFC 1071.
func add(b []byte) uint16 {
	var sum uint64
	for ; len(b) >= 2; b = b[2:] {
		sum += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	return fold(sum)
}

func fold(sum uint64) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
