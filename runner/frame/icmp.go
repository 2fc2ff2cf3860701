package frame

import (
	"encoding/binary"
	"fmt"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket/layers"
)

// icmpHeader is the length of the header of all ICMP messages.
const icmpHeader = 8

func (d *decoder) icmpv4(f *recording.Frame, p packet) {
	f.Proto = "ICMP"
	if len(p.body) < icmpHeader {
		return
	}
	f.Len = len(p.body) - icmpHeader
	rewrite(p.body, p.body[2:4], func() {
		kind, code := p.body[0], p.body[1]
		switch kind {
		case layers.ICMPv4TypeEchoRequest:
			f.Summary = d.echoed("echo request", p.body)
		case layers.ICMPv4TypeEchoReply:
			f.Summary, f.ByHost = d.echoed("echo reply", p.body), "echo reply"
		case layers.ICMPv4TypeDestinationUnreachable:
			what, why := word(unreachableV4, code, "destination unreachable"), "no way to deliver"
			if code == layers.ICMPv4CodePort {
				why = "nobody listens"
			}
			f.Summary, f.ByHost = what+d.quoted(p.body[icmpHeader:]), why
		case layers.ICMPv4TypeTimeExceeded:
			f.Summary, f.ByHost = "time exceeded"+d.quoted(p.body[icmpHeader:]), "TTL reached 0"
		default:
			f.Summary = fmt.Sprintf("type %d code %d", kind, code)
		}
	})
}

var unreachableV4 = map[byte]string{
	layers.ICMPv4CodeNet:                 "network unreachable",
	layers.ICMPv4CodeHost:                "host unreachable",
	layers.ICMPv4CodeProtocol:            "protocol unreachable",
	layers.ICMPv4CodePort:                "port unreachable",
	layers.ICMPv4CodeFragmentationNeeded: "fragmentation needed",
	layers.ICMPv4CodeCommAdminProhibited: "administratively prohibited",
}

var unreachableV6 = map[byte]string{
	layers.ICMPv6CodeNoRouteToDst:           "no route to destination",
	layers.ICMPv6CodeAdminProhibited:        "administratively prohibited",
	layers.ICMPv6CodeAddressUnreachable:     "address unreachable",
	layers.ICMPv6CodePortUnreachable:        "port unreachable",
	layers.ICMPv6CodeBeyondScopeOfSrc:       "beyond the scope of the source",
	layers.ICMPv6CodeSrcAddressFailedPolicy: "source address not allowed",
}

// word is the code's name in the table, or else the text with the code.
func word(table map[byte]string, code byte, text string) string {
	if name, ok := table[code]; ok {
		return name
	}
	return fmt.Sprintf("%s, code %d", text, code)
}

// echoed replaces the identifier and describes the message.
func (d *decoder) echoed(what string, b []byte) string {
	id := d.echo.stand(uint32(binary.BigEndian.Uint16(b[4:6])))
	binary.BigEndian.PutUint16(b[4:6], uint16(id))
	return fmt.Sprintf("%s id %d seq %d, %s", what, id, binary.BigEndian.Uint16(b[6:8]), size(len(b)-icmpHeader))
}

// quoted normalises the beginning of the datagram that an error quotes, and
// says which it was: " (UDP 192.0.2.10:50001 > 192.0.2.80:9)".
func (d *decoder) quoted(b []byte) string {
	var p packet
	var ok bool
	switch {
	case len(b) > 0 && b[0]>>4 == 4:
		p, ok = d.headerV4(b)
	case len(b) > 0 && b[0]>>4 == 6:
		p, ok = d.headerV6(b)
	}
	if !ok {
		return ""
	}
	f := recording.Frame{Proto: protoName(p.proto), From: p.src.String(), To: p.dst.String()}
	switch {
	case p.proto == layers.IPProtocolTCP && len(p.body) >= 8, p.proto == layers.IPProtocolUDP && len(p.body) >= 8:
		d.quotedPorts(&f, p)
	case (p.proto == layers.IPProtocolICMPv4 || p.proto == layers.IPProtocolICMPv6) && len(p.body) >= icmpHeader:
		rewrite(p.body, p.body[2:4], func() { d.echoed("", p.body) })
	}
	return fmt.Sprintf(" (%s %s > %s)", f.Proto, f.From, f.To)
}

func (d *decoder) icmpv6(f *recording.Frame, p packet) {
	f.Proto = "ICMPv6"
	if len(p.body) < icmpHeader {
		return
	}
	f.Len = len(p.body) - icmpHeader
	rewrite(p.body, p.body[2:4], func() {
		kind, code := p.body[0], p.body[1]
		switch kind {
		case layers.ICMPv6TypeEchoRequest:
			f.Summary = d.echoed("echo request", p.body)
		case layers.ICMPv6TypeEchoReply:
			f.Summary, f.ByHost = d.echoed("echo reply", p.body), "echo reply"
		case layers.ICMPv6TypeDestinationUnreachable:
			what, why := word(unreachableV6, code, "destination unreachable"), "no way to deliver"
			if code == layers.ICMPv6CodePortUnreachable {
				why = "nobody listens"
			}
			f.Summary, f.ByHost = what+d.quoted(p.body[icmpHeader:]), why
		case layers.ICMPv6TypePacketTooBig:
			f.Summary, f.ByHost = "packet too big"+d.quoted(p.body[icmpHeader:]), "no way to deliver"
		case layers.ICMPv6TypeTimeExceeded:
			f.Summary, f.ByHost = "time exceeded"+d.quoted(p.body[icmpHeader:]), "TTL reached 0"
		default:
			d.neighbours(f, p)
		}
	})
}

// chatterV6 names what IPv6 hosts say to each other unasked.
var chatterV6 = map[byte]string{
	130: "MLD query", 131: "MLD report", 132: "MLD done", 143: "MLD report",
	133: "router solicitation", 134: "router advertisement", 137: "redirect",
}

// neighbours decodes neighbour discovery, RFC 4861, and multicast listener
// discovery, RFC 3810.
func (d *decoder) neighbours(f *recording.Frame, p packet) {
	kind := p.body[0]
	f.Summary = fmt.Sprintf("type %d code %d", kind, p.body[1])
	if text, ok := chatterV6[kind]; ok {
		f.Summary, f.ByHost = text, "chatter"
	}
	if (kind == 135 || kind == 136) && len(p.body) >= 24 {
		target := addr16(p.body[8:24])
		f.ByHost = "chatter"
		f.Summary = fmt.Sprintf("who has %s? tell %s", target, f.From)
		if kind == 136 {
			f.Summary = fmt.Sprintf("%s is here", target)
		}
	}
	// The options hold the sender's own hardware address.
	start := map[byte]int{133: 8, 134: 16, 135: 24, 136: 24, 137: 40}[kind]
	if start == 0 || len(p.body) < start {
		return
	}
	for o := p.body[start:]; len(o) >= 8 && o[1] > 0 && int(o[1])*8 <= len(o); o = o[int(o[1])*8:] {
		if o[0] == 1 || o[0] == 2 {
			d.hardware(f.Dir, o[2:8], true)
		}
	}
}
