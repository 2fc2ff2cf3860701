package frame

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sockets/runner/recording"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/dns/dnsmessage"
)

// line is what the tests compare of a frame.
func line(f recording.Frame) string {
	text := fmt.Sprintf("%d %s %s %s > %s: %s", f.N, f.Dir, f.Proto, f.From, f.To, f.Summary)
	if f.ByHost != "" {
		text += " [" + f.ByHost + "]"
	}
	if f.Call != 0 {
		text += fmt.Sprintf(" call %d", f.Call)
	}
	if f.Millis != 0 {
		text += fmt.Sprintf(" +%d ms", f.Millis)
	}
	if f.Fault != "" {
		text += " " + f.Fault
	}
	return text
}

func lines(frames []recording.Frame) string {
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintln(&b, line(f))
	}
	return b.String()
}

// message packs a DNS query, or the answer with the address.
func message(tb testing.TB, id uint16, name string, kind dnsmessage.Type, answer ...dnsmessage.ResourceBody) []byte {
	tb.Helper()
	q := dnsmessage.Question{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id, RecursionDesired: true}, Questions: []dnsmessage.Question{q}}
	for _, body := range answer {
		m.Response = true
		if body != nil {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: body})
		}
	}
	b, err := m.Pack()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestDecodeKinds(t *testing.T) {
	for _, c := range slices.Concat(segmentCases, otherCases) {
		t.Run(c.name, func(t *testing.T) {
			w := newWire(t, 1)
			c.build(w)
			got := Decode(w.raws, new(Ports))
			if diff := cmp.Diff(c.want, lines(got)); diff != "" {
				t.Errorf("Decode (-want +got):\n%s", diff)
			}
			for _, f := range got {
				wantSums(t, f)
			}
			again := newWire(t, 2)
			c.build(again)
			if diff := cmp.Diff(got, Decode(again.raws, new(Ports))); diff != "" {
				t.Errorf("Decode of another run (-one +other):\n%s", diff)
			}
			if !bytes.Equal(w.raws[0].Data, rebuilt(t, c.build)) {
				t.Error("Decode changed what it was given")
			}
		})
	}
}

func rebuilt(t *testing.T, build func(*wire)) []byte {
	t.Helper()
	w := newWire(t, 1)
	build(w)
	return w.raws[0].Data
}

// wantSums checks the checksums of a normalised frame with gopacket's own
// arithmetic: it serializes the layers again and compares.
func wantSums(t *testing.T, f recording.Frame) {
	t.Helper()
	p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.Default)
	var above []gopacket.SerializableLayer
	for _, l := range p.Layers() {
		switch l := l.(type) {
		case *layers.TCP:
			if err := l.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
				t.Fatal(err)
			}
		case *layers.UDP:
			if err := l.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
				t.Fatal(err)
			}
		case *layers.ICMPv6:
			if err := l.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
				t.Fatal(err)
			}
		case *layers.Ethernet, *layers.ARP, *layers.IPv4, *layers.IPv6, *layers.ICMPv4:
		default:
			continue
		}
		above = append(above, l.(gopacket.SerializableLayer))
		if _, last := l.(gopacket.TransportLayer); last || l.LayerType() == layers.LayerTypeICMPv4 || l.LayerType() == layers.LayerTypeICMPv6 {
			above = append(above, gopacket.Payload(l.LayerPayload()))
			break
		}
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{ComputeChecksums: true}, above...); err != nil {
		t.Fatal(err)
	}
	if got := buf.Bytes(); !bytes.Equal(got, f.Data) {
		t.Errorf("frame %d has other checksums than its bytes ask for:\n% x\nwant\n% x", f.N, f.Data, got)
	}
}

func TestDecodeOptions(t *testing.T) {
	w := newWire(t, 3)
	c := w.talk(false, w.port(), 80)
	c.shake()
	got := Decode(w.raws, new(Ports))
	want := []string{"MSS 1460", "SACK permitted", "timestamps", "window scale 7"}
	if diff := cmp.Diff(want, got[0].Options); diff != "" {
		t.Errorf("options of the SYN (-want +got):\n%s", diff)
	}
}

func TestDecodeSACK(t *testing.T) {
	var from, to side
	to.relative(1000, true)
	b := []byte{1, 1, 5, 10, 0, 0, 0x03, 0xf2, 0, 0, 0x03, 0xfc, 0}
	if got, want := strings.Join(options(b, &from, &to), "; "), "SACK 10-20"; got != want {
		t.Errorf("options = %q, want %q", got, want)
	}
	if got := binary.BigEndian.Uint32(b[4:]); got != 10 {
		t.Errorf("the option still has %d, want 10", got)
	}
}

// TestSelective: an ACK that names what came after a gap is no window update,
// whatever its window.
func TestSelective(t *testing.T) {
	from, to := side{acked: true, ack: 5, window: 100}, side{}
	s := segment{seq: 9, ack: 5, window: 200}
	s.flags.ACK = true
	for options, want := range map[string]string{"SACK 10-20": "duplicate ACK", "timestamps": "window update"} {
		if got := reason(&recording.Frame{Options: []string{options}}, s, &from, &to); got != want {
			t.Errorf("with %s it is a %q, want %q", options, got, want)
		}
	}
}

func TestDecodeFragments(t *testing.T) {
	run := func(seed uint64) []recording.Frame {
		w := newWire(t, seed)
		whole := w.udp(recording.Out, false, w.port(), 9, bytes.Repeat([]byte("x"), 2000)).Data
		w.raws = nil
		id := uint16(w.rand.Uint32())
		for _, cut := range []struct{ from, to int }{{0, 1480}, {1480, 2008}} {
			kind, ip := w.ip(recording.Out, false, layers.IPProtocolUDP)
			ip4 := ip.(*layers.IPv4)
			ip4.Id, ip4.Flags, ip4.FragOffset = id, 0, uint16(cut.from/8)
			if cut.to < 2008 {
				ip4.Flags = layers.IPv4MoreFragments
			}
			w.send(recording.Out, kind, ip4, gopacket.Payload(whole[34+cut.from:34+cut.to]))
		}
		return Decode(w.raws, new(Ports))
	}
	got := run(1)
	want := `1 out UDP 192.0.2.10:50001 > 192.0.2.80:9: 1472 bytes, first fragment
2 out UDP 192.0.2.10 > 192.0.2.80: fragment: 528 bytes from byte 1480 on
`
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, run(2)); diff != "" {
		t.Errorf("Decode of another run (-one +other):\n%s", diff)
	}
	if a, b := binary.BigEndian.Uint16(got[0].Data[18:]), binary.BigEndian.Uint16(got[1].Data[18:]); a != b || a == 0 {
		t.Errorf("the fragments have the identifications %d and %d, want the same", a, b)
	}
}

func TestDecodeKeepsWholeAtFirst(t *testing.T) {
	w := newWire(t, 1)
	for range 100 {
		w.udp(recording.Out, false, 9, 9, make([]byte, 1400))
	}
	got := Decode(w.raws, new(Ports))
	if n := len(got[0].Data); n != 1442 || got[0].Size != n {
		t.Errorf("the first frame has %d of %d bytes, want 1442", n, got[0].Size)
	}
	if n := len(got[99].Data); n != firstBytes || got[99].Size != 1442 {
		t.Errorf("the last frame has %d of %d bytes, want %d of 1442", n, got[99].Size, firstBytes)
	}
}

func TestHundreds(t *testing.T) {
	for ms, want := range map[time.Duration]int64{0: 0, 40: 0, 79: 0, 80: 100, 199: 200, 204: 200, 998: 1000, 1020: 1000, 1079: 1000, -5: 0} {
		if got := hundreds(ms * time.Millisecond); got != want {
			t.Errorf("hundreds(%d ms) = %d, want %d", ms, got, want)
		}
	}
}

func TestPorts(t *testing.T) {
	var p Ports
	for _, c := range []struct{ port, want uint16 }{{80, 80}, {40000, 50001}, {32768, 50002}, {40000, 50001}, {50001, 50003}, {32767, 32767}} {
		if got := p.Stand(c.port); got != c.want {
			t.Errorf("Stand(%d) = %d, want %d", c.port, got, c.want)
		}
	}
	if to, ok := p.Known(40000); to != 50001 || !ok {
		t.Errorf("Known(40000) = %d, %t", to, ok)
	}
	if _, ok := p.Known(40001); ok {
		t.Error("Known(40001) was never seen")
	}
	for port := 32768; port <= 65535; port++ {
		p.Stand(uint16(port))
	}
}

func FuzzDecode(f *testing.F) {
	w := newWire(f, 1)
	w.talk(false, 40000, 80).shake()
	w.talk(true, 40000, 53).out("PA", string(message(f, 1, "a.", dnsmessage.TypeA)))
	w.udp(recording.Out, true, 40000, 53, message(f, 1, "a.", dnsmessage.TypeMX, nil))
	for _, r := range w.raws {
		f.Add(r.Data, r.Data)
		for at := 12; at < len(r.Data); at += 5 {
			cut := bytes.Clone(r.Data)
			cut[at] ^= 0x55
			f.Add(cut, r.Data[:at])
		}
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		raws := []Raw{{Dir: recording.Out, Data: a}, {Dir: recording.In, Data: b}, {Dir: recording.Out, Data: a}}
		frames := Decode(raws, new(Ports))
		for i, got := range frames {
			if got.N != i+1 || got.Proto == "" || got.Summary == "" || got.Size != len(raws[i].Data) {
				t.Errorf("Decode = %+v", got)
			}
		}
		Tie(frames, []recording.Call{{ID: 1, Name: "write", FD: "TCP 192.0.2.10:50001 > 192.0.2.80:80", Result: "5"}, {ID: 2, Name: "close", FD: "TCP 192.0.2.10:50001 > 192.0.2.80:80", Result: "0"}})
	})
}
