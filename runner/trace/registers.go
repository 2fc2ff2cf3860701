package trace

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
