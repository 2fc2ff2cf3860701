//go:build amd64 || arm64

package trace

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawName is a socket's own address or its peer's, of any family: package unix
// knows only some. An address without a port is none.
func rawName(call uintptr, fd int) (sockname, bool) {
	var b [128]byte
	n := uint32(len(b))
	if _, _, e := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(&b)), uintptr(unsafe.Pointer(&n))); e != 0 {
		return sockname{}, false
	}
	s, ok := parseAddress(b[:min(int(n), len(b))])
	if (s.family == unix.AF_INET || s.family == unix.AF_INET6) && s.port.Port() == 0 {
		return s, false
	}
	return s, ok && s.text != ""
}
