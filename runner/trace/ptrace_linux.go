//go:build amd64 || arm64

package trace

import (
	"errors"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A stopInfo is what PTRACE_GET_SYSCALL_INFO tells of a stopped thread: struct
// ptrace_syscall_info of linux/ptrace.h, the same on every architecture.
type stopInfo struct {
	op   uint8 // unix.PTRACE_SYSCALL_INFO_ENTRY, EXIT, SECCOMP or NONE
	_    [3]uint8
	arch uint32
	ip   uint64
	sp   uint64
	data [8]uint64 // entry: number, six arguments; exit: result, and whether it is an errno
}

// info asks what the thread is stopped for.
func info(tid int, s *stopInfo) error {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(tid),
		unsafe.Sizeof(*s), uintptr(unsafe.Pointer(s)), 0, 0)
	return failed(e)
}

// ptrace makes a request that takes a number and gives none. A thread that has
// vanished meanwhile, as all do at exit_group, is no failure: its end is
// reported by wait.
func ptrace(request, tid int, data uintptr) error {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), 0, data, 0, 0)
	if e == unix.ESRCH {
		return nil
	}
	return failed(e)
}

func failed(e syscall.Errno) error {
	if e == 0 {
		return nil
	}
	return e
}

// prstatus is NT_PRSTATUS, the set of the general registers.
const prstatus = 1

func getRegisters(tid int, r *registers) error {
	return registerSet(unix.PTRACE_GETREGSET, tid, r)
}

func setRegisters(tid int, r *registers) error {
	return registerSet(unix.PTRACE_SETREGSET, tid, r)
}

func registerSet(request, tid int, r *registers) error {
	v := unix.Iovec{Base: (*byte)(unsafe.Pointer(r)), Len: uint64(unsafe.Sizeof(*r))}
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), prstatus, uintptr(unsafe.Pointer(&v)), 0, 0)
	return failed(e)
}

// wait is the next thing that a traced thread reports. It takes nothing from
// other threads of this process that wait for children of their own.
func wait(tid, options int) (int, unix.WaitStatus, error) {
	for {
		var status unix.WaitStatus
		got, err := unix.Wait4(tid, &status, unix.WALL|unix.WNOTHREAD|options, nil)
		if !errors.Is(err, unix.EINTR) {
			return got, status, err
		}
	}
}
