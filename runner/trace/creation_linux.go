//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"sockets/runner/recording"
)

// A goroutine without a line of the program's own inherits that of its creator,
// who has gone on by the time the goroutine makes a call. So the program stops
// whenever it starts a goroutine, in runtime.newproc: an instruction of it is
// replaced by a trap, as a debugger does.

// A creation is a go statement that a goroutine has carried out.
type creation struct {
	creator int
	pc      uint64 // as runtime.g.gopc has it
}

// A started is the line at which creations were made.
type started struct {
	place  *recording.Place // nil if it is not known which of several
	unseen int              // goroutines that have not yet made a call
}

// newproc is the trap.
type newproc struct {
	push push
	stop uint64 // the program counter after the trap, 0 if there is none
}

// watchCreations sets the trap in the program, which stands at its first
// instruction.
func (t *tracer) watchCreations() {
	for i := range t.bin.lines.Funcs {
		f := &t.bin.lines.Funcs[i]
		if f.Name != "runtime.newproc" {
			continue
		}
		const prologue = 32
		var regs registers
		p, ok := regs.findPush(memory(t.pid).bytes(f.Entry+t.bias, prologue))
		if !ok {
			return
		}
		code, stop := regs.trap()
		at := f.Entry + t.bias + uint64(p.at)
		if _, err := unix.PtracePokeText(t.pid, uintptr(at), code); err == nil {
			t.newproc = newproc{p, at + stop}
		}
		return
	}
}

// created takes note of a go statement, if it is what the thread has stopped for,
// and carries on after the trap.
func (t *tracer) created(task *task) (bool, error) {
	var regs registers
	if err := getRegisters(task.tid, &regs); err != nil {
		if errors.Is(err, unix.ESRCH) {
			return true, nil
		}
		return false, fmt.Errorf("read its registers: %w", err)
	}
	c := regs.where()
	if c.pc != t.newproc.stop {
		return false, nil
	}
	if task.own {
		t.remember(c)
	}
	addr, value := regs.do(t.newproc.push)
	word := binary.LittleEndian.AppendUint64(nil, value)
	if _, err := unix.PtracePokeData(task.tid, uintptr(addr), word); err != nil && !errors.Is(err, unix.ESRCH) {
		return false, fmt.Errorf("write to its stack: %w", err)
	}
	if err := setRegisters(task.tid, &regs); err != nil && !errors.Is(err, unix.ESRCH) {
		return false, fmt.Errorf("write its registers: %w", err)
	}
	return true, nil
}

// remember keeps the line at which a goroutine starts another.
func (t *tracer) remember(c cpu) {
	pc := c.link
	if pc == 0 {
		var ok bool
		if pc, ok = memory(t.pid).word(c.sp); !ok {
			return
		}
	}
	statement := t.bin.at(pc - t.bias - 1)
	if statement == nil || statement.own != nil || forNobody(statement) {
		return // a line of its own, or none
	}
	o := t.origin(c)
	key := creation{o.goroutine, pc}
	s, place := t.creations[key], o.place
	if s.unseen > 0 && (place == nil || s.place == nil || *place != *s.place) {
		place = nil // who is still to come may be of the one line or the other
	}
	t.creations[key] = started{place, s.unseen + 1}
}

// claim is the line for a goroutine that is seen for the first time.
func (t *tracer) claim(key creation) *recording.Place {
	s, ok := t.creations[key]
	if !ok {
		return nil
	}
	if s.unseen--; s.unseen > 0 {
		t.creations[key] = s
	} else {
		delete(t.creations, key)
	}
	return s.place
}

// forNobody reports whether a go statement starts goroutines on behalf of nobody
// in particular: finalizers, timers.
func forNobody(statement *frame) bool {
	return statement.pkg == "runtime" || statement.fn == "time.goFunc"
}
