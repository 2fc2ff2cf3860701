package frame

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A segment is a TCP segment, its numbers relative to the connection.
type segment struct {
	flags    layers.TCP // for SYN, FIN and so on
	seq, ack uint32
	len      int
	window   int
}

// end is the number after the segment's last; SYN and FIN take one each.
func (s segment) end() uint32 {
	end := s.seq + uint32(s.len)
	if s.flags.SYN {
		end++
	}
	if s.flags.FIN {
		end++
	}
	return end
}

func (d *decoder) tcp(f *recording.Frame, p packet) {
	f.Proto = "TCP"
	var t layers.TCP
	if err := t.DecodeFromBytes(p.body, gopacket.NilDecodeFeedback); err != nil {
		f.Summary = size(len(p.body)) + ", a damaged segment"
		return
	}
	src, dst := netip.AddrPortFrom(p.src, uint16(t.SrcPort)), netip.AddrPortFrom(p.dst, uint16(t.DstPort))
	from, to := d.connection(src, dst, &t)
	s := segment{flags: t, len: len(t.Payload), window: int(t.Window), seq: from.relative(t.Seq, t.SYN)}
	if t.ACK {
		s.ack = to.relative(t.Ack, false)
	}
	header := p.body[:int(t.DataOffset)*4]
	rewrite(p.body, p.body[16:18], func() {
		d.stand(header[0:2])
		d.stand(header[2:4])
		binary.BigEndian.PutUint32(header[4:8], s.seq)
		binary.BigEndian.PutUint32(header[8:12], s.ack)
		if s.window > 0 && !t.SYN {
			binary.BigEndian.PutUint16(header[14:16], from.firstWindow(t.Window))
		}
		if d.mid {
			header[13] &^= 0x08
			t.PSH = false
		}
		f.Options = options(header[20:], from, to)
		if src.Port() == 53 || dst.Port() == 53 {
			d.dnsStream(t.Payload)
		}
	})
	f.From, f.To = d.endpoint(src), d.endpoint(dst)
	f.Flags, f.Seq, f.Ack, f.Len = flagNames(&t), s.seq, s.ack, s.len
	f.Summary = s.summary(f.Flags)
	if !invented(f.Fault) {
		f.ByHost = reason(f, s, from, to)
	}
	switch f.ByHost {
	case "", "retransmission", "window update":
	default:
		if !s.flags.RST {
			f.Call = 0
		}
	}
	from.saw(s)
	to.probed = false
	from.probed = f.ByHost == "keep-alive" || f.ByHost == "window probe"
}

// stand replaces a port by its stand-in.
func (d *decoder) stand(port []byte) {
	binary.BigEndian.PutUint16(port, d.ports.Stand(binary.BigEndian.Uint16(port)))
}

func (d *decoder) endpoint(a netip.AddrPort) string {
	return netip.AddrPortFrom(a.Addr(), d.ports.Stand(a.Port())).String()
}

func (s segment) summary(flags string) string {
	text := fmt.Sprintf("%s seq %d", flags, s.seq)
	if s.flags.ACK {
		text += fmt.Sprintf(" ack %d", s.ack)
	}
	if s.len > 0 {
		text += ", " + size(s.len)
	}
	if s.window == 0 && s.flags.ACK && !s.flags.RST {
		text += ", window 0"
	}
	return text
}

// flagNames is the flags in the order in which people say them.
func flagNames(t *layers.TCP) string {
	var names []string
	for _, flag := range []struct {
		name string
		set  bool
	}{
		{"SYN", t.SYN},
		{"FIN", t.FIN},
		{"RST", t.RST},
		{"PSH", t.PSH},
		{"ACK", t.ACK},
		{"URG", t.URG},
		{"ECE", t.ECE},
		{"CWR", t.CWR},
	} {
		if flag.set {
			names = append(names, flag.name)
		}
	}
	if names == nil {
		return "no flags"
	}
	return strings.Join(names, ",")
}

// The kinds of TCP options that change from run to run or need words.
const (
	optionEnd        = 0
	optionNop        = 1
	optionMSS        = 2
	optionScale      = 3
	optionSACKOK     = 4
	optionSACK       = 5
	optionTimestamps = 8
	optionMPTCP      = 30
	optionFastOpen   = 34
)

// options is the options in words. It makes stable what they hold: timestamps
// count the segments of their side, SACK blocks are relative, keys are zero.
func options(b []byte, from, to *side) []string {
	var words []string
	for len(b) > 0 && b[0] != optionEnd {
		if b[0] == optionNop {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return append(words, "damaged options")
		}
		words = append(words, option(b[0], b[2:b[1]], from, to))
		b = b[b[1]:]
	}
	return words
}

func option(kind byte, value []byte, from, to *side) string {
	switch {
	case kind == optionMSS && len(value) == 2:
		return fmt.Sprintf("MSS %d", binary.BigEndian.Uint16(value))
	case kind == optionScale && len(value) == 1:
		return fmt.Sprintf("window scale %d", value[0])
	case kind == optionSACKOK && len(value) == 0:
		return "SACK permitted"
	case kind == optionSACK && len(value)%8 == 0:
		var blocks []string
		for ; len(value) > 0; value = value[8:] {
			left, right := to.relative(binary.BigEndian.Uint32(value), false), to.relative(binary.BigEndian.Uint32(value[4:]), false)
			binary.BigEndian.PutUint32(value, left)
			binary.BigEndian.PutUint32(value[4:], right)
			blocks = append(blocks, fmt.Sprintf("%d-%d", left, right))
		}
		return "SACK " + strings.Join(blocks, " ")
	case kind == optionTimestamps && len(value) == 8:
		echo := to.sent
		if binary.BigEndian.Uint32(value[4:]) == 0 {
			echo = 0
		}
		binary.BigEndian.PutUint32(value, from.sent+1)
		binary.BigEndian.PutUint32(value[4:], echo)
		return "timestamps"
	case kind == optionMPTCP:
		clear(value[min(2, len(value)):])
		return "MPTCP"
	case kind == optionFastOpen:
		clear(value)
		return "Fast Open"
	}
	return fmt.Sprintf("option %d", kind)
}
