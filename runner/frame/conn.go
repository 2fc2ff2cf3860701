package frame

import (
	"net/netip"
	"slices"
	"strings"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket/layers"
)

// A connKey names a connection: its two endpoints, the lesser first.
type connKey struct{ a, b netip.AddrPort }

// A conn is what the wire showed of a TCP connection so far.
type conn struct {
	a, b side
}

// A side is one of the two ends, by what it sent.
type side struct {
	known    bool
	base     uint32 // the sequence number that is 0
	syn      bool   // sent a SYN
	fin      bool   // sent a FIN
	next     uint32 // the greatest end of a segment, relative
	sent     uint32 // segments
	spans    spans  // what it sent, relative
	acked    bool   // sent an ACK without SYN; then the last had
	ack      uint32
	window   int
	first    uint16 // the first window that was not 0, without SYN
	answered bool   // sent a SYN,ACK with another number before
	probed   bool   // its last segment was a probe
}

// firstWindow is the side's first window; this one, if it has none yet.
func (s *side) firstWindow(window uint16) uint16 {
	if s.first == 0 {
		s.first = window
	}
	return s.first
}

type span struct{ from, to uint32 }

// spans are in order and do not overlap.
type spans []span

// connection finds the two sides of the segment's connection, or begins one: a
// SYN with another initial sequence number is a new one between the same
// endpoints. A SYN,ACK with another is the same answer again, of a listener
// that has forgotten the first.
func (d *decoder) connection(src, dst netip.AddrPort, t *layers.TCP) (from, to *side) {
	key, first := connKey{src, dst}, true
	if dst.Compare(src) < 0 {
		key, first = connKey{dst, src}, false
	}
	c := d.conns[key]
	if c == nil {
		c = new(conn)
		d.conns[key] = c
	}
	from, to = &c.a, &c.b
	if !first {
		from, to = to, from
	}
	switch {
	case !t.SYN || !from.known || from.base == t.Seq:
	case t.ACK:
		*from = side{answered: from.syn}
	default:
		*from, *to = side{}, side{}
	}
	return from, to
}

// relative is the sequence number as it is relative to the side's first. Of a
// side whose SYN the wire did not see, the first number is 1, as Wireshark has it.
func (s *side) relative(seq uint32, syn bool) uint32 {
	if !s.known {
		s.known, s.base = true, seq
		if !syn {
			s.base--
		}
	}
	return seq - s.base
}

// saw adds the segment to what the side sent.
func (s *side) saw(g segment) {
	s.sent++
	s.syn = s.syn || g.flags.SYN
	s.fin = s.fin || g.flags.FIN
	if g.flags.RST {
		return
	}
	if g.end() != g.seq {
		s.spans.add(span{g.seq, g.end()})
	}
	s.next = max(s.next, g.end())
	if g.flags.ACK && !g.flags.SYN {
		s.acked, s.ack, s.window = true, g.ack, g.window
	}
}

// has reports whether all of the span is among them.
func (s spans) has(one span) bool {
	for _, old := range s {
		if old.from <= one.from && one.to <= old.to {
			return true
		}
	}
	return false
}

func (s *spans) add(one span) {
	var all spans
	for _, old := range *s {
		switch {
		case old.to < one.from:
			all = append(all, old)
		case one.to < old.from:
			all = append(all, one)
			one = old
		default:
			one = span{min(old.from, one.from), max(old.to, one.to)}
		}
	}
	all = append(all, one)
	*s = all
}

// reason is why the kernel sent the segment by itself, "" if a call of a
// program did, as far as the wire shows. What only the calls can tell is left
// to [Tie].
func reason(f *recording.Frame, s segment, from, to *side) string {
	switch {
	case s.flags.RST:
		return resetReason(s, from, to)
	case s.flags.SYN:
		if from.spans.has(span{s.seq, s.end()}) || from.answered {
			return "retransmission"
		}
		if s.flags.ACK {
			return "SYN,ACK"
		}
		return ""
	case s.len == 0 && !s.flags.FIN && from.next > 0 && s.seq == from.next-1:
		if to.acked && to.window == 0 {
			return "window probe"
		}
		return "keep-alive"
	case s.end() != s.seq:
		if from.spans.has(span{s.seq, s.end()}) {
			return "retransmission"
		}
		return ""
	case !s.flags.ACK:
		return ""
	case !from.acked || s.ack != from.ack || to.probed:
		return "ACK"
	case s.window != from.window && !selective(f):
		return "window update"
	}
	return "duplicate ACK"
}

// selective reports whether the segment acknowledges what came after a gap, or
// twice.
func selective(f *recording.Frame) bool {
	return slices.ContainsFunc(f.Options, func(o string) bool {
		return strings.HasPrefix(o, "SACK ") && o != "SACK permitted"
	})
}

func resetReason(s segment, from, to *side) string {
	switch {
	case !from.syn && to.syn && s.flags.ACK:
		return "RST: nobody listens"
	case s.flags.ACK:
		return ""
	case from.fin:
		return "RST: data after close"
	}
	return "RST: no such connection"
}
