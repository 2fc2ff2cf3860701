//go:build amd64 || arm64

package trace

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK |
	unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACESECCOMP | unix.PTRACE_O_EXITKILL

// start makes the program stand at its first instruction, traced, and lets it
// go.
func (t *tracer) start() error {
	pid, err := launch(t.Program, true)
	if err != nil {
		return err
	}
	t.pid = pid
	t.files = newFiles(pid)
	if err := t.prepare(); err != nil {
		end(pid)
		t.closeFiles()
		return err
	}
	// Whoever knows of the program may send it signals: not before it is held, as
	// SIGCONT, for one, would have it run.
	if t.Started != nil {
		t.Started(pid)
	}
	return t.resume(t.add(t.pid, true), 0)
}

// Start starts the program like Run and traces nothing; whoever calls it waits
// for it. The kernel kills the program with the calling thread, so the caller's
// goroutine must be locked to it.
func Start(p Program) (pid int, err error) {
	if pid, err = launch(p, p.Confine != nil); err != nil {
		return 0, fmt.Errorf("start %s: %w", p.Path, err)
	}
	if p.Confine != nil {
		err = p.Confine.apply(pid)
	}
	if err == nil && p.Started != nil {
		p.Started(pid)
	}
	if err == nil && p.Confine != nil {
		err = ptrace(unix.PTRACE_DETACH, pid, 0)
	}
	if err != nil {
		end(pid)
		return 0, fmt.Errorf("confine %s: %w", p.Path, err)
	}
	return pid, nil
}

// launch starts the program. If it is to be traced, it gives it when execve has
// succeeded, before it runs an instruction.
func launch(p Program, traced bool) (int, error) {
	null, err := openNull()
	if err != nil {
		return 0, err
	}
	defer func() { _ = null.Close() }()
	var stdio [3]uintptr
	for i, f := range []*os.File{p.Stdin, p.Stdout, p.Stderr} {
		if f == nil {
			f = null
		}
		stdio[i] = f.Fd()
	}
	// Nothing of ours is for the program but its three. Before Linux 5.11 this
	// can't be done, and is left.
	_ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	path, err := filepath.Abs(p.Path)
	if err != nil {
		return 0, err
	}
	env := p.Env
	if env == nil {
		env = []string{}
	}
	sys := &syscall.SysProcAttr{Ptrace: traced, Setpgid: true, Pdeathsig: unix.SIGKILL}
	if err := p.Confine.start(sys); err != nil {
		return 0, err
	}
	pid, err := syscall.ForkExec(path, append([]string{p.Path}, p.Args...), &syscall.ProcAttr{
		Dir: p.Dir, Env: env, Files: stdio[:], Sys: sys,
	})
	if err != nil && traced {
		return 0, fmt.Errorf("start it under ptrace: %w", err)
	}
	if err != nil || !traced {
		return pid, err
	}
	if _, status, err := wait(pid, 0); err != nil || !status.Stopped() {
		end(pid)
		return 0, errors.Join(errors.New("it did not stop at its first instruction"), err)
	}
	return pid, nil
}

// end kills a process that has just been started, and waits for it.
func end(pid int) {
	_ = unix.Kill(pid, unix.SIGKILL)
	for {
		if _, status, err := wait(pid, 0); err != nil || status.Exited() || status.Signaled() {
			return
		}
	}
}

// prepare holds the program, which stands at its first instruction and stays
// there, to what it must not do, and makes it one that is traced.
func (t *tracer) prepare() error {
	if err := t.findBias(); err != nil {
		return err
	}
	if !t.slow {
		// Without a filter the kernel stops the program at every call, which is
		// slower and shows the same.
		t.filtered = t.filter() == nil
	}
	t.end.Slow = !t.filtered
	t.watchCreations()
	if t.Confine != nil {
		if err := t.Confine.apply(t.pid); err != nil {
			return fmt.Errorf("confine it: %w", err)
		}
	}
	return seize(t.pid, options)
}

// seize makes a child that stops for PTRACE_TRACEME one that PTRACE_SEIZE holds:
// only such a thread can be interrupted, and stays stopped by SIGSTOP. Nothing
// but SIGSTOP keeps the child from running in between.
func seize(pid int, options uintptr) error {
	if err := ptrace(unix.PTRACE_DETACH, pid, uintptr(unix.SIGSTOP)); err != nil {
		return fmt.Errorf("detach: %w", err)
	}
	if _, status, err := wait(pid, unix.WUNTRACED); err != nil || !status.Stopped() {
		return errors.Join(errors.New("the program did not wait to be traced"), err)
	}
	if err := ptrace(unix.PTRACE_SEIZE, pid, options); err != nil {
		return fmt.Errorf("PTRACE_SEIZE: %w", err)
	}
	if _, status, err := wait(pid, 0); err != nil || !status.Stopped() {
		return errors.Join(errors.New("the program did not stop to be traced"), err)
	}
	return unix.Kill(pid, unix.SIGCONT)
}

// findBias compares the entry point that the kernel told the program with the
// binary's. It stands on the stack, after the arguments and the environment.
func (t *tracer) findBias() error {
	var regs registers
	if err := getRegisters(t.pid, &regs); err != nil {
		return fmt.Errorf("read its registers: %w", err)
	}
	m, sp := memory(t.pid), regs.where().sp
	argc, ok := m.word(sp)
	at := sp + 8*(argc+2)
	for ok {
		var env uint64
		env, ok = m.word(at)
		at += 8
		if env == 0 {
			break
		}
	}
	for ok {
		b := m.bytes(at, 16)
		if len(b) < 16 {
			break
		}
		switch binary.LittleEndian.Uint64(b) {
		case 9: // AT_ENTRY
			t.bias = binary.LittleEndian.Uint64(b[8:]) - t.bin.entry
			return nil
		case 0: // AT_NULL
			ok = false
		}
		at += 16
	}
	return errors.New("its memory can't be read: no entry point on its stack")
}

// Probe says why Run can't work on this machine, or nil if it can. It starts
// this very binary and ends it before it runs an instruction.
func Probe() error {
	var err error
	onThread(func() { err = probe() })
	return err
}

func probe() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	pid, err := launch(Program{Path: self}, true)
	if err != nil {
		return refusal(err)
	}
	defer end(pid)
	f, err := elf.Open(self)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	t := &tracer{pid: pid, bin: &program{entry: f.Entry}}
	if err := t.findBias(); err != nil {
		return refusal(err)
	}
	if err := seize(pid, options); err != nil {
		return refusal(err)
	}
	var s stopInfo
	if err := info(pid, &s); err != nil {
		return fmt.Errorf("ptrace: this kernel is older than Linux 5.3, which is the first to tell of system calls (PTRACE_GET_SYSCALL_INFO): %w", err)
	}
	return nil
}

// refusal adds what is likely to be the reason that the kernel says no.
func refusal(err error) error {
	reason := "the kernel refuses it"
	scope, _ := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	status, _ := os.ReadFile("/proc/self/status")
	switch s := strings.TrimSpace(string(scope)); {
	case s == "2":
		reason = "/proc/sys/kernel/yama/ptrace_scope is 2: only for CAP_SYS_PTRACE; 1 would do"
	case s == "3":
		reason = "/proc/sys/kernel/yama/ptrace_scope is 3: for nobody until the machine is started again; 1 would do"
	case strings.Contains(string(status), "\nSeccomp:\t2"):
		reason = "a seccomp filter, as containers have, refuses it; docker run --cap-add SYS_PTRACE would do"
	}
	return fmt.Errorf("ptrace: %s: %w", reason, err)
}
