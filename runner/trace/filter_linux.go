//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"errors"
	"fmt"

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
	var regs registers
	if err := getRegisters(t.pid, &regs); err != nil {
		return err
	}
	// Below the stack pointer there is nothing yet: the filter, then struct
	// sock_fprog, which is its length and its address.
	at := (regs.where().sp - page) &^ 15
	data := make([]byte, 0, 1024)
	for _, c := range code {
		data = binary.LittleEndian.AppendUint16(data, c.Code)
		data = append(data, c.Jt, c.Jf)
		data = binary.LittleEndian.AppendUint32(data, c.K)
	}
	prog := at + uint64(len(data))
	data = binary.LittleEndian.AppendUint64(data, uint64(len(code)))
	data = binary.LittleEndian.AppendUint64(data, at)
	if _, err := unix.PtracePokeData(t.pid, uintptr(at), data); err != nil {
		return fmt.Errorf("write the filter: %w", err)
	}
	install := func() (int64, error) {
		return t.inject(regs, unix.SYS_SECCOMP, [4]uint64{unix.SECCOMP_SET_MODE_FILTER, 0, prog})
	}
	got, err := install()
	if err == nil && got == -int64(unix.EACCES) {
		// Without a capability it is for processes that give up to gain any.
		if got, err = t.inject(regs, unix.SYS_PRCTL, [4]uint64{unix.PR_SET_NO_NEW_PRIVS, 1}); err == nil && got == 0 {
			got, err = install()
		}
	}
	if err == nil && got != 0 {
		err = fmt.Errorf("seccomp: %w", unix.Errno(-got))
	}
	return err
}

// inject makes the stopped program make a call, and leaves no trace of it.
func (t *tracer) inject(regs registers, nr uint64, args [4]uint64) (int64, error) {
	pc := uintptr(regs.where().pc)
	saved := make([]byte, len(callInstruction))
	if _, err := unix.PtracePeekText(t.pid, pc, saved); err != nil {
		return 0, err
	}
	if _, err := unix.PtracePokeText(t.pid, pc, callInstruction); err != nil {
		return 0, err
	}
	during := regs
	during.instruct(nr, args)
	err := setRegisters(t.pid, &during)
	if err == nil {
		err = ptrace(unix.PTRACE_SINGLESTEP, t.pid, 0)
	}
	if err == nil {
		_, status, werr := wait(t.pid, 0)
		if err = werr; err == nil && status.StopSignal() != unix.SIGTRAP {
			err = fmt.Errorf("the program stopped for %v instead of a step", status.StopSignal())
		}
	}
	if err == nil {
		err = getRegisters(t.pid, &during)
	}
	_, restored := unix.PtracePokeText(t.pid, pc, saved)
	return during.outcome(), errors.Join(err, restored, setRegisters(t.pid, &regs))
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
