//go:build amd64 || arm64

package cage

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"sockets/runner/trace"
)

// Probed closes a cage around this process, which must be the agent of a pocket,
// holds one of its threads to what a program would be held to, and tries there
// what a cage must not allow. It returns what is not confined, or why there can
// be no cage; nil if all is well.
func Probed() error {
	c, err := Enter(Limits{}, nil)
	if err != nil {
		return err
	}
	looked := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with its goroutine
		if err := hold(c); err != nil {
			looked <- err
			return
		}
		looked <- tryAll()
	}()
	return <-looked
}

// hold does to the calling thread what is done to a program, but for the limits,
// which are of a whole process.
func hold(c *trace.Confine) error {
	if err := c.Thread(); err != nil {
		return err
	}
	if c.UID != 0 {
		for _, call := range [][4]uintptr{
			{unix.SYS_SETGROUPS, 0, 0, 0},
			{unix.SYS_SETRESGID, uintptr(c.GID), uintptr(c.GID), uintptr(c.GID)},
			{unix.SYS_SETRESUID, uintptr(c.UID), uintptr(c.UID), uintptr(c.UID)},
		} {
			// Package syscall would change all threads.
			if _, _, e := unix.RawSyscall(call[0], call[1], call[2], call[3]); e != 0 {
				return fmt.Errorf("become user %d: %w", c.UID, e)
			}
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&header, &none[0]); err != nil {
		return fmt.Errorf("give up capabilities: %w", err)
	}
	code := make([]unix.SockFilter, len(c.Filter))
	for i, in := range c.Filter {
		code[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	program := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	_, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(code)
	if e != 0 {
		return fmt.Errorf("install the filter: %w", e)
	}
	return nil
}

// tryAll tries, as a program in a cage, what a cage must not allow.
func tryAll() error {
	var errs []error
	failed := func(format string, args ...any) { errs = append(errs, fmt.Errorf("cage: "+format, args...)) }
	status, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		return err
	}
	for _, want := range []string{"CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(string(status), "\n"+want+"\n") {
			failed("/proc/self/status has no line %q", want)
		}
	}
	for _, name := range []string{"/etc/passwd", "/root", "/home", "/usr", "/sys", "/dev/net/tun"} {
		if _, err := os.Lstat(name); err == nil {
			failed("%s is in sight", name)
		}
	}
	if err := os.WriteFile("/written", nil, 0o600); err == nil {
		failed("the root can be written to")
	}
	if err := unix.Unshare(unix.CLONE_NEWUSER); !errors.Is(err, unix.EPERM) {
		failed("unshare = %w, want EPERM", err)
	}
	if fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0); !errors.Is(err, unix.EAFNOSUPPORT) {
		failed("socket(AF_VSOCK) = %d, %w, want EAFNOSUPPORT", fd, err)
	}
	if err := unix.Kill(1, 0); !errors.Is(err, unix.EPERM) {
		failed("kill(1, 0) = %w, want EPERM", err)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		failed("socket(AF_INET) = %w", err)
	} else if err := unix.Close(fd); err != nil {
		failed("close = %w", err)
	}
	return errors.Join(errs...)
}
