package pocket

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"sockets/runner/fault"
)

// A seg is a segment from there, of the connection to port 50001 or another.
type seg struct {
	seq, ack uint32
	payload  string
	flags    string // of "SFRP" and ".", which is ACK
	port     uint16
	v6       bool
	options  bool
}

// frame is the segment as gopacket, which we did not write, makes it.
func (s seg) frame(t *testing.T) []byte {
	t.Helper()
	has := func(flag string) bool { return strings.Contains(s.flags, flag) }
	tcp := &layers.TCP{
		SrcPort: 80, DstPort: layers.TCPPort(50001 + s.port), Seq: s.seq, Ack: s.ack, Window: 500,
		SYN: has("S"), FIN: has("F"), RST: has("R"), PSH: has("P"), ACK: has("."),
	}
	if s.options {
		tcp.Options = []layers.TCPOption{{OptionType: layers.TCPOptionKindNop}, {OptionType: layers.TCPOptionKindNop}}
	}
	eth := &layers.Ethernet{SrcMAC: thereMAC, DstMAC: hereMAC, EthernetType: layers.EthernetTypeIPv4}
	ip4 := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: []byte{192, 0, 2, 80}, DstIP: []byte{192, 0, 2, 10}}
	ip6 := &layers.IPv6{
		Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP,
		SrcIP: netip.MustParseAddr("2001:db8::80").AsSlice(), DstIP: Here6.AsSlice(),
	}
	var ip gopacket.SerializableLayer = ip4
	var network gopacket.NetworkLayer = ip4
	if s.v6 {
		eth.EthernetType, ip, network = layers.EthernetTypeIPv6, ip6, ip6
	}
	if err := tcp.SetNetworkLayerForChecksum(network); err != nil {
		t.Fatal(err)
	}
	buf := gopacket.NewSerializeBuffer()
	opts := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, opts, eth, ip, tcp, gopacket.Payload(s.payload)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestMerge(t *testing.T) {
	const full = "0123456789"
	for name, c := range map[string]struct {
		segs []seg
		want []string // what each superframe holds
	}{
		"one":        {[]seg{{seq: 1, flags: ".", payload: full}}, []string{full}},
		"in order":   {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 11, flags: ".", payload: full}, {seq: 21, flags: "P.", payload: "end"}}, []string{full + full + "end"}},
		"FIN":        {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 11, flags: "PF.", payload: "end"}}, []string{full + "end"}},
		"lone FIN":   {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 11, flags: "F."}}, []string{full, ""}},
		"after end":  {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 11, flags: ".", payload: "end"}, {seq: 14, flags: ".", payload: full}}, []string{full + "end", full}},
		"larger":     {[]seg{{seq: 1, flags: ".", payload: "end"}, {seq: 4, flags: ".", payload: full}}, []string{"end", full}},
		"gap":        {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 21, flags: ".", payload: full}}, []string{full, full}},
		"again":      {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 1, flags: ".", payload: full}}, []string{full, full}},
		"wraps":      {[]seg{{seq: 1<<32 - 5, flags: ".", payload: full}, {seq: 5, flags: ".", payload: full}}, []string{full + full}},
		"two conns":  {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 11, flags: ".", payload: full, port: 1}}, []string{full, full}},
		"ack moved":  {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 11, ack: 9, flags: ".", payload: full}}, []string{full, full}},
		"options":    {[]seg{{seq: 1, flags: ".", payload: full, options: true}, {seq: 11, flags: ".", payload: full, options: true}}, []string{full + full}},
		"unlike":     {[]seg{{seq: 1, flags: ".", payload: full, options: true}, {seq: 11, flags: ".", payload: full}}, []string{full, full}},
		"RST":        {[]seg{{seq: 1, flags: ".", payload: full}, {seq: 11, flags: "R."}}, []string{full, ""}},
		"handshakes": {[]seg{{seq: 1, flags: "S."}, {seq: 1, flags: "S.", port: 1}}, []string{"", ""}},
		"nothing":    {nil, nil},
	} {
		for _, v6 := range []bool{false, true} {
			var frames [][]byte
			for _, s := range c.segs {
				s.v6 = v6
				frames = append(frames, s.frame(t))
			}
			var got []string
			for _, s := range merge(frames) {
				got = append(got, payloadOf(t, s))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, IPv6 %v: merged to %q, want %q", name, v6, got, c.want)
			}
		}
	}
}

// payloadOf is what a superframe holds, whose headers must be right: its sum is
// that of the pseudo header, and the rest of it is added where the frame goes.
func payloadOf(t *testing.T, s super) string {
	t.Helper()
	data := slices.Clone(s.data)
	if s.header.gso != 0 {
		at := int(s.header.sumStart) + int(s.header.sumOff)
		tcp := data[s.header.sumStart:]
		if len(tcp)%2 == 1 {
			tcp = append(slices.Clone(tcp), 0)
		}
		sum := ^fold(tcp)
		data[at], data[at+1] = byte(sum>>8), byte(sum)
	}
	p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
	tcp, ok := p.TransportLayer().(*layers.TCP)
	if !ok {
		t.Fatalf("no segment: %v", p)
	}
	if err := tcp.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
		t.Fatal(err)
	}
	if err, wrong := p.VerifyChecksums(); err != nil || len(wrong) > 0 {
		t.Errorf("sums: %v %v", err, wrong)
	}
	return string(tcp.Payload)
}

// A superframe is no longer than IP allows.
func TestMergeLimit(t *testing.T) {
	var frames [][]byte
	for i := range 60 {
		frames = append(frames, seg{seq: uint32(i * 1460), flags: ".", payload: strings.Repeat("x", 1460)}.frame(t))
	}
	supers := merge(frames)
	if len(supers) != 2 || len(supers[0].data) > maxSuper || len(supers[0].data) < maxSuper-1460 {
		t.Errorf("60 segments are %d superframes, the first of %d bytes", len(supers), len(supers[0].data))
	}
	if got := payloadOf(t, supers[1]); len(got) != 60*1460-(len(supers[0].data)-54) {
		t.Errorf("the second holds %d bytes", len(got))
	}
}

func TestVnet(t *testing.T) {
	got := vnet{flags: 1, gso: 4, header: 0x0102, size: 0x0304, sumStart: 0x0506, sumOff: 0x0708}.encode(nil)
	le := []byte{1, 4, 2, 1, 4, 3, 6, 5, 8, 7}
	be := []byte{1, 4, 1, 2, 3, 4, 5, 6, 7, 8}
	if len(got) != vnetLen || !bytes.Equal(got, le) && !bytes.Equal(got, be) {
		t.Errorf("encode = % x", got)
	}
}

func TestConns(t *testing.T) {
	c := make(conns)
	for i, step := range []struct {
		dir  string
		seg  seg
		open int
	}{
		{fault.In, seg{flags: "S."}, 1},
		{fault.In, seg{flags: "S.", v6: true}, 2},
		{fault.In, seg{flags: "P.", payload: "x"}, 2},
		{fault.In, seg{flags: "F."}, 2},
		{fault.In, seg{flags: "F."}, 2}, // again
		{fault.In, seg{flags: "R.", v6: true}, 1},
		{fault.In, seg{flags: "R.", port: 7}, 1}, // of nobody
		{fault.In, seg{flags: "R."}, 0},
	} {
		c.follow(step.dir, step.seg.frame(t))
		if len(c) != step.open {
			t.Errorf("step %d: %d connections are open, want %d", i, len(c), step.open)
		}
	}
}

func TestChatter(t *testing.T) {
	// A report of a group that belongs to an address, with the hop-by-hop option
	// that such reports have, and one of a group that a program joined.
	header := append(append(slices.Clone(hereMAC), thereMAC...), 0x86, 0xdd)
	ip := append([]byte{0x60, 0, 0, 0, 0, 36, 0, 1}, make([]byte, 32)...)
	hop := []byte{58, 0, 5, 2, 0, 0, 1, 0}
	report := func(group string) []byte {
		b := append(append(slices.Clone(header), ip...), hop...)
		b = append(b, 143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0)
		return append(b, netip.MustParseAddr(group).AsSlice()...)
	}
	for _, c := range []struct {
		frame []byte
		want  bool
	}{
		{report("ff02::1:ff00:80"), true},
		{report("ff02::fb"), false},
		{report("ff02::1:ff00:80")[:60], false},
		{seg{flags: "S."}.frame(t), false},
		{seg{flags: "S.", v6: true}.frame(t), false},
		{nil, false},
	} {
		if got := chatter(c.frame); got != c.want {
			t.Errorf("chatter(% x) = %v, want %v", c.frame, got, c.want)
		}
	}
}
