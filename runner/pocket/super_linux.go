package pocket

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// A super is what is handed to a host at once: a frame, or segments of one
// connection that follow each other, merged to one large segment. The host
// takes such a superframe apart as if its network card had merged the segments
// (generic receive offload). A program that waits in read(2) so sees all of a
// burst, or nothing, and not what had come when it awoke.
type super struct {
	header vnet
	data   []byte
}

// vnet is struct virtio_net_hdr of linux/virtio_net.h, which stands before each
// frame that we read and write. The zero value is a frame as it is.
type vnet struct {
	flags, gso                     uint8
	header, size, sumStart, sumOff uint16
}

const vnetLen = 10

func (v vnet) encode(b []byte) []byte {
	b = append(b, v.flags, v.gso)
	for _, n := range []uint16{v.header, v.size, v.sumStart, v.sumOff} {
		b = binary.NativeEndian.AppendUint16(b, n)
	}
	return b
}

// merge joins what can be joined of frames in order.
func merge(frames [][]byte) []super {
	var supers []super
	for len(frames) > 0 {
		first, ok := parse(frames[0])
		n, payload := 1, first.payload
		for ok && n < len(frames) {
			next, fits := parse(frames[n])
			if !fits || !first.followedBy(next, payload) {
				break
			}
			payload += next.payload
			n++
			if next.payload < first.payload || next.last() {
				break
			}
		}
		if n == 1 {
			supers = append(supers, super{data: frames[0]})
		} else {
			supers = append(supers, join(frames[:n], first))
		}
		frames = frames[n:]
	}
	return supers
}

// A segment is what merge must know of one.
type segment struct {
	frame   []byte
	tcp     int // offset of its header
	body    int // offset of its payload
	payload int
	seq     uint32
}

// parse reads a TCP segment that can be merged: IPv4 or IPv6 without options,
// with payload and none of the flags that stand for more than data.
func parse(f []byte) (s segment, ok bool) {
	const ether, ip4, ip6 = 14, 20, 40
	switch {
	case len(f) < ether+ip4+20:
		return s, false
	case binary.BigEndian.Uint16(f[12:]) == unix.ETH_P_IP && f[ether] == 0x45 && f[ether+9] == unix.IPPROTO_TCP &&
		binary.BigEndian.Uint16(f[ether+6:])&0x3fff == 0:
		s.tcp = ether + ip4
		f = f[:min(len(f), ether+int(binary.BigEndian.Uint16(f[ether+2:])))]
	case binary.BigEndian.Uint16(f[12:]) == unix.ETH_P_IPV6 && len(f) >= ether+ip6+20 && f[ether+6] == unix.IPPROTO_TCP:
		s.tcp = ether + ip6
		f = f[:min(len(f), s.tcp+int(binary.BigEndian.Uint16(f[ether+4:])))]
	default:
		return s, false
	}
	if len(f) < s.tcp+20 {
		return s, false
	}
	s.frame, s.body = f, s.tcp+int(f[s.tcp+12]>>4)*4
	s.payload = len(f) - s.body
	s.seq = binary.BigEndian.Uint32(f[s.tcp+4:])
	const fin, psh, ack = 1, 8, 16
	return s, s.payload > 0 && s.flags()&^(fin|psh) == ack
}

func (s segment) flags() byte { return s.frame[s.tcp+13] }

// last reports whether nothing can be merged after the segment.
func (s segment) last() bool { return s.flags()&1 != 0 }

// followedBy reports whether next can be merged after a segment and what has
// been merged to it since, payload bytes in all.
func (s segment) followedBy(next segment, payload int) bool {
	a, b := s.frame, next.frame
	v4 := s.tcp == 34
	return s.tcp == next.tcp && s.body == next.body && !s.last() &&
		next.seq == s.seq+uint32(payload) && next.payload <= s.payload &&
		s.body+payload+next.payload <= maxSuper &&
		bytes.Equal(a[:14], b[:14]) &&
		(v4 && bytes.Equal(a[26:34], b[26:34]) || !v4 && bytes.Equal(a[22:54], b[22:54])) && // addresses
		bytes.Equal(a[s.tcp:s.tcp+4], b[s.tcp:s.tcp+4]) && // ports
		bytes.Equal(a[s.tcp+8:s.tcp+12], b[s.tcp+8:s.tcp+12]) && // acknowledged
		bytes.Equal(a[s.tcp+20:s.body], b[s.tcp+20:s.body]) // options
}

// join makes one superframe of segments that can be merged.
func join(frames [][]byte, first segment) super {
	data := append([]byte(nil), first.frame...)
	for _, f := range frames[1:] {
		s, _ := parse(f)
		data = append(data, s.frame[s.body:]...)
		data[s.tcp+13] |= s.flags()
		copy(data[s.tcp+14:s.tcp+16], s.frame[s.tcp+14:]) // the newest window
	}
	tcp := data[first.tcp:]
	v := vnet{
		flags: 1, gso: 1, // VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_GSO_TCPV4
		header: uint16(first.body), size: uint16(first.payload),
		sumStart: uint16(first.tcp), sumOff: 16,
	}
	var pseudo []byte
	ip := data[14:first.tcp]
	if first.tcp == 34 {
		binary.BigEndian.PutUint16(ip[2:], uint16(len(data)-14))
		clear(ip[10:12])
		binary.BigEndian.PutUint16(ip[10:], ^fold(ip))
		pseudo = append(pseudo, ip[12:20]...)
	} else {
		v.gso = 4 // VIRTIO_NET_HDR_GSO_TCPV6
		binary.BigEndian.PutUint16(ip[4:], uint16(len(tcp)))
		pseudo = append(pseudo, ip[8:40]...)
	}
	// The sum is finished where the frame goes: over the pseudo header here.
	pseudo = append(pseudo, 0, unix.IPPROTO_TCP)
	pseudo = binary.BigEndian.AppendUint16(pseudo, uint16(len(tcp)))
	binary.BigEndian.PutUint16(tcp[16:], fold(pseudo))
	return super{v, data}
}

// fold is the ones' complement sum, RFC 1071, of an even number of bytes.
func fold(b []byte) uint16 {
	var s uint32
	for i := 0; i+1 < len(b); i += 2 {
		s += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
