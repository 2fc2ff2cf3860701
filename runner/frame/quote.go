package frame

import (
	"encoding/binary"
	"net/netip"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket/layers"
)

func addr16(b []byte) netip.Addr { return netip.AddrFrom16([16]byte(b)) }

// quotedPorts normalises the first bytes of a TCP or UDP header in an ICMP
// error: the ports and, of a connection that the wire saw begin, the numbers.
// The checksum there is over bytes that the error need not quote; it becomes 0.
func (d *decoder) quotedPorts(f *recording.Frame, p packet) {
	src := netip.AddrPortFrom(p.src, binary.BigEndian.Uint16(p.body[0:2]))
	dst := netip.AddrPortFrom(p.dst, binary.BigEndian.Uint16(p.body[2:4]))
	if p.proto == layers.IPProtocolTCP {
		from, to := d.connection(src, dst, &layers.TCP{})
		seq := binary.BigEndian.Uint32(p.body[4:8])
		binary.BigEndian.PutUint32(p.body[4:8], from.relative(seq, true))
		if len(p.body) >= 20 {
			if ack := binary.BigEndian.Uint32(p.body[8:12]); ack != 0 {
				binary.BigEndian.PutUint32(p.body[8:12], to.relative(ack, false))
			}
			if off := int(p.body[12]>>4) * 4; off >= 20 && off <= len(p.body) {
				// A copy of a segment the side has sent.
				from.sent--
				options(p.body[20:off], from, to)
				from.sent++
			}
			p.body[16], p.body[17] = 0, 0
		}
	} else {
		if src.Port() == 53 || dst.Port() == 53 {
			d.dnsMessage(p.body[8:])
		}
		p.body[6], p.body[7] = 0, 0
	}
	d.stand(p.body[0:2])
	d.stand(p.body[2:4])
	f.From, f.To = d.endpoint(src), d.endpoint(dst)
}
