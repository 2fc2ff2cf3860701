//go:build amd64 || arm64

package trace

import (
	"path/filepath"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"sockets/runner/tier"
)

// TestSignalWhileConfined: a signal that stops a program while it is being
// confined is not lost, and does not stand in the way.
func TestSignalWhileConfined(t *testing.T) {
	if err := Probe(); err != nil {
		tier.Lacks(t, err.Error())
	}
	path := filepath.Join(corpus(t), "blocked")
	all, err := bpf.Assemble([]bpf.Instruction{bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}})
	if err != nil {
		t.Fatal(err)
	}
	onThread(func() {
		pid, err := launch(Program{Path: path}, true)
		if err != nil {
			t.Error(err)
			return
		}
		for _, s := range []unix.Signal{unix.SIGURG, unix.SIGCONT, unix.SIGTERM} {
			if err := unix.Kill(pid, s); err != nil {
				t.Error(err)
			}
		}
		if err := (&Confine{Filter: all}).apply(pid); err != nil {
			t.Errorf("confine it: %v", err)
			end(pid)
			return
		}
		if err := ptrace(unix.PTRACE_DETACH, pid, 0); err != nil {
			t.Error(err)
		}
		_, status, err := wait(pid, 0)
		if err != nil || status.Signal() != unix.SIGTERM {
			t.Errorf("it ended by %v, %v; want SIGTERM", status.Signal(), err)
		}
	})
}

// TestKilledWhileConfined: a program that is killed then is a failure, not a wait
// for ever.
func TestKilledWhileConfined(t *testing.T) {
	if err := Probe(); err != nil {
		tier.Lacks(t, err.Error())
	}
	onThread(func() {
		pid, err := launch(Program{Path: filepath.Join(corpus(t), "blocked")}, true)
		if err != nil {
			t.Error(err)
			return
		}
		if err := unix.Kill(pid, unix.SIGKILL); err != nil {
			t.Error(err)
		}
		if missed, err := step(pid); err == nil {
			t.Errorf("step = %v, nil; want an error", missed)
		}
		end(pid)
	})
}
