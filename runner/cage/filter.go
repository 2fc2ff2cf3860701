package cage

import "golang.org/x/net/bpf"

// A filter is a program for seccomp(2) on its way. It looks at struct
// seccomp_data: the call's number, the architecture, and six arguments of 64
// bits, of which it knows the lower halves.
type filter []bpf.RawInstruction

// The classes of instructions, see linux/bpf_common.h, and what a filter returns.
const (
	opLoad  = 0x20 // A = word at K
	opEqual = 0x15 // skip Jt if A == K, else Jf
	opSome  = 0x45 // if A & K
	opMore  = 0x35 // if A >= K
	opGive  = 0x06 // return K

	allow = 0x7fff0000
	kill  = 0x80000000 // the process
	errno = 0x00050000

	offNumber, offArch, offArgs = 0, 4, 16
)

func (f *filter) add(op uint16, jt, jf uint8, k uint32) {
	*f = append(*f, bpf.RawInstruction{Op: op, Jt: jt, Jf: jf, K: k})
}

func (f *filter) load(offset uint32) { f.add(opLoad, 0, 0, offset) }

func (f *filter) give(what uint32) { f.add(opGive, 0, 0, what) }

// deny gives the errno to calls of these numbers; A is the number.
func (f *filter) deny(e uint32, numbers ...uint32) {
	for _, nr := range numbers {
		f.add(opEqual, 0, 1, nr)
		f.give(errno | e)
	}
}

// A test looks at an argument: a call for which all tests hold is denied.
type test struct {
	arg uint32
	op  uint16
	k   uint32
	not bool
}

// denyIf gives the errno to calls of a number for which all tests hold. A is the
// number before and after.
func (f *filter) denyIf(e, nr uint32, tests ...test) {
	const each = 2 // instructions of a test
	f.add(opEqual, 0, uint8(each*len(tests)+2), nr)
	for i, t := range tests {
		f.load(offArgs + 8*t.arg)
		skip := uint8(each*(len(tests)-1-i) + 1) // the other tests, and the errno
		if t.not {
			f.add(t.op, skip, 0, t.k)
		} else {
			f.add(t.op, 0, skip, t.k)
		}
	}
	f.give(errno | e)
	f.load(offNumber)
}

func is(arg, k uint32) test   { return test{arg: arg, op: opEqual, k: k} }
func not(arg, k uint32) test  { return test{arg: arg, op: opEqual, k: k, not: true} }
func some(arg, k uint32) test { return test{arg: arg, op: opSome, k: k} }
