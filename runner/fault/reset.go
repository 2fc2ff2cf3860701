package fault

import "encoding/binary"

// resetOf is a frame with an RST of the connection that a frame belongs to: as
// if the frame's sender, or with back its receiver, had sent it. A receiver
// takes an RST only with exactly the number that it expects, RFC 5961 section 3.
func resetOf(frame []byte, p packet, seq uint32, back bool) []byte {
	rst := append([]byte(nil), frame[:p.tcp+20]...)
	tcp := rst[p.tcp:]
	length := 20
	if back {
		swap(rst[0:6], rst[6:12])
		if p.src.Addr().Is4() {
			swap(rst[p.ip+12:p.ip+16], rst[p.ip+16:p.ip+20])
		} else {
			swap(rst[p.ip+8:p.ip+24], rst[p.ip+24:p.ip+40])
		}
		swap(tcp[0:2], tcp[2:4])
	}
	binary.BigEndian.PutUint32(tcp[4:], seq)
	binary.BigEndian.PutUint32(tcp[8:], 0)
	tcp[12], tcp[13] = 5<<4, bitRST
	clear(tcp[14:20]) // window, checksum, urgent pointer

	ip := rst[p.ip:p.tcp]
	var pseudo []byte // RFC 9293 section 3.1, RFC 8200 section 8.1
	if p.src.Addr().Is4() {
		binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)+length))
		clear(ip[10:12])
		binary.BigEndian.PutUint16(ip[10:], sum(ip))
		pseudo = append(pseudo, ip[12:20]...)
	} else {
		binary.BigEndian.PutUint16(ip[4:], uint16(length))
		pseudo = append(pseudo, ip[8:40]...)
	}
	pseudo = append(pseudo, 0, protoTCP, 0, byte(length))
	binary.BigEndian.PutUint16(tcp[16:], sum(append(pseudo, tcp...)))
	return rst
}

func swap(a, b []byte) {
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// sum is the Internet checksum, RFC 1071, of an even number of bytes.
func sum(b []byte) uint16 {
	var s uint32
	for i := 0; i+1 < len(b); i += 2 {
		s += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}
