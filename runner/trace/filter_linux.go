//go:build amd64 || arm64

package trace

import (
	"errors"

	"golang.org/x/sys/unix"
)

// own are the functions of the runtime that make calls for its own ends alone.
// Nothing that they ask is reported, so the kernel need not stop for it: some,
// such as futex, are most of what a Go program asks.
var own = map[string]bool{
	"runtime.futex": true, "runtime.usleep": true, "runtime.osyield": true,
	"runtime.madvise": true, "runtime.mincore": true, "runtime.sysMmap": true, "runtime.sysMunmap": true,
	"runtime.rtsigprocmask": true, "runtime.sigaltstack": true, "runtime.sigreturn__sigaction": true,
	"runtime.tgkill": true, "runtime.getpid": true, "runtime.gettid": true, "runtime.clone": true,
	"runtime.sched_getaffinity": true, "runtime.setitimer": true,
	"runtime.timer_create": true, "runtime.timer_settime": true, "runtime.timer_delete": true,
}

// filter makes the program, which stands at its first instruction, install a
// seccomp filter: the kernel stops it at a call only if this was not made by one
// of the functions in own. Its children inherit the filter.
func (t *tracer) filter() error {
	code := t.filterCode()
	if code == nil {
		return errors.New("the runtime's functions lie too far apart")
	}
	return install(t.pid, code)
}

// getsIfNull is the function that asks how a signal is handled, if it passes no
// new way: at its start, the runtime asks this of every signal.
const getsIfNull = "runtime.rt_sigaction"

// A span is where a function's code lies, as the program counter behind an
// instruction has it.
type span struct{ from, to uint64 }

// filterCode looks at where a call is made: within a function of own, or not.
// It is nil if these functions' addresses differ in their upper half.
func (t *tracer) filterCode() []unix.SockFilter {
	var spans []span
	gets := span{1, 0}
	for i := range t.bin.lines.Funcs {
		f := &t.bin.lines.Funcs[i]
		s := span{f.Entry + t.bias, f.End + t.bias}
		n := len(spans)
		switch {
		case f.Name == getsIfNull:
			gets = s
		case !own[f.Name]:
		case n > 0 && spans[n-1].to == s.from:
			spans[n-1].to = s.to
		default:
			spans = append(spans, s)
		}
	}
	if len(spans) == 0 || gets.to == 0 {
		return nil
	}
	// Where a call is injected, see install.
	spans = append(spans, span{t.bin.entry + t.bias, t.bin.entry + t.bias + uint64(len(callInstruction))})
	for _, s := range append([]span{gets}, spans...) {
		if s.from>>32 != gets.from>>32 || s.to>>32 != gets.from>>32 {
			return nil
		}
	}
	return assemble(spans, gets)
}

// Where struct seccomp_data has what the filter looks at.
const (
	arch    = 4
	pcLow   = 8
	pcHigh  = 12
	newLow  = 24 // the second argument
	newHigh = 28
)

// assemble makes a filter that allows what is in spans, and in gets if the second
// argument is zero.
func assemble(spans []span, gets span) []unix.SockFilter {
	const (
		load  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		above = unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K
		give  = unix.BPF_RET | unix.BPF_K
	)
	trace := 5 + 2*len(spans) + 6 // the index of the end that traces; the one that allows follows
	var code []unix.SockFilter
	add := func(op uint16, k uint32, yes, no int) {
		next := len(code) + 1
		code = append(code, unix.SockFilter{Code: op, K: k, Jt: uint8(yes - next), Jf: uint8(no - next)})
	}
	here := func() int { return len(code) + 1 } // the next but the one that is added
	get := func(at uint32) { add(load, at, here(), here()) }
	get(arch)
	add(equal, auditArch, here(), trace)
	get(pcHigh)
	add(equal, uint32(gets.from>>32), here(), trace)
	get(pcLow)
	for _, s := range spans {
		add(above, uint32(s.from), here(), here()+1)
		add(above, uint32(s.to), here(), trace+1)
	}
	add(above, uint32(gets.from), here(), trace)
	add(above, uint32(gets.to), trace, here())
	get(newLow)
	add(equal, 0, here(), trace)
	get(newHigh)
	add(equal, 0, trace+1, trace)
	return append(code,
		unix.SockFilter{Code: give, K: unix.SECCOMP_RET_TRACE},
		unix.SockFilter{Code: give, K: unix.SECCOMP_RET_ALLOW})
}
