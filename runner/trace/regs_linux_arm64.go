package trace

import (
	_ "embed" // the names of calls

	"golang.org/x/sys/unix"
)

type registers = unix.PtraceRegsArm64

// elf.NT_PRSTATUS: the general registers.
const prstatus = 1

func getRegisters(tid int, r *registers) error { return unix.PtraceGetRegSetArm64(tid, prstatus, r) }

func setRegisters(tid int, r *registers) error { return unix.PtraceSetRegSetArm64(tid, prstatus, r) }

// A cpu is the part of the registers that says where a goroutine stands.
type cpu struct {
	pc, sp, fp uint64
	link       uint64 // the caller of a function without a frame, if a register holds it
	g          uint64
}

// where maps the registers of Go's ABIInternal: R28 holds g, R29 the frame, R30
// the return address, until a function that calls others saves it.
func where(r *registers) cpu {
	return cpu{pc: r.Pc, sp: r.Sp, fp: r.Regs[29], link: r.Regs[30], g: r.Regs[28]}
}

// instruct makes r the registers of a thread that is about to make the call.
func instruct(r *registers, nr uint64, args [4]uint64) {
	r.Regs[8] = nr
	copy(r.Regs[:4], args[:])
}

// outcome is what a call left in the registers.
func outcome(r *registers) int64 { return int64(r.Regs[0]) }

// callInstruction is SVC #0.
var callInstruction = []byte{0x01, 0x00, 0x00, 0xd4}

// largeFile is O_LARGEFILE as the kernel gives it; it means nothing here.
const largeFile = 0x20000

const auditArch = unix.AUDIT_ARCH_AARCH64

// inside is the call that a thread is in.
func inside(tid int) (nr uint64, args [6]uint64, err error) {
	var r registers
	err = getRegisters(tid, &r)
	copy(args[:], r.Regs[:6])
	return r.Regs[8], args, err
}

//go:embed calls_arm64.txt
var calls string

var callNames = names(calls)
