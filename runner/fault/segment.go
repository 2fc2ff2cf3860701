package fault

import (
	"encoding/binary"
	"net/netip"
)

// The bits of TCP's flags, RFC 9293 section 3.1.
const (
	bitFIN = 1 << iota
	bitSYN
	bitRST
	bitPSH
	bitACK
	bitURG
	bitECE
	bitCWR
)

// Numbers of Ethernet and IP.
const (
	ether   = 14 // bytes of Ethernet's header
	typeIP4 = 0x0800
	typeIP6 = 0x86dd

	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

// A packet is what the wire needs to know of a frame.
type packet struct {
	proto    byte
	src, dst netip.AddrPort // port 0 where there are none
	flags    byte
	seq, ack uint32
	payload  int // bytes above TCP
	ip, tcp  int // offsets of the headers
}

// look reads the headers of a frame, and reports whether it holds IPv4 or IPv6.
// Of a fragment that is not the first it knows no more than the protocol.
func look(frame []byte) (p packet, ok bool) {
	if len(frame) < ether {
		return p, false
	}
	p.ip = ether
	var upper, end int
	switch binary.BigEndian.Uint16(frame[12:]) {
	case typeIP4:
		if len(frame) < ether+20 {
			return p, false
		}
		h := frame[ether:]
		upper = ether + int(h[0]&0x0f)*4
		end = ether + int(binary.BigEndian.Uint16(h[2:]))
		p.proto = h[9]
		p.src = netip.AddrPortFrom(netip.AddrFrom4([4]byte(h[12:16])), 0)
		p.dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte(h[16:20])), 0)
		if binary.BigEndian.Uint16(h[6:])&0x1fff != 0 {
			return p, true
		}
	case typeIP6:
		if len(frame) < ether+40 {
			return p, false
		}
		h := frame[ether:]
		upper = ether + 40
		end = upper + int(binary.BigEndian.Uint16(h[4:]))
		p.proto = h[6]
		p.src = netip.AddrPortFrom(netip.AddrFrom16([16]byte(h[8:24])), 0)
		p.dst = netip.AddrPortFrom(netip.AddrFrom16([16]byte(h[24:40])), 0)
	default:
		return p, false
	}
	p.transport(frame, upper, min(end, len(frame)))
	return p, true
}

// transport reads the header of UDP or TCP at upper; the packet ends at end.
func (p *packet) transport(frame []byte, upper, end int) {
	if upper+8 > end || p.proto != protoTCP && p.proto != protoUDP {
		return
	}
	h := frame[upper:end]
	p.src = netip.AddrPortFrom(p.src.Addr(), binary.BigEndian.Uint16(h))
	p.dst = netip.AddrPortFrom(p.dst.Addr(), binary.BigEndian.Uint16(h[2:]))
	if p.proto != protoTCP || len(h) < 20 {
		return
	}
	p.tcp = upper
	p.seq = binary.BigEndian.Uint32(h[4:])
	p.ack = binary.BigEndian.Uint32(h[8:])
	p.flags = h[13]
	p.payload = max(0, len(h)-int(h[12]>>4)*4)
}

// next is the number that the segment's sender uses next: a SYN and a FIN take
// one number each.
func (p packet) next() uint32 {
	n := p.seq + uint32(p.payload)
	if p.flags&bitSYN != 0 {
		n++
	}
	if p.flags&bitFIN != 0 {
		n++
	}
	return n
}

// is reports whether the packet is of the kind.
func (p packet) is(k Kind) bool {
	tcp := p.proto == protoTCP && p.tcp > 0
	switch k {
	case SYN:
		return tcp && p.flags&(bitSYN|bitACK) == bitSYN
	case SYNACK:
		return tcp && p.flags&(bitSYN|bitACK) == bitSYN|bitACK
	case ACK:
		return tcp && p.flags&(bitSYN|bitFIN|bitRST|bitACK) == bitACK && p.payload == 0
	case FIN:
		return tcp && p.flags&bitFIN != 0
	case RST:
		return tcp && p.flags&bitRST != 0
	case Data:
		return tcp && p.payload > 0
	case UDP:
		return p.proto == protoUDP
	case DNS:
		return p.proto == protoUDP && (p.src.Port() == 53 || p.dst.Port() == 53)
	case ICMP:
		return p.proto == protoICMP || p.proto == protoICMPv6
	default: // Any
		return tcp || p.proto == protoUDP || p.is(ICMP)
	}
}

// Is reports whether a frame, from Ethernet's header on, is of the kind.
func Is(frame []byte, k Kind) bool {
	p, ok := look(frame)
	return ok && p.is(k)
}
