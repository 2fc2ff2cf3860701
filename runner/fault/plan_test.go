package fault

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A tcp is a segment that a test makes. Frames are made and read by gopacket,
// which we did not write.
type tcp struct {
	flags    string // "SYN", "SYN,ACK"
	seq, ack uint32
	payload  string
	in, v6   bool
}

const clientPort, serverPort = 50001, 80

func (s tcp) frame(t *testing.T) []byte {
	t.Helper()
	has := func(flag string) bool { return slices.Contains(strings.Split(s.flags, ","), flag) }
	l := &layers.TCP{
		SrcPort: clientPort, DstPort: serverPort, Seq: s.seq, Ack: s.ack, Window: 1000,
		SYN: has("SYN"), ACK: has("ACK"), FIN: has("FIN"), RST: has("RST"), PSH: has("PSH"),
	}
	if l.SYN {
		l.Options = []layers.TCPOption{{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{5, 0xb4}}}
	}
	if s.in {
		l.SrcPort, l.DstPort = l.DstPort, l.SrcPort
	}
	return packetOf(t, s.in, s.v6, layers.IPProtocolTCP, l, s.payload)
}

// packetOf is a frame with a transport layer.
func packetOf(t *testing.T, in, v6 bool, proto layers.IPProtocol, l gopacket.SerializableLayer, payload string) []byte {
	t.Helper()
	eth := &layers.Ethernet{SrcMAC: []byte{2, 0, 0, 0, 0, 0x10}, DstMAC: []byte{2, 0, 0, 0, 0, 1}, EthernetType: layers.EthernetTypeIPv4}
	here, there := []byte{192, 0, 2, 10}, []byte{192, 0, 2, 80}
	if v6 {
		eth.EthernetType = layers.EthernetTypeIPv6
		here, there = netip.MustParseAddr("2001:db8::10").AsSlice(), netip.MustParseAddr("2001:db8::80").AsSlice()
	}
	if in {
		here, there = there, here
		eth.SrcMAC, eth.DstMAC = eth.DstMAC, eth.SrcMAC
	}
	var network gopacket.NetworkLayer
	ip4 := &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Protocol: proto, SrcIP: here, DstIP: there}
	ip6 := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: here, DstIP: there}
	network = ip4
	ip := gopacket.SerializableLayer(ip4)
	if v6 {
		network, ip = ip6, ip6
	}
	if sum, ok := l.(interface {
		SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
	}); ok {
		if err := sum.SetNetworkLayerForChecksum(network); err != nil {
			t.Fatal(err)
		}
	}
	buf := gopacket.NewSerializeBuffer()
	opts := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, opts, eth, ip, l, gopacket.Payload(payload)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// dir is the direction of the segment.
func (s tcp) dir() string {
	if s.in {
		return In
	}
	return Out
}

func plan(t *testing.T, texts ...string) *Plan {
	t.Helper()
	var fs []Fault
	for _, text := range texts {
		f, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		fs = append(fs, f)
	}
	return NewPlan(fs)
}

func TestIs(t *testing.T) {
	udp := func(port layers.UDPPort) []byte {
		return packetOf(t, false, false, layers.IPProtocolUDP, &layers.UDP{SrcPort: 50001, DstPort: port}, "x")
	}
	echo := packetOf(t, false, false, layers.IPProtocolICMPv4,
		&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(layers.ICMPv4TypeEchoRequest, 0)}, "ping")
	for name, c := range map[string]struct {
		frame []byte
		want  []Kind
	}{
		"SYN":       {tcp{flags: "SYN"}.frame(t), []Kind{SYN, Any}},
		"SYN,ACK":   {tcp{flags: "SYN,ACK", in: true}.frame(t), []Kind{SYNACK, Any}},
		"ACK":       {tcp{flags: "ACK"}.frame(t), []Kind{ACK, Any}},
		"data":      {tcp{flags: "PSH,ACK", payload: "x"}.frame(t), []Kind{Data, Any}},
		"data, FIN": {tcp{flags: "FIN,ACK", payload: "x"}.frame(t), []Kind{FIN, Data, Any}},
		"FIN":       {tcp{flags: "FIN,ACK"}.frame(t), []Kind{FIN, Any}},
		"RST":       {tcp{flags: "RST"}.frame(t), []Kind{RST, Any}},
		"IPv6":      {tcp{flags: "SYN", v6: true}.frame(t), []Kind{SYN, Any}},
		"padded":    {append(tcp{flags: "ACK"}.frame(t), 0, 0, 0, 0, 0, 0), []Kind{ACK, Any}},
		"udp":       {udp(9), []Kind{UDP, Any}},
		"dns":       {udp(53), []Kind{UDP, DNS, Any}},
		"icmp":      {echo, []Kind{ICMP, Any}},
		"short":     {tcp{flags: "SYN"}.frame(t)[:30], nil},
		"nothing":   {nil, nil},
	} {
		for _, k := range kinds {
			if got, want := Is(c.frame, k), slices.Contains(c.want, k); got != want {
				t.Errorf("%s: Is(%s) = %v, want %v", name, k, got, want)
			}
		}
	}
}

func TestJudge(t *testing.T) {
	syn, synack := tcp{flags: "SYN"}, tcp{flags: "SYN,ACK", in: true}
	data := tcp{flags: "PSH,ACK", payload: "hello"}
	for _, c := range []struct {
		faults []string
		frames []tcp
		want   []string
	}{
		{[]string{"drop in SYN,ACK 1"}, []tcp{syn, synack, synack}, []string{"", "dropped", ""}},
		{[]string{"drop out SYN *"}, []tcp{syn, syn, synack}, []string{"dropped", "dropped", ""}},
		{[]string{"delay out data 2 200ms"}, []tcp{syn, data, data, data}, []string{"", "", "delayed 200ms", ""}},
		{[]string{"duplicate out data 1", "reorder out data 2"}, []tcp{data, data, data}, []string{"duplicate", "reordered", ""}},
		{[]string{"drop out any 2", "drop out data 2"}, []tcp{syn, data, data}, []string{"", "dropped", "dropped"}},
	} {
		p := plan(t, c.faults...)
		for i, f := range c.frames {
			v := p.Judge(f.dir(), f.frame(t))
			if v.Label != c.want[i] {
				t.Errorf("%q, frame %d: %q, want %q", c.faults, i+1, v.Label, c.want[i])
			}
			if v.Drop != (v.Label == "dropped") || v.Duplicate != (v.Label == "duplicate") ||
				v.Reorder != (v.Label == "reordered") || (v.Delay == 200*time.Millisecond) != (v.Label == "delayed 200ms") {
				t.Errorf("%q, frame %d: %+v", c.faults, i+1, v)
			}
		}
	}
}

// A reset comes once, to both ends, with the numbers that they expect.
func TestReset(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		p := plan(t, "reset in after 10 bytes")
		var got []int
		for i, s := range []tcp{
			{flags: "SYN", seq: 99},
			{flags: "SYN,ACK", seq: 499, ack: 100, in: true},
			{flags: "PSH,ACK", seq: 100, ack: 500, payload: "request"},
			{flags: "PSH,ACK", seq: 500, ack: 107, payload: "12345", in: true},
			{flags: "PSH,ACK", seq: 500, ack: 107, payload: "12345", in: true}, // again
			{flags: "PSH,ACK", seq: 505, ack: 107, payload: "67890", in: true},
			{flags: "PSH,ACK", seq: 510, ack: 107, payload: "x", in: true},
		} {
			s.v6 = v6
			v := p.Judge(s.dir(), s.frame(t))
			if v.ResetIn == nil {
				continue
			}
			got = append(got, i)
			wantReset(t, v.ResetIn, serverPort, 510)
			wantReset(t, v.ResetOut, clientPort, 107)
		}
		if !slices.Equal(got, []int{5}) {
			t.Errorf("resets with frames %v, want with 5 alone", got)
		}
	}
}

// wantReset wants a frame to be a reset, whole and with right sums.
func wantReset(t *testing.T, b []byte, from layers.TCPPort, seq uint32) {
	t.Helper()
	p := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.Default)
	l, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !ok || p.ErrorLayer() != nil {
		t.Fatalf("% x is no segment", b)
	}
	if !l.RST || l.SYN || l.ACK || l.SrcPort != from || l.Seq != seq || len(l.Payload) > 0 {
		t.Errorf("%s, want RST from port %d with seq %d", gopacket.LayerDump(l), from, seq)
	}
	if err := l.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
		t.Fatal(err)
	}
	if err, sums := p.VerifyChecksums(); err != nil || len(sums) > 0 {
		t.Errorf("checksums: %v %v", err, sums)
	}
}
