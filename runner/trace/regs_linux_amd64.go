package trace

import (
	_ "embed" // the names of calls

	"golang.org/x/sys/unix"
)

type registers = unix.PtraceRegs

func getRegisters(tid int, r *registers) error { return unix.PtraceGetRegs(tid, r) }
func setRegisters(tid int, r *registers) error { return unix.PtraceSetRegs(tid, r) }

// A cpu is the part of the registers that says where a goroutine stands.
type cpu struct {
	pc, sp, fp uint64
	link       uint64 // the caller of a function without a frame, if a register holds it
	g          uint64
}

// where maps the registers of Go's ABIInternal: R14 holds g, RBP the frame. A
// call's return address is on the stack.
func where(r *registers) cpu { return cpu{pc: r.Rip, sp: r.Rsp, fp: r.Rbp, g: r.R14} }

// instruct makes r the registers of a thread that is about to make the call.
func instruct(r *registers, nr uint64, args [4]uint64) {
	r.Rax, r.Orig_rax = nr, ^uint64(0)
	r.Rdi, r.Rsi, r.Rdx, r.R10 = args[0], args[1], args[2], args[3]
}

// outcome is what a call left in the registers.
func outcome(r *registers) int64 { return int64(r.Rax) }

// callInstruction is SYSCALL.
var callInstruction = []byte{0x0f, 0x05}

// largeFile is O_LARGEFILE as the kernel gives it; it means nothing here.
const largeFile = 0x8000

const auditArch = unix.AUDIT_ARCH_X86_64

// inside is the call that a thread is in.
func inside(tid int) (nr uint64, args [6]uint64, err error) {
	var r registers
	err = getRegisters(tid, &r)
	return r.Orig_rax, [6]uint64{r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9}, err
}

//go:embed calls_amd64.txt
var calls string

var callNames = names(calls)
