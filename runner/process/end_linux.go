package process

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// closeOnExec makes sure, once, that a program gets no descriptor of ours but
// its three, though we may have inherited some ourselves: make's job server, a
// shell's redirections. Before Linux 5.11 this can't be done, and is left.
var closeOnExec = sync.OnceFunc(func() {
	_ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
})

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL}
}

// await returns when the program has ended. It stays a zombie, so that its
// number, which is also its group's, can't be anybody else's until clean.
func (t *tree) await() error {
	for {
		err := unix.Waitid(unix.P_PID, t.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// quit asks a Go program to print its goroutines and end.
func (t *tree) quit() { _ = unix.Kill(t.cmd.Process.Pid, unix.SIGQUIT) }

// kill ends the program, also if it moved to another group, and its group.
func (t *tree) kill() {
	_ = unix.Kill(t.cmd.Process.Pid, unix.SIGKILL)
	_ = unix.Kill(-t.cmd.Process.Pid, unix.SIGKILL)
}

// clean kills whatever the program, now ended, has left, and counts it.
func (t *tree) clean(e *End) error {
	group := t.cmd.Process.Pid
	if t.cmd.SysProcAttr.Cloneflags&unix.CLONE_NEWPID != 0 {
		// It was the first process of a namespace, and the kernel has let it end
		// only when all others there were gone. To look for them in /proc would
		// keep the kernel busy with forgetting what is there of many that end.
		return t.reap()
	}
	left, unsure := t.left(false)
	t.kill()
	if err := t.reap(); err != nil {
		return err
	}
	killed := make(map[int]bool)
	for patience := time.Now().Add(sweep); ; {
		for _, pid := range left {
			killed[pid] = true
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		// The group's number stays taken as long as anything is in the group. It
		// may be the dead only, where nobody collects them.
		grouped := unix.Kill(-group, unix.SIGKILL) == nil
		if !grouped && len(left) == 0 && !unsure && !anyAlive(killed) {
			break
		}
		if time.Now().After(patience) {
			return fmt.Errorf("processes %v of it are still there %v after SIGKILL", left, sweep)
		}
		time.Sleep(time.Millisecond)
		if left, unsure = t.left(grouped); len(left) == 0 && !unsure && !anyAlive(killed) {
			break
		}
	}
	e.Stragglers = len(killed)
	return nil
}
