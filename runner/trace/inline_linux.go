//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"sort"
)

// An inlines tells, of an instruction that the compiler took over from an
// inlined function, at which line of which function it really is: the line table
// gives the innermost line only, and one of the program's own may be further out.
//
// It reads the tables that the runtime itself uses for its stack traces
// (runtime/symtab.go, symtabinl.go; cmd/link/internal/ld/pcln.go), in the form
// they have since Go 1.20.
type inlines struct {
	text    uint64 // address of the first function
	quantum uint64 // of program counters: 1 on amd64, 4 on arm64
	pcs     []byte // tables of values by program counter
	funcs   []byte // index of functions, and their descriptions
	n       int    // functions
	trees   []byte // what the descriptions refer to, go:func.*
}

const (
	tableMagic  = 0xfffffff1
	inlineIndex = 2 // abi.PCDATA_InlTreeIndex
	inlineTree  = 3 // abi.FUNCDATA_InlTree
)

// newInlines is nil if the line table is not of that form.
func newInlines(table []byte, text uint64, trees []byte) *inlines {
	if len(table) < 72 || binary.LittleEndian.Uint32(table) != tableMagic || table[7] != 8 || len(trees) == 0 {
		return nil
	}
	word := func(n int) uint64 { return binary.LittleEndian.Uint64(table[8+8*n:]) }
	pcs, funcs := word(6), word(7)
	if pcs > uint64(len(table)) || funcs > uint64(len(table)) || word(0)*8+4 > uint64(len(table))-funcs {
		return nil
	}
	return &inlines{text: text, quantum: uint64(table[6]), pcs: table[pcs:], funcs: table[funcs:], n: int(word(0)), trees: trees}
}

// outer gives an instruction whose line is that of the call which was replaced
// by the function that the one at pc comes from; not if it comes from none.
func (t *inlines) outer(pc uint64) (call uint64, ok bool) {
	if t == nil {
		return 0, false
	}
	u32 := func(b []byte, at uint64) uint64 {
		if at+4 > uint64(len(b)) {
			return 0
		}
		return uint64(binary.LittleEndian.Uint32(b[at:]))
	}
	offset := pc - t.text
	i := sort.Search(t.n, func(i int) bool { return u32(t.funcs, uint64(8*i)) > offset })
	if i == 0 {
		return 0, false
	}
	entry := t.text + u32(t.funcs, uint64(8*(i-1)))
	f := u32(t.funcs, uint64(8*(i-1)+4))
	const fixed = 44 // bytes before the tables of a description
	if f+fixed > uint64(len(t.funcs)) {
		return 0, false
	}
	values, trees := u32(t.funcs, f+28), uint64(t.funcs[f+43])
	if values <= inlineIndex || trees <= inlineTree {
		return 0, false
	}
	tree := u32(t.funcs, f+fixed+4*(values+inlineTree))
	ix := t.value(u32(t.funcs, f+fixed+4*inlineIndex), entry, pc)
	if ix < 0 || tree == 1<<32-1 {
		return 0, false
	}
	const size, parent = 16, 8 // of a node, and where its call is in it
	return entry + u32(t.trees, tree+uint64(ix)*size+parent), true
}

// value is what the table at that offset has for pc, -1 if nothing.
func (t *inlines) value(table, entry, pc uint64) int64 {
	if table == 0 || table > uint64(len(t.pcs)) {
		return -1
	}
	b, at, value := t.pcs[table:], entry, int64(-1)
	for first := true; ; first = false {
		delta, n := binary.Uvarint(b)
		if n <= 0 || delta == 0 && !first {
			return -1
		}
		b = b[n:]
		value += int64(delta>>1) ^ -int64(delta&1)
		step, n := binary.Uvarint(b)
		if n <= 0 {
			return -1
		}
		b = b[n:]
		if at += step * t.quantum; pc < at {
			return value
		}
	}
}
