package trace

import (
	"bytes"
	"encoding/binary"
)

// A cpu is the part of the registers that says where a goroutine stands.
type cpu struct {
	pc, sp, fp uint64
	link       uint64 // the caller of a function without a frame, if a register holds it
	g          uint64
}

// amd64Registers is struct user_regs_struct of Linux on amd64, the register set
// NT_PRSTATUS.
type amd64Registers struct {
	R15, R14, R13, R12, RBP, RBX, R11, R10, R9, R8          uint64
	RAX, RCX, RDX, RSI, RDI, OrigRAX                        uint64
	RIP, CS, Flags, RSP, SS, FSBase, GSBase, DS, ES, FS, GS uint64
}

// where maps the registers of Go's ABIInternal: R14 holds g, RBP the frame. A
// call's return address is on the stack.
func (r *amd64Registers) where() cpu { return cpu{pc: r.RIP, sp: r.RSP, fp: r.RBP, g: r.R14} }

// inside is the call that the thread is in.
func (r *amd64Registers) inside() (nr uint64, args [6]uint64) {
	return r.OrigRAX, [6]uint64{r.RDI, r.RSI, r.RDX, r.R10, r.R8, r.R9}
}

// outcome is what a call left in the registers.
func (r *amd64Registers) outcome() int64 { return int64(r.RAX) }

// instruct makes them those of a thread that is about to make the call.
func (r *amd64Registers) instruct(nr uint64, args [4]uint64) {
	r.RAX, r.OrigRAX = nr, ^uint64(0) // it is in no call that could start again
	r.RDI, r.RSI, r.RDX, r.R10 = args[0], args[1], args[2], args[3]
}

// arm64Registers is struct user_pt_regs of Linux on arm64, the register set
// NT_PRSTATUS.
type arm64Registers struct {
	X              [31]uint64
	SP, PC, PState uint64
}

// where maps the registers of Go's ABIInternal: R28 holds g, R29 the frame, R30
// the return address, until a function that calls others saves it.
func (r *arm64Registers) where() cpu {
	return cpu{pc: r.PC, sp: r.SP, fp: r.X[29], link: r.X[30], g: r.X[28]}
}

// inside is the call that the thread is in.
func (r *arm64Registers) inside() (nr uint64, args [6]uint64) {
	return r.X[8], [6]uint64(r.X[:6])
}

// outcome is what a call left in the registers.
func (r *arm64Registers) outcome() int64 { return int64(r.X[0]) }

// instruct makes them those of a thread that is about to make the call.
func (r *arm64Registers) instruct(nr uint64, args [4]uint64) {
	r.X[8] = nr
	copy(r.X[:4], args[:])
}

// A push is the instruction by which a function saves something on the stack as
// it begins. One is replaced by a trap, and done by the tracer instead.
type push struct {
	at   int    // its offset in the function
	code []byte // it, and what a trap replaces
}

// findPush finds the one that saves the frame pointer: PUSHQ BP; MOVQ SP, BP.
func (r *amd64Registers) findPush(code []byte) (push, bool) {
	i := bytes.Index(code, []byte{0x55, 0x48, 0x89, 0xe5})
	return push{i, []byte{0x55}}, i >= 0
}

// trap is INT3, behind which it stops.
func (r *amd64Registers) trap() (code []byte, stop uint64) { return []byte{0xcc}, 1 }

// do pushes: value is to be stored at addr.
func (r *amd64Registers) do(push) (addr, value uint64) {
	r.RSP -= 8
	return r.RSP, r.RBP
}

// findPush finds the one that saves the return address: STR X30, [SP, #-n]!.
func (r *arm64Registers) findPush(code []byte) (push, bool) {
	for i := 0; i+4 <= len(code); i += 4 {
		if ins := binary.LittleEndian.Uint32(code[i:]); ins&0xfff00fff == 0xf8100ffe {
			return push{i, code[i : i+4]}, true
		}
	}
	return push{}, false
}

// trap is BRK #0, at which it stops.
func (r *arm64Registers) trap() (code []byte, stop uint64) { return []byte{0, 0, 0x20, 0xd4}, 0 }

// do pushes: value is to be stored at addr.
func (r *arm64Registers) do(p push) (addr, value uint64) {
	ins := binary.LittleEndian.Uint32(p.code)
	r.SP += uint64(int64(int32(ins<<11) >> 23)) // nine bits, signed
	r.PC += 4
	return r.SP, r.X[30]
}
