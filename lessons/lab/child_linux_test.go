package lab_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sockets/lessons/lab/labtest"
)

// stat returns a process's state and parent, from /proc/PID/stat. A process
// that is gone has state 0.
func stat(pid int) (state byte, parent int) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	// The name before it, in parentheses, may hold anything.
	rest := b[bytes.LastIndexByte(b, ')')+1:]
	if _, err := fmt.Fscanf(bytes.NewReader(rest), " %c %d", &state, &parent); err != nil {
		return 0, 0
	}
	return state, parent
}

// childrenOf returns the children of a process. There has to be one.
func childrenOf(t *testing.T, pid int) []int {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, dir := range dirs {
		child, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			t.Fatal(err)
		}
		if _, parent := stat(child); parent == pid {
			found = append(found, child)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the lesson has children %v, want one", found)
	}
	return found
}

// wantDead waits until a process has ended, whether or not its new parent has
// noticed.
func wantDead(t *testing.T, pid int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(labtest.Deadline); time.Now().Before(end); <-tick.C {
		if state, _ := stat(pid); state == 0 || state == 'Z' {
			return
		}
	}
	t.Errorf("process %d is still there", pid)
}

// wantApart checks that a child holds neither output of its parent.
func wantApart(t *testing.T, parent, child int) {
	t.Helper()
	open := map[string]bool{}
	for _, fd := range []int{1, 2} {
		to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", parent, fd))
		if err != nil {
			t.Fatal(err)
		}
		open[to] = true
	}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", child))
	if err != nil || len(fds) == 0 {
		t.Fatalf("descriptors of %d: %v, %v", child, fds, err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && open[to] {
			t.Errorf("the lab holds %s of the lesson as %s", to, fd)
		}
	}
}

// Ctrl-C is for the lesson; a request to terminate is obeyed tidily.
func TestChildSignals(t *testing.T) {
	l := startLesson(t)
	pid := childrenOf(t, l.cmd.Process.Pid)[0]
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP} {
		if err := syscall.Kill(pid, sig); err != nil {
			t.Fatal(err)
		}
	}
	testEcho(t, "unix", l.path)
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	l.wantGone(t)
	wantDead(t, pid)
	if err := errors.Join(l.stdin.Close(), l.cmd.Wait()); err != nil {
		t.Error(err)
	}
}

// A socket made without SOCK_CLOEXEC reaches every child. The lab must let go
// of it, or the lesson's Close would not end the connection.
func TestChildForgets(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	here, there := os.NewFile(uintptr(fds[0]), "here"), os.NewFile(uintptr(fds[1]), "there")
	defer func() { _ = here.Close() }()
	s := fresh()
	testEcho(t, "tcp", s.Addr())
	if err := there.Close(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, here)
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(labtest.Deadline):
		t.Fatal("the connection is still open: the lab holds its other end")
	}
	testEcho(t, "tcp", s.Addr()) // and the lab is still alive
}
