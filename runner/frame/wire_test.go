package frame

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A wire builds frames as two hosts would send them. Two wires with different
// seeds differ in all that changes from run to run.
type wire struct {
	t    testing.TB
	rand *rand.Rand
	at   time.Duration
	raws []Raw
}

func newWire(tb testing.TB, seed uint64) *wire {
	tb.Helper()
	return &wire{t: tb, rand: rand.New(rand.NewPCG(seed, 7))}
}

var (
	host4, peer4 = netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("192.0.2.80")
	host6, peer6 = netip.MustParseAddr("2001:db8::10"), netip.MustParseAddr("2001:db8::80")
	hostMAC      = []byte{0x5a, 0x12, 0xfe, 0x00, 0x00, 0x01}
	peerMAC      = []byte{0x5a, 0x12, 0xfe, 0x00, 0x00, 0x02}
)

// port is an ephemeral port of the wire's own.
func (w *wire) port() uint16 { return uint16(32768 + w.rand.IntN(20000)) }

// wait lets time pass before the next frame, a little more than it says.
func (w *wire) wait(d time.Duration) { w.at += d + time.Duration(w.rand.IntN(15))*time.Millisecond }

// send puts a frame of the layers above Ethernet on the wire.
func (w *wire) send(dir string, etherType layers.EthernetType, above ...gopacket.SerializableLayer) *Raw {
	w.t.Helper()
	eth := &layers.Ethernet{SrcMAC: hostMAC, DstMAC: peerMAC, EthernetType: etherType}
	if dir == recording.In {
		eth.SrcMAC, eth.DstMAC = eth.DstMAC, eth.SrcMAC
	}
	buf := gopacket.NewSerializeBuffer()
	options := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, options, append([]gopacket.SerializableLayer{eth}, above...)...); err != nil {
		w.t.Fatal(err)
	}
	w.at += time.Duration(w.rand.IntN(50)) * time.Microsecond
	w.raws = append(w.raws, Raw{Dir: dir, At: w.at, Data: buf.Bytes()})
	return &w.raws[len(w.raws)-1]
}

// ip is the network layer from the program's host to the peer, or back.
func (w *wire) ip(dir string, v6 bool, proto layers.IPProtocol) (layers.EthernetType, gopacket.NetworkLayer) {
	src, dst := host4, peer4
	if v6 {
		src, dst = host6, peer6
	}
	if dir == recording.In {
		src, dst = dst, src
	}
	if v6 {
		return layers.EthernetTypeIPv6, &layers.IPv6{Version: 6, FlowLabel: w.rand.Uint32N(1 << 20), HopLimit: 64, NextHeader: proto, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
	}
	return layers.EthernetTypeIPv4, &layers.IPv4{Version: 4, Id: uint16(w.rand.Uint32()), Flags: layers.IPv4DontFragment, TTL: 64, Protocol: proto, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
}

func (w *wire) udp(dir string, v6 bool, from, to uint16, payload []byte) *Raw {
	kind, ip := w.ip(dir, v6, layers.IPProtocolUDP)
	u := &layers.UDP{SrcPort: layers.UDPPort(from), DstPort: layers.UDPPort(to)}
	if err := u.SetNetworkLayerForChecksum(ip); err != nil {
		w.t.Fatal(err)
	}
	return w.send(dir, kind, ip.(gopacket.SerializableLayer), u, gopacket.Payload(payload))
}

// A talk is a TCP connection on the wire, its numbers as two kernels keep them.
type talk struct {
	w           *wire
	v6          bool
	local, peer uint16
	isn         [2]uint32
	next        [2]uint32 // relative
	clock       uint32
	window      [2]uint16
}

func side2(dir string) int {
	if dir == recording.Out {
		return 0
	}
	return 1
}

func (w *wire) talk(v6 bool, local, peer uint16) *talk {
	return &talk{w: w, v6: v6, local: local, peer: peer, isn: [2]uint32{w.rand.Uint32(), w.rand.Uint32()}, clock: w.rand.Uint32(), window: [2]uint16{502, 509}}
}

// at sends a segment with the relative sequence number.
func (c *talk) at(seq uint32, dir, flags string, payload []byte) *Raw {
	c.w.t.Helper()
	me := side2(dir)
	kind, ip := c.w.ip(dir, c.v6, layers.IPProtocolTCP)
	seg := &layers.TCP{SrcPort: layers.TCPPort(c.local), DstPort: layers.TCPPort(c.peer), Seq: c.isn[me] + seq, Window: c.window[me]}
	if me == 1 {
		seg.SrcPort, seg.DstPort = seg.DstPort, seg.SrcPort
	}
	for _, f := range flags {
		switch f {
		case 'S':
			seg.SYN, seg.Window = true, 64240
		case 'F':
			seg.FIN = true
		case 'R':
			seg.RST, seg.Window = true, 0
		case 'P':
			seg.PSH = true
		case 'A':
			seg.ACK, seg.Ack = true, c.isn[1-me]+c.next[1-me]
		}
	}
	if !seg.RST {
		c.clock += c.w.rand.Uint32N(3)
		stamps := []byte{byte(c.clock >> 24), byte(c.clock >> 16), byte(c.clock >> 8), byte(c.clock), 0, 0, 0, 0}
		if seg.ACK {
			copy(stamps[4:], stamps[:4])
		}
		if seg.SYN {
			seg.Options = []layers.TCPOption{{OptionType: 2, OptionLength: 4, OptionData: []byte{5, 0xb4}}, {OptionType: 4, OptionLength: 2}, {OptionType: 8, OptionLength: 10, OptionData: stamps}, {OptionType: 1, OptionLength: 1}, {OptionType: 3, OptionLength: 3, OptionData: []byte{7}}}
		} else {
			seg.Options = []layers.TCPOption{{OptionType: 1, OptionLength: 1}, {OptionType: 1, OptionLength: 1}, {OptionType: 8, OptionLength: 10, OptionData: stamps}}
		}
	}
	if err := seg.SetNetworkLayerForChecksum(ip); err != nil {
		c.w.t.Fatal(err)
	}
	end := seq + uint32(len(payload))
	if seg.SYN {
		end++
	}
	if seg.FIN {
		end++
	}
	c.next[me] = max(c.next[me], end)
	return c.w.send(dir, kind, ip.(gopacket.SerializableLayer), seg, gopacket.Payload(payload))
}

// send sends the next segment of the direction: flags are letters of "SFRPA".
func (c *talk) send(dir, flags string, payload []byte) *Raw {
	c.w.t.Helper()
	return c.at(c.next[side2(dir)], dir, flags, payload)
}

func (c *talk) out(flags string, payload ...string) *Raw {
	c.w.t.Helper()
	return c.send(recording.Out, flags, []byte(strings.Join(payload, "")))
}

func (c *talk) in(flags string, payload ...string) *Raw {
	c.w.t.Helper()
	return c.send(recording.In, flags, []byte(strings.Join(payload, "")))
}

// shake is the handshake of a connection that the program's host began.
func (c *talk) shake() {
	c.w.t.Helper()
	c.out("S")
	c.in("SA")
	c.out("A")
}

// twice makes the wire repeat its last frame.
func (w *wire) twice() {
	last := &w.raws[len(w.raws)-1]
	last.Fault = duplicate
	w.raws = append(w.raws, *last)
}

// drop marks a frame as lost.
func drop(r *Raw) { r.Lost, r.Fault = true, "dropped" }
