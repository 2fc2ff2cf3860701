package frame

import (
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/dns/dnsmessage"

	"sockets/runner/recording"
)

// otherCases are of what is not TCP.
var otherCases = []decodeCase{
	{"DNS", func(w *wire) {
		port, id := w.port(), uint16(w.rand.Uint32())
		w.udp(recording.Out, false, port, 53, message(w.t, id, "www.lab.test.", dnsmessage.TypeA))
		w.udp(recording.In, false, 53, port, message(w.t, id, "www.lab.test.", dnsmessage.TypeA, &dnsmessage.AResource{A: [4]byte{192, 0, 2, 80}}))
		w.udp(recording.In, true, 53, port, message(w.t, id+1, "www.lab.test.", dnsmessage.TypeAAAA, nil))
		w.udp(recording.Out, false, port, 9, []byte("hi"))
		w.udp(recording.Out, false, port, 53, []byte("no DNS"))
	}, `1 out UDP 192.0.2.10:50001 > 192.0.2.80:53: DNS query A www.lab.test
2 in UDP 192.0.2.80:53 > 192.0.2.10:50001: DNS answer A www.lab.test: 192.0.2.80
3 in UDP [2001:db8::80]:53 > [2001:db8::10]:50001: DNS answer AAAA www.lab.test: none
4 out UDP 192.0.2.10:50001 > 192.0.2.80:9: 2 bytes
5 out UDP 192.0.2.10:50001 > 192.0.2.80:53: 6 bytes
`},
	{"ICMP", func(w *wire) {
		id := uint16(w.rand.Uint32())
		kind, ip := w.ip(recording.Out, false, layers.IPProtocolICMPv4)
		w.send(recording.Out, kind, ip.(gopacket.SerializableLayer), &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(8, 0), Id: id, Seq: 1}, gopacket.Payload("ping"))
		kind, ip = w.ip(recording.In, false, layers.IPProtocolICMPv4)
		w.send(recording.In, kind, ip.(gopacket.SerializableLayer), &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(0, 0), Id: id, Seq: 1}, gopacket.Payload("ping"))
		sent := w.udp(recording.Out, false, w.port(), 9, []byte("hi"))
		kind, ip = w.ip(recording.In, false, layers.IPProtocolICMPv4)
		w.send(recording.In, kind, ip.(gopacket.SerializableLayer), &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(3, 3)}, gopacket.Payload(sent.Data[14:]))
	}, `1 out ICMP 192.0.2.10 > 192.0.2.80: echo request id 1 seq 1, 4 bytes
2 in ICMP 192.0.2.80 > 192.0.2.10: echo reply id 1 seq 1, 4 bytes [echo reply]
3 out UDP 192.0.2.10:50001 > 192.0.2.80:9: 2 bytes
4 in ICMP 192.0.2.80 > 192.0.2.10: port unreachable (UDP 192.0.2.10:50001 > 192.0.2.80:9) [nobody listens]
`},
	{"ARP, ND and MLD", func(w *wire) {
		w.send(recording.Out, layers.EthernetTypeARP, &layers.ARP{AddrType: 1, Protocol: 0x800, HwAddressSize: 6, ProtAddressSize: 4, Operation: 1, SourceHwAddress: hostMAC, SourceProtAddress: host4.AsSlice(), DstHwAddress: make([]byte, 6), DstProtAddress: peer4.AsSlice()})
		w.send(recording.In, layers.EthernetTypeARP, &layers.ARP{AddrType: 1, Protocol: 0x800, HwAddressSize: 6, ProtAddressSize: 4, Operation: 2, SourceHwAddress: peerMAC, SourceProtAddress: peer4.AsSlice(), DstHwAddress: hostMAC, DstProtAddress: host4.AsSlice()})
		for _, kind := range []uint8{135, 143} {
			etherType, ip := w.ip(recording.Out, true, layers.IPProtocolICMPv6)
			icmp := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(kind, 0)}
			if err := icmp.SetNetworkLayerForChecksum(ip); err != nil {
				w.t.Fatal(err)
			}
			body := append(append(make([]byte, 4), peer6.AsSlice()...), append([]byte{1, 1}, hostMAC...)...)
			w.send(recording.Out, etherType, ip.(gopacket.SerializableLayer), icmp, gopacket.Payload(body))
		}
	}, `1 out ARP 192.0.2.10 > 192.0.2.80: who has 192.0.2.80? tell 192.0.2.10 [chatter]
2 in ARP 192.0.2.80 > 192.0.2.10: 192.0.2.80 is at 02:00:00:00:00:80 [chatter]
3 out ICMPv6 2001:db8::10 > 2001:db8::80: who has 2001:db8::80? tell 2001:db8::10 [chatter]
4 out ICMPv6 2001:db8::10 > 2001:db8::80: MLD report [chatter]
`},
}
