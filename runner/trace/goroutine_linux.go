//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// States of a goroutine, runtime2.go; the scan bit is taken off.
const (
	runnable  = 1
	running   = 2
	inCall    = 3
	waiting   = 4
	preempted = 9
	scan      = 0x1000
)

// A goroutine is what is remembered of one.
type goroutine struct {
	addr    uint64 // of its g
	parent  int
	goPC    uint64
	last    origin // at its last call that had a line of the program's own
	settled bool   // inherits is decided
	gives   origin // the line that it inherits
}

// A g is read from the program's memory at once.
type g struct {
	addr   uint64
	m      uint64
	status uint32
	goid   int
	parent int
	goPC   uint64
	pc, fp uint64 // where it stands, if it does not run
}

func (t *tracer) readG(addr uint64) (r g, ok bool) {
	b := t.gbuf[:]
	if addr == 0 || addr%8 != 0 || memory(t.pid).read(addr, b) != len(b) {
		return r, false
	}
	return t.parseG(addr, b), true
}

// gSize is more than the fields of a g that are read, and less than a g.
const gSize = 320

func (t *tracer) parseG(addr uint64, b []byte) (r g) {
	off := &t.bin.off
	word := func(at uint64) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	r = g{
		addr: addr, m: word(off.m), status: binary.LittleEndian.Uint32(b[off.status:]) &^ scan,
		goid: int(word(off.goid)), parent: int(word(off.parent)), goPC: word(off.goPC),
		pc: word(off.schedPC), fp: word(off.schedBP),
	}
	if r.status == inCall {
		r.pc, r.fp = word(off.syscallPC), word(off.syscallBP)
	}
	return r
}

// origin says who makes the call for which a thread of the program stands still.
func (t *tracer) origin(c cpu) origin {
	s := &t.stack
	s.m, s.from = memory(t.pid), c.sp
	var r g
	ok := c.g%8 == 0 && s.m.both(c.sp, s.buf[:], c.g, t.gbuf[:])
	if ok {
		s.n = len(s.buf)
		r = t.parseG(c.g, t.gbuf[:])
	} else {
		s.from = 0
		r, ok = t.readG(c.g)
	}
	o := t.walk(c, s)
	if ok && r.goid == 0 {
		// The thread is on its scheduler's stack, or a signal's; the goroutine that
		// it serves is the m's current one.
		cur, _ := memory(t.pid).word(r.m + t.bin.off.curg)
		r, ok = t.readG(cur)
	}
	if !ok || r.goid <= 0 {
		o.place = nil
		return o
	}
	o.goroutine = r.goid
	known := t.goroutines[r.goid]
	if known == nil {
		known = &goroutine{addr: r.addr, parent: r.parent, goPC: r.goPC}
		t.goroutines[r.goid] = known
	}
	if o.handler {
		o.place = nil
		return o
	}
	if o.place != nil {
		known.last = origin{place: o.place}
		return o
	}
	if from := t.inherit(known, 0); from.place != nil {
		o.place, o.inherited = from.place, true
	}
	return o
}

const generations = 16 // of goroutines that start goroutines, up to a line of the program's own

// inherit is the line at which the goroutine's creator stands or stood.
func (t *tracer) inherit(r *goroutine, depth int) origin {
	if r.settled || depth > generations {
		return r.gives
	}
	r.settled = true
	r.gives = origin{}
	started := t.bin.at(r.goPC - t.bias - 1)
	switch {
	case started == nil || forNobody(started):
		return r.gives
	case started.own != nil:
		r.gives.place = started.own // go f(), with f a function of another package
		return r.gives
	}
	if place, ok := t.creations[creation{r.parent, r.goPC}]; ok {
		r.gives.place = place
		return r.gives
	}
	parent := t.goroutines[r.parent]
	if g, ok := t.find(r.parent); ok {
		o := t.stands(g)
		if o.place != nil {
			r.gives.place = o.place
			return r.gives
		}
		if parent == nil {
			parent = &goroutine{addr: g.addr, parent: g.parent, goPC: g.goPC}
			t.goroutines[r.parent] = parent
		}
	}
	if parent == nil {
		return r.gives
	}
	if parent.last.place != nil {
		r.gives.place = parent.last.place
		return r.gives
	}
	r.gives = t.inherit(parent, depth+1)
	return r.gives
}

// stands is the line of the program's own at which the goroutine stands.
func (t *tracer) stands(r g) origin {
	switch r.status {
	case waiting, runnable, preempted, inCall:
		o := t.walkSaved(r.pc, r.fp)
		// It may have gone on while we read.
		if again, ok := t.readG(r.addr); ok && again.status == r.status && again.pc == r.pc && again.fp == r.fp {
			return o
		}
	}
	return t.interrupt(r)
}

// interrupt stops the thread that runs the goroutine, to see where it stands.
func (t *tracer) interrupt(r g) origin {
	tid, ok := memory(t.pid).word(r.m + t.bin.off.procid)
	if !ok || r.m == 0 || t.tasks[int(tid)] == nil || int(tid) == t.stopped {
		return origin{}
	}
	for _, r := range t.queue {
		if r.tid == int(tid) {
			return origin{} // interrupted before, and not yet on its way again
		}
	}
	if err := ptrace(unix.PTRACE_INTERRUPT, int(tid), 0); err != nil {
		return origin{}
	}
	// A thread that waits in the kernel for a child of vfork does not stop.
	for patience := time.Now().Add(20 * time.Millisecond); time.Now().Before(patience); {
		got, status, err := wait(int(tid), unix.WNOHANG)
		if err != nil {
			return origin{}
		}
		if got == 0 {
			time.Sleep(20 * time.Microsecond)
			continue
		}
		t.queue = append(t.queue, report{got, status})
		var regs registers
		if !status.Stopped() || getRegisters(int(tid), &regs) != nil {
			return origin{}
		}
		if cur, _ := memory(t.pid).word(r.m + t.bin.off.curg); cur != r.addr {
			return origin{}
		}
		return t.walk(regs.where(), &stack{m: memory(t.pid)})
	}
	return origin{}
}

// find is the g of the goroutine with that number.
func (t *tracer) find(goid int) (g, bool) {
	if known := t.goroutines[goid]; known != nil {
		r, ok := t.readG(known.addr)
		return r, ok && r.goid == goid && alive(r)
	}
	for _, addr := range t.all() {
		if r, ok := t.readG(addr); ok && r.goid == goid && alive(r) {
			return r, true
		}
	}
	return g{}, false
}

func alive(r g) bool { return r.status != 0 && r.status != 6 }

// all is the addresses of all goroutines that there are: runtime.allgs.
func (t *tracer) all() []uint64 {
	if t.allgs == 0 {
		t.allgs = t.findAll()
	}
	array, length, ok := t.slice(t.allgs)
	if !ok {
		return nil
	}
	b := memory(t.pid).bytes(array, length*8)
	addrs := make([]uint64, 0, length)
	for ; len(b) >= 8; b = b[8:] {
		addrs = append(addrs, binary.LittleEndian.Uint64(b))
	}
	return addrs
}

const crowd = 1 << 20 // goroutines, more than we look through

func (t *tracer) slice(addr uint64) (array uint64, length int, ok bool) {
	if addr == 0 {
		return 0, 0, false
	}
	b := memory(t.pid).bytes(addr, 24)
	if len(b) < 24 {
		return 0, 0, false
	}
	return sliceHeader(b)
}

func sliceHeader(b []byte) (array uint64, length int, ok bool) {
	array = binary.LittleEndian.Uint64(b)
	n, c := binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	return array, int(n), array != 0 && array%8 == 0 && n > 0 && n <= c && c < crowd
}

// findAll looks for runtime.allgs in a binary without symbols: the one slice in
// the program's data whose first element is goroutine 1 as we know it.
func (t *tracer) findAll() uint64 {
	if s, ok := t.bin.symbol("runtime.allgs"); ok {
		return s.Value + t.bias
	}
	first := t.goroutines[1]
	if first == nil {
		return 0
	}
	for _, name := range []string{".bss", ".data", ".noptrbss", ".noptrdata"} {
		part := t.bin.elf.Section(name)
		if part == nil {
			continue
		}
		b := memory(t.pid).bytes(part.Addr+t.bias, int(part.Size))
		for i := 0; i+24 <= len(b); i += 8 {
			array, _, ok := sliceHeader(b[i:])
			if !ok {
				continue
			}
			if w, ok := memory(t.pid).word(array); ok && w == first.addr {
				return part.Addr + t.bias + uint64(i)
			}
		}
	}
	return 0
}
