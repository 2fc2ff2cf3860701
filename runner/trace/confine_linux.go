//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// start prepares the calling thread, and asks for what the kernel is to do when
// it starts the program.
func (c *Confine) start(sys *syscall.SysProcAttr) error {
	if c == nil {
		return nil
	}
	sys.Setsid, sys.Setpgid = true, false // so it can't join a group of ours, and signal that
	if c.UID != 0 {
		sys.Credential = &syscall.Credential{Uid: uint32(c.UID), Gid: uint32(c.GID)}
	}
	sys.AmbientCaps = c.Caps
	if c.Thread == nil {
		return nil
	}
	return c.Thread()
}

// apply sets limits and filter of a program that stands at its first
// instruction, traced by the calling thread.
func (c *Confine) apply(pid int) error {
	for _, l := range c.Limits {
		var now unix.Rlimit
		if err := unix.Prlimit(pid, l.Resource, nil, &now); err != nil {
			return fmt.Errorf("read resource limit %d: %w", l.Resource, err)
		}
		want := unix.Rlimit{Cur: min(l.Soft, now.Max), Max: min(l.Hard, now.Max)}
		if err := unix.Prlimit(pid, l.Resource, &want, nil); err != nil {
			return fmt.Errorf("set resource limit %d: %w", l.Resource, err)
		}
	}
	for _, group := range c.Groups {
		if _, err := group.WriteString(strconv.Itoa(pid)); err != nil {
			return fmt.Errorf("put it into its cgroup: %w", err)
		}
	}
	if c.Filter == nil {
		return nil
	}
	code := make([]unix.SockFilter, len(c.Filter))
	for i, in := range c.Filter {
		code[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return install(pid, code)
}

// install makes a program that stands at its first instruction install a seccomp
// filter. Its children inherit it.
func install(pid int, code []unix.SockFilter) error {
	var regs registers
	if err := getRegisters(pid, &regs); err != nil {
		return err
	}
	data := make([]byte, 0, 8*len(code)+16)
	for _, c := range code {
		data = binary.LittleEndian.AppendUint16(data, c.Code)
		data = append(data, c.Jt, c.Jf)
		data = binary.LittleEndian.AppendUint32(data, c.K)
	}
	// Below the stack pointer there is nothing yet: the filter, then struct
	// sock_fprog, which is its length and its address.
	at := (regs.where().sp - page - uint64(cap(data))) &^ 15
	prog := at + uint64(len(data))
	data = binary.LittleEndian.AppendUint64(data, uint64(len(code)))
	data = binary.LittleEndian.AppendUint64(data, at)
	if _, err := unix.PtracePokeData(pid, uintptr(at), data); err != nil {
		return fmt.Errorf("write the filter: %w", err)
	}
	seccomp := func() (int64, error) {
		return inject(pid, regs, unix.SYS_SECCOMP, [4]uint64{unix.SECCOMP_SET_MODE_FILTER, 0, prog})
	}
	got, err := seccomp()
	if err == nil && got == -int64(unix.EACCES) {
		// Without a capability it is for processes that give up to gain any.
		if got, err = inject(pid, regs, unix.SYS_PRCTL, [4]uint64{unix.PR_SET_NO_NEW_PRIVS, 1}); err == nil && got == 0 {
			got, err = seccomp()
		}
	}
	if err == nil && got != 0 {
		err = fmt.Errorf("seccomp: %w", unix.Errno(-got))
	}
	return err
}

// inject makes a stopped program make a call, and leaves no trace of it. Signals
// that come meanwhile come again when it goes on.
func inject(pid int, regs registers, nr uint64, args [4]uint64) (int64, error) {
	pc := uintptr(regs.where().pc)
	saved := make([]byte, len(callInstruction))
	if _, err := unix.PtracePeekText(pid, pc, saved); err != nil {
		return 0, err
	}
	if _, err := unix.PtracePokeText(pid, pc, callInstruction); err != nil {
		return 0, err
	}
	during := regs
	during.instruct(nr, args)
	err := setRegisters(pid, &during)
	var missed []syscall.Signal
	if err == nil {
		missed, err = step(pid)
	}
	if err == nil {
		err = getRegisters(pid, &during)
	}
	_, restored := unix.PtracePokeText(pid, pc, saved)
	err = errors.Join(err, restored, setRegisters(pid, &regs))
	for _, s := range missed {
		err = errors.Join(err, unix.Kill(pid, s))
	}
	return during.outcome(), err
}

// step has a stopped program execute one instruction. Signals that it would have
// got before, which stop it first, it does not get.
func step(pid int) (missed []syscall.Signal, err error) {
	for {
		if err := ptrace(unix.PTRACE_SINGLESTEP, pid, 0); err != nil {
			return missed, err
		}
		_, status, err := wait(pid, 0)
		switch {
		case err != nil:
			return missed, err
		case !status.Stopped():
			return missed, errors.New("the program was killed before its first instruction")
		case status.StopSignal() == unix.SIGTRAP:
			return missed, nil
		}
		missed = append(missed, status.StopSignal())
	}
}
