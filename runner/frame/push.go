package frame

import (
	"encoding/binary"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// full is the least size of a frame that has as much data as Ethernet carries.
const full = 14 + 1500

// midBurst finds the segments that are full and directly followed by more data
// of their side. Whether such a one has the flag PSH depends on how the sender's
// kernel happened to cut its buffer, so it changes from run to run and says
// nothing.
func midBurst(raws []Raw) map[int]bool {
	type way struct {
		flow string // the addresses and ports, as they stand in the packet
		next uint32 // the sequence number that would follow
	}
	found := make(map[int]bool)
	waiting := make(map[way]int) // full segments
	for i, raw := range raws {
		flow, seq, size, ok := payload(raw.Data)
		if !ok || size == 0 {
			continue
		}
		if before, ok := waiting[way{flow, seq}]; ok && raw.At-raws[before].At < 80*time.Millisecond {
			found[before] = true
		}
		if len(raw.Data) >= full {
			waiting[way{flow, seq + uint32(size)}] = i
		}
	}
	return found
}

// payload is where a TCP segment in an Ethernet frame stands in its stream.
func payload(b []byte) (flow string, seq uint32, size int, ok bool) {
	if len(b) < 14 {
		return "", 0, 0, false
	}
	kind, ip := layers.EthernetType(binary.BigEndian.Uint16(b[12:14])), b[14:]
	var tcp, addrs []byte
	switch {
	case kind == layers.EthernetTypeIPv4 && len(ip) >= 20 && ip[9] == byte(layers.IPProtocolTCP):
		total := int(binary.BigEndian.Uint16(ip[2:4]))
		if header := int(ip[0]&15) * 4; header >= 20 && header <= total && total <= len(ip) {
			addrs, tcp = ip[12:20], ip[header:total]
		}
	case kind == layers.EthernetTypeIPv6 && len(ip) >= 40 && ip[6] == byte(layers.IPProtocolTCP):
		if total := 40 + int(binary.BigEndian.Uint16(ip[4:6])); total <= len(ip) {
			addrs, tcp = ip[8:40], ip[40:total]
		}
	}
	if len(tcp) < 20 {
		return "", 0, 0, false
	}
	header := int(tcp[12]>>4) * 4
	if header < 20 || header > len(tcp) {
		return "", 0, 0, false
	}
	return string(addrs) + string(tcp[:4]), binary.BigEndian.Uint32(tcp[4:8]), len(tcp) - header, true
}
