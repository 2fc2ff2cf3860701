package fault

import (
	"fmt"
	"net/netip"
	"time"
)

// A Verdict is what the wire is to do with one frame. The zero value is to
// carry it as it is.
type Verdict struct {
	Drop      bool
	Delay     time.Duration
	Duplicate bool
	Reorder   bool   // keep it until the next frame of Kind has passed
	Kind      Kind   // of Reorder
	Label     string // what happens to it, in a word: "dropped", "delayed 200ms"

	// To send once the frame has passed, or nil: the segments that reset its
	// connection, one to the program's host, one from it.
	ResetIn, ResetOut []byte
}

// A Plan is faults and how far they have come. It is for one wire, and not for
// use by several goroutines at once.
type Plan struct {
	faults []Fault
	seen   []int // frames that each fault means, so far
	conns  map[flow]*conn
}

// A flow is a connection, by its end at the program's host and the other one.
type flow struct{ here, there netip.AddrPort }

// A conn is how far a connection has come that may have to be reset.
type conn struct {
	bytes map[string]int    // of payload, by direction
	next  map[string]uint32 // the number that comes next, by direction
	reset bool
}

// NewPlan is the faults, none of which has happened yet.
func NewPlan(faults []Fault) *Plan {
	return &Plan{faults: faults, seen: make([]int, len(faults)), conns: make(map[flow]*conn)}
}

// Judge says what to do with the next frame of a direction. Frames that are
// not IP pass, and are not counted. If several faults mean the same frame, the
// first of them is done, and all of them count it.
func (p *Plan) Judge(dir string, frame []byte) Verdict {
	var v Verdict
	if len(p.faults) == 0 {
		return v
	}
	pkt, ok := look(frame)
	if !ok {
		return v
	}
	for i, f := range p.faults {
		if f.Dir != dir || f.Action == Reset || !pkt.is(f.Kind) {
			continue
		}
		p.seen[i]++
		if v.Label == "" && (f.N == 0 || f.N == p.seen[i]) {
			v = f.verdict()
		}
	}
	if !v.Drop {
		p.follow(dir, frame, pkt, &v)
	}
	return v
}

func (f Fault) verdict() Verdict {
	switch f.Action {
	case Drop:
		return Verdict{Drop: true, Label: "dropped"}
	case Delay:
		return Verdict{Delay: f.By, Label: fmt.Sprintf("delayed %v", f.By)}
	case Duplicate:
		return Verdict{Duplicate: true, Label: "duplicate"}
	default:
		return Verdict{Reorder: true, Kind: f.Kind, Label: "reordered"}
	}
}

// follow notes what a segment adds to its connection, and resets that if it is
// due.
func (p *Plan) follow(dir string, frame []byte, pkt packet, v *Verdict) {
	if pkt.tcp == 0 {
		return
	}
	key := flow{pkt.src, pkt.dst}
	if dir == In {
		key = flow{pkt.dst, pkt.src}
	}
	c := p.conns[key]
	if c == nil || pkt.is(SYN) && dir == Out {
		c = &conn{bytes: make(map[string]int), next: make(map[string]uint32)}
		p.conns[key] = c
	}
	// What is sent again adds nothing.
	if next, ok := c.next[dir]; !ok || int32(pkt.next()-next) > 0 {
		c.next[dir] = pkt.next()
		c.bytes[dir] += pkt.payload
	}
	if pkt.flags&bitACK != 0 {
		other := map[string]string{In: Out, Out: In}[dir]
		if next, ok := c.next[other]; !ok || int32(pkt.ack-next) > 0 {
			c.next[other] = pkt.ack
		}
	}
	for _, f := range p.faults {
		if f.Action != Reset || f.Dir != dir || c.reset || c.bytes[dir] < f.After {
			continue
		}
		c.reset = true
		same := resetOf(frame, pkt, c.next[dir], false)
		back := resetOf(frame, pkt, c.next[map[string]string{In: Out, Out: In}[dir]], true)
		v.ResetIn, v.ResetOut = same, back
		if dir == Out {
			v.ResetIn, v.ResetOut = back, same
		}
	}
}
