package frame

import (
	"slices"
	"strings"

	"sockets/runner/recording"
)

// Tie says of each frame which call sent it or took it, where it does not say
// so yet or names a call that can't have, by what both say of themselves. Both
// must be normalised with the same [Ports], and the calls must be all that the
// program made, in order.
//
// Of a connection, a SYN belongs to the connect that sent it and a SYN,ACK to the
// connect that it completed; a SYN that came in to the accept that returned its
// connection; data to the write that their first byte is from, or to the first
// read that returned that byte; a FIN to the shutdown or close that sent it, or
// to the read that returned 0; an RST to the close that sent it, or to the call
// that returned its error. A datagram belongs to the first send or receive of
// its length and endpoints that has none yet, an ICMP error to the call that
// returned it.
//
// A FIN or RST that no call sent is labelled, as is the RST of a connection that
// was closed with unread input. A lost frame was taken by nobody, and what the
// wire invented was sent by nobody.
func Tie(frames []recording.Frame, calls []recording.Call) {
	t := tie{taken: make(map[*call]bool)}
	for i := range calls {
		t.calls = append(t.calls, parse(&calls[i]))
	}
	streams := make(map[flow]*stream)
	for i := range frames {
		f := &frames[i]
		lost := f.Lost && f.Dir == recording.In
		if lost || invented(f.Fault) {
			continue
		}
		if c := t.numbered(f.Call); c != nil && !c.sent(f) {
			f.Call = 0
		}
		switch f.Proto {
		case "TCP":
			key := flowOf(f)
			s := streams[key]
			if s == nil || f.Flags == "SYN" && f.ByHost == "" && s.opened(f.Dir) {
				s = t.stream(key, f)
				streams[key] = s
			}
			s.tie(f)
		case "UDP":
			t.datagram(f, func(c *call) bool { return c.result == f.Len })
		case "ICMP", "ICMPv6":
			t.icmp(f)
		}
	}
}

type tie struct {
	calls []*call
	taken map[*call]bool
}

// first is the first call that nobody has and that fits; it is had then.
func (t *tie) first(fits func(*call) bool) *call {
	for _, c := range t.calls {
		if !t.taken[c] && fits(c) {
			t.taken[c] = true
			return c
		}
	}
	return nil
}

// numbered is the call of that ID, nil if there is none.
func (t *tie) numbered(id int) *call {
	i := slices.IndexFunc(t.calls, func(c *call) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return t.calls[i]
}

// exits reports whether the call of that ID ended the program.
func (t *tie) exits(id int) bool {
	c := t.numbered(id)
	return c != nil && c.kind == exits
}

// datagram ties a datagram to the first call that sent or received such a one.
func (t *tie) datagram(f *recording.Frame, sized func(*call) bool) {
	k := flowOf(f)
	kind := receives
	if f.Dir == recording.Out {
		kind = sends
	}
	c := t.first(func(c *call) bool {
		return c.kind == kind && strings.HasPrefix(c.proto, "UDP") && sized(c) && c.local.allows(k.local) &&
			(c.remote == k.remote || c.named == k.remote || c.remote == "" && c.named == "" && kind == receives)
	})
	set(f, c)
}

// icmp ties an echo to its call, and an error to the call that returned it.
func (t *tie) icmp(f *recording.Frame) {
	if _, about, quoted := strings.Cut(f.Summary, " ("); quoted && f.Dir == recording.In {
		proto, local, remote := descriptor(strings.TrimSuffix(about, ")"))
		set(f, t.first(func(c *call) bool {
			return c.refused() && strings.HasPrefix(c.proto, proto) && c.local.allows(local) && (c.remote == remote || c.named == remote)
		}))
		return
	}
	if f.ByHost != "" && f.Dir == recording.Out {
		return
	}
	kind, peer := receives, host(f.From)
	if f.Dir == recording.Out {
		kind, peer = sends, host(f.To)
	}
	set(f, t.first(func(c *call) bool {
		named := c.named.host()
		if named == "" {
			named = c.remote.host()
		}
		raw := strings.Contains(strings.ToUpper(c.proto), "ICMP") || strings.EqualFold(c.proto, "raw")
		return c.kind == kind && raw && c.result > 0 && (named == peer || named == "" && kind == receives)
	}))
}

func set(f *recording.Frame, c *call) {
	if f.Call == 0 && c != nil {
		f.Call = c.ID
	}
}

// A stream is a TCP connection as calls see it.
type stream struct {
	flow
	open    *call   // the connect or accept
	calls   []*call // on its descriptors, in order
	arrived spans   // payload that came in
	exits   func(call int) bool
}

// opened reports whether a SYN in the direction began the stream.
func (s *stream) opened(dir string) bool {
	return s.open != nil && (s.open.kind == connects) == (dir == recording.Out)
}

func (t *tie) stream(k flow, first *recording.Frame) *stream {
	s := &stream{flow: k, exits: t.exits}
	kind := connects
	if first.Dir == recording.In {
		kind = accepts
	}
	s.open = t.first(func(c *call) bool {
		if c.kind != kind {
			return false
		}
		// The descriptor of an accept is the listener's.
		return c.local.allows(k.local) && (c.remote == k.remote || c.named == k.remote)
	})
	// What came before the call that opened it is of an earlier connection
	// between the same endpoints.
	began := 0
	if s.open != nil {
		began = s.open.ID
	}
	for _, c := range t.calls {
		if c.kind != accepts && c.ID >= began && !t.taken[c] && c.local.allows(k.local) && c.remote == k.remote {
			if c.kind == connects {
				break
			}
			s.calls = append(s.calls, c)
		}
	}
	return s
}

func (s *stream) tie(f *recording.Frame) {
	out := f.Dir == recording.Out
	has := func(flag string) bool { return slices.Contains(strings.Split(f.Flags, ","), flag) }
	if f.Len > 0 && !out {
		s.arrived.add(span{f.Seq, f.Seq + uint32(f.Len)})
	}
	switch {
	case has("RST") && out:
		s.reset(f)
	case has("RST"):
		set(f, s.failed())
	case has("SYN") && (!out || !has("ACK")):
		set(f, s.open)
	case f.Len > 0 && out:
		set(f, s.holds(sends, f.Seq))
	case f.Len > 0:
		set(f, s.holds(receives, f.Seq))
	case has("FIN") && out:
		if end := s.end(); end != nil {
			set(f, end)
		} else if f.ByHost == "" && s.seen() && (f.Call == 0 || s.exits(f.Call)) {
			f.ByHost = "FIN at exit"
		}
	case has("FIN"):
		set(f, s.find(func(c *call) bool { return c.kind == receives && c.Result == "0" }))
	}
}

// seen reports whether any call is known that had to do with the connection.
func (s *stream) seen() bool { return s.open != nil || len(s.calls) > 0 }

func (s *stream) find(fits func(*call) bool) *call {
	if i := slices.IndexFunc(s.calls, fits); i >= 0 {
		return s.calls[i]
	}
	return nil
}

// holds is the first call of the kind with the byte that has the sequence
// number; the stream's first byte has 1.
func (s *stream) holds(kind kind, seq uint32) *call {
	next := uint32(1)
	return s.find(func(c *call) bool {
		if c.kind != kind || c.result <= 0 {
			return false
		}
		end := next + uint32(c.result)
		if seq < end {
			return true
		}
		if !c.peeks() {
			next = end
		}
		return false
	})
}

// end is the call that says there is no more to send: a shutdown or the close
// of the last of the stream's descriptors.
func (s *stream) end() *call {
	open := 1
	return s.find(func(c *call) bool {
		switch c.kind {
		case shutdowns:
			return c.result == 0
		case dups:
			open++
		case closes:
			open--
		}
		return open == 0
	})
}

// failed is the first call that returned what an RST makes of a connection.
func (s *stream) failed() *call {
	if s.open != nil && s.open.refused() {
		return s.open
	}
	return s.find((*call).refused)
}

// reset ties an RST that went out, and says why it did where the wire alone
// could not.
func (s *stream) reset(f *recording.Frame) {
	if f.ByHost != "" || !s.seen() {
		return
	}
	var arrived, read int
	for _, a := range s.arrived {
		arrived += int(a.to - a.from)
	}
	for _, c := range s.calls {
		if c.kind == receives && !c.peeks() {
			read += max(c.result, 0)
		}
	}
	end := s.end()
	switch {
	case arrived > read:
		f.ByHost = "RST: closed with unread input"
	case end == nil && (f.Call == 0 || s.exits(f.Call)):
		f.ByHost = "RST at exit"
	}
	set(f, end)
}
