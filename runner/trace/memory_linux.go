//go:build amd64 || arm64

package trace

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// A memory is that of a traced process, read through any of its threads.
type memory int

// read fills b from addr on and says how much of it there was.
func (m memory) read(addr uint64, b []byte) int {
	if len(b) == 0 {
		return 0
	}
	local := []unix.Iovec{{Base: &b[0]}}
	local[0].SetLen(len(b))
	n, err := unix.ProcessVMReadv(int(m), local, []unix.RemoteIovec{{Base: uintptr(addr), Len: len(b)}}, 0)
	if err == nil && n == len(b) {
		return n
	}
	// A read that crosses into a page that is not there gives nothing at all of
	// that part; what stands before it is found page by page.
	n = 0
	for n < len(b) {
		part := min(len(b)-n, page-int((addr+uint64(n))%page))
		local[0].Base = &b[n]
		local[0].SetLen(part)
		got, err := unix.ProcessVMReadv(int(m), local, []unix.RemoteIovec{{Base: uintptr(addr) + uintptr(n), Len: part}}, 0)
		if err != nil || got != part {
			break
		}
		n += got
	}
	return n
}

// both fills two buffers at once, if all of them is there.
func (m memory) both(one uint64, a []byte, two uint64, b []byte) bool {
	local := []unix.Iovec{{Base: &a[0], Len: uint64(len(a))}, {Base: &b[0], Len: uint64(len(b))}}
	remote := []unix.RemoteIovec{{Base: uintptr(one), Len: len(a)}, {Base: uintptr(two), Len: len(b)}}
	n, err := unix.ProcessVMReadv(int(m), local, remote, 0)
	return err == nil && n == len(a)+len(b)
}

const page = 4096

// bytes is n bytes at addr, fewer if there are not as many.
func (m memory) bytes(addr uint64, n int) []byte {
	if addr == 0 || n <= 0 {
		return nil
	}
	b := make([]byte, n)
	return b[:m.read(addr, b)]
}

func (m memory) word(addr uint64) (uint64, bool) {
	var b [8]byte
	if m.read(addr, b[:]) != len(b) {
		return 0, false
	}
	return binary.LittleEndian.Uint64(b[:]), true
}

func (m memory) int32(addr uint64) (int32, bool) {
	var b [4]byte
	if m.read(addr, b[:]) != len(b) {
		return 0, false
	}
	return int32(binary.LittleEndian.Uint32(b[:])), true
}

// text is the C string at addr, at most a path long.
func (m memory) text(addr uint64) (string, bool) {
	var b []byte
	for len(b) < unix.PathMax {
		part := m.bytes(addr+uint64(len(b)), 256)
		if i := bytes.IndexByte(part, 0); i >= 0 {
			return string(append(b, part[:i]...)), true
		}
		if len(part) < 256 {
			return "", false
		}
		b = append(b, part...)
	}
	return string(b), true
}
