package trace

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ascending is a register set in which the nth word is 100+n.
func ascending(words int) *bytes.Reader {
	var b []byte
	for n := range words {
		b = binary.LittleEndian.AppendUint64(b, uint64(100+n))
	}
	return bytes.NewReader(b)
}

// TestRegistersARM64 compares the mapping with struct user_pt_regs, which is 31
// registers, the stack pointer, the program counter and the state, and with
// Go's ABIInternal (src/cmd/compile/abi-internal.md).
func TestRegistersARM64(t *testing.T) {
	var r arm64Registers
	if size := binary.Size(r); size != 272 {
		t.Fatalf("the register set has %d bytes, want 272", size)
	}
	if err := binary.Read(ascending(34), binary.LittleEndian, &r); err != nil {
		t.Fatal(err)
	}
	want := cpu{pc: 132, sp: 131, fp: 129, link: 130, g: 128}
	if got := r.where(); got != want {
		t.Errorf("where() = %+v, want %+v", got, want)
	}
	nr, args := r.inside()
	if nr != 108 || args != [6]uint64{100, 101, 102, 103, 104, 105} || r.outcome() != 100 {
		t.Errorf("inside() = %d, %v, outcome %d", nr, args, r.outcome())
	}
	before := r
	r.instruct(277, [4]uint64{1, 2, 3, 4})
	if nr, args = r.inside(); nr != 277 || args != [6]uint64{1, 2, 3, 4, 104, 105} || r.where() != before.where() {
		t.Errorf("after instruct: inside() = %d, %v, where() = %+v", nr, args, r.where())
	}
}

// TestRegistersAMD64 compares the mapping with struct user_regs_struct.
func TestRegistersAMD64(t *testing.T) {
	var r amd64Registers
	if size := binary.Size(r); size != 216 {
		t.Fatalf("the register set has %d bytes, want 216", size)
	}
	if err := binary.Read(ascending(27), binary.LittleEndian, &r); err != nil {
		t.Fatal(err)
	}
	want := cpu{pc: 116, sp: 119, fp: 104, g: 101}
	if got := r.where(); got != want {
		t.Errorf("where() = %+v, want %+v", got, want)
	}
	nr, args := r.inside()
	if diff := cmp.Diff([6]uint64{114, 113, 112, 107, 109, 108}, args); diff != "" || nr != 115 || r.outcome() != 110 {
		t.Errorf("inside() = %d, outcome %d, arguments (-want +got):\n%s", nr, r.outcome(), diff)
	}
	r.instruct(317, [4]uint64{1, 2, 3, 4})
	if _, args = r.inside(); r.RAX != 317 || args != [6]uint64{1, 2, 3, 4, 109, 108} || r.where() != want {
		t.Errorf("after instruct: %+v", r)
	}
}

func TestPush(t *testing.T) {
	// What go1.26 has compiled of runtime.newproc.
	var arm arm64Registers
	arm.SP, arm.PC, arm.X[30] = 1000, 5000, 77
	code := []byte{0x90, 0x0b, 0x40, 0xf9, 0xff, 0x63, 0x30, 0xeb, 0xe9, 0x01, 0x00, 0x54, 0xfe, 0x0f, 0x1c, 0xf8, 0xfd, 0x83, 0x1f, 0xf8}
	p, ok := arm.findPush(code)
	if !ok || p.at != 12 {
		t.Fatalf("arm64: the push is at %d, %v; want 12", p.at, ok)
	}
	if addr, value := arm.do(p); addr != 1000-64 || value != 77 || arm.SP != addr || arm.PC != 5004 {
		t.Errorf("arm64: stores %d at %d, and the registers are %+v", value, addr, arm)
	}
	if code, stop := arm.trap(); binary.LittleEndian.Uint32(code) != 0xd4200000 || stop != 0 {
		t.Errorf("arm64: the trap is % x, and stops %d behind; want BRK #0, which stops at itself", code, stop)
	}
	var amd amd64Registers
	if code, stop := amd.trap(); code[0] != 0xcc || len(code) != 1 || stop != 1 {
		t.Errorf("amd64: the trap is % x, and stops %d behind; want INT3, which stops behind itself", code, stop)
	}
	amd.RSP, amd.RBP, amd.RIP = 1000, 77, 5001
	code = []byte{0x49, 0x3b, 0x66, 0x10, 0x76, 0x4c, 0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x28}
	if p, ok = amd.findPush(code); !ok || p.at != 6 {
		t.Fatalf("amd64: the push is at %d, %v; want 6", p.at, ok)
	}
	if addr, value := amd.do(p); addr != 992 || value != 77 || amd.RSP != addr || amd.RIP != 5001 {
		t.Errorf("amd64: stores %d at %d, and the registers are %+v", value, addr, amd)
	}
	if _, ok = amd.findPush(code[:8]); ok {
		t.Error("amd64: a push where there is none")
	}
}
