//go:build amd64 || arm64

package trace

import (
	"encoding/binary"

	"sockets/runner/recording"
)

// A g is what is read of a runtime.g.
type g struct {
	m      uint64
	goid   int
	parent int
	goPC   uint64 // behind the go statement that started it
}

func (t *tracer) readG(addr uint64) (r g, ok bool) {
	b := t.gbuf[:]
	if addr == 0 || addr%8 != 0 || memory(t.pid).read(addr, b) != len(b) {
		return r, false
	}
	return t.parseG(b), true
}

// gSize is more than the fields of a g that are read, and less than a g.
const gSize = 320

func (t *tracer) parseG(b []byte) g {
	off := &t.bin.off
	word := func(at uint64) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	return g{m: word(off.m), goid: int(word(off.goid)), parent: int(word(off.parent)), goPC: word(off.goPC)}
}

// origin says who makes the call for which a thread of the program stands still.
func (t *tracer) origin(c cpu) origin {
	s := &t.stack
	s.m, s.from = memory(t.pid), c.sp
	var r g
	ok := c.g%8 == 0 && s.m.both(c.sp, s.buf[:], c.g, t.gbuf[:])
	if ok {
		s.n = len(s.buf)
		r = t.parseG(t.gbuf[:])
	} else {
		s.from = 0
		r, ok = t.readG(c.g)
	}
	o := t.walk(c, s)
	if ok && r.goid == 0 {
		// The thread is on its scheduler's stack, or a signal's; the goroutine that
		// it serves is the m's current one.
		current, _ := s.m.word(r.m + t.bin.off.curg)
		r, ok = t.readG(current)
	}
	if !ok || r.goid <= 0 {
		o.place = nil
		return o
	}
	o.goroutine = r.goid
	if o.handler {
		o.place = nil
		return o
	}
	if o.place == nil {
		o.place = t.inherit(r)
		o.inherited = o.place != nil
	}
	return o
}

// inherit is the line at which the goroutine was started.
func (t *tracer) inherit(r g) *recording.Place {
	statement := t.bin.at(r.goPC - t.bias - 1)
	switch {
	case statement == nil || forNobody(statement):
		return nil
	case statement.own != nil:
		return statement.own // go f(), with f a function of another package
	}
	place, known := t.heirs[r.goid]
	if !known {
		place = t.claim(creation{r.parent, r.goPC})
		t.heirs[r.goid] = place
	}
	return place
}
