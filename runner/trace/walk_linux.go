//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"strings"

	"sockets/runner/recording"
)

// An origin says who made a call.
type origin struct {
	place     *recording.Place
	inherited bool
	goroutine int
	frames    []*frame // from the innermost to the line of the program's own, without it
	handler   bool     // it was made in a signal's handler
}

const (
	deepest  = 20000 // frames walked before a stack is given up
	window   = 4096  // bytes of a stack read at once
	remember = 64    // frames kept of a walk
)

// A stack reads saved frames, a window of memory at a time.
type stack struct {
	m    memory
	from uint64
	n    int
	buf  [window]byte
}

// frame gives the caller's frame pointer and the return address saved at fp.
func (s *stack) frame(fp uint64) (next, ret uint64, ok bool) {
	if fp == 0 || fp%8 != 0 {
		return 0, 0, false
	}
	if fp < s.from || fp+16 > s.from+uint64(s.n) {
		s.from = fp
		if s.n = s.m.read(fp, s.buf[:]); s.n < 16 {
			return 0, 0, false
		}
	}
	b := s.buf[fp-s.from:]
	return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), true
}

// top fills the window from the stack pointer on and gives the word there.
func (s *stack) top(sp uint64) uint64 {
	if s.from != sp {
		s.from = sp
		s.n = s.m.read(sp, s.buf[:])
	}
	if s.n < 8 {
		return 0
	}
	return binary.LittleEndian.Uint64(s.buf[:])
}

// walk looks for the innermost line of the program's own, at c and then in its
// callers.
func (t *tracer) walk(c cpu, s *stack) (o origin) {
	ret := c.link
	if ret == 0 {
		ret = s.top(c.sp)
	}
	// c.pc is that of the next instruction, as a return address is.
	if t.found(&o, c.pc) || t.found(&o, ret) {
		return o
	}
	t.callers(&o, s, c.fp)
	return o
}

func (t *tracer) callers(o *origin, s *stack, fp uint64) {
	for range deepest {
		next, ret, ok := s.frame(fp)
		if !ok || ret == 0 || t.found(o, ret) || t.bin.at(ret-t.bias-1) == nil {
			return
		}
		fp = next
	}
}

// found reports whether the walk has ended at the return address pc.
func (t *tracer) found(o *origin, pc uint64) bool {
	f := t.bin.at(pc - t.bias - 1)
	if f == nil {
		return false
	}
	if f.own != nil || f.lost {
		o.place = f.own
		return true
	}
	if strings.HasPrefix(f.fn, "runtime.sigtramp") {
		o.handler = true // what it interrupted is not its cause
		return true
	}
	if len(o.frames) < remember {
		o.frames = append(o.frames, f)
	}
	return false
}

// forItself reports whether the runtime made the call for its own ends.
func (o *origin) forItself(name string) bool {
	if o.handler {
		return true
	}
	f := o.maker()
	if f == nil || f.pkg != "runtime" {
		return false
	}
	switch name {
	case "exit_group": // os.Exit
		return false
	case "epoll_create1", "eventfd2":
		return false
	case "epoll_ctl": // of a descriptor of the program, or of the poller's own
		return !o.through("runtime.netpollopen") && !o.through("runtime.netpollclose") && !o.through("runtime.netpollinit")
	case "rt_sigaction": // signal.Notify and its kin, not the start-up
		return false
	}
	return true
}

// maker is the innermost function that is no mere stub of a call.
func (o *origin) maker() *frame {
	for _, f := range o.frames {
		// runtime.fcntl is what internal/syscall/unix calls, for package os.
		if !strings.Contains(f.pkg, "runtime/syscall") && f.fn != "runtime.fcntl" {
			return f
		}
	}
	return nil
}

// through reports whether the named function is on the way to the call.
func (o *origin) through(fn string) bool {
	for _, f := range o.frames {
		if f.fn == fn {
			return true
		}
	}
	return false
}
