//go:build amd64 || arm64

package trace

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// runs is the processes that run the program at path.
func runs(t *testing.T, path string) []int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == path {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// eventually waits until there is nothing left of the program at path.
func eventuallyGone(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		left := runs(t, path)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v still run %s", left, path)
		}
	}
}

// alone is a copy of a program, so that its processes are ours.
func alone(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(corpus(t), name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTracerKilled(t *testing.T) {
	path := alone(t, "blocked")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tracer := exec.CommandContext(ctx, "/proc/self/exe")
	tracer.Env = append(os.Environ(), as+"="+path)
	out, err := tracer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "waiting") {
	}
	if n := len(runs(t, path)); n != 1 {
		t.Errorf("%d processes run the program before the tracer is killed, want 1", n)
	}
	if err := tracer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	_ = tracer.Wait()
	eventuallyGone(t, path)
}

// TestCancelled ends programs at any moment, and looks for what is left.
func TestCancelled(t *testing.T) {
	for _, name := range []string{"many", "goroutines", "forks", "blocked"} {
		path := alone(t, name)
		for after := range 12 {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			seen, calls := 0, after*3
			if name == "blocked" {
				calls = after % 5 // it makes five and would wait for ever in the last
			}
			r := tracedUntil(ctx, t, Program{Path: path, Dirs: dirsOf(path), Enter: func(int, int) {
				if seen++; seen > calls {
					cancel()
				}
			}})
			if r.err == nil && (name == "many" || name == "blocked") {
				t.Errorf("%s went on to its end after cancel: %+v", name, r.end)
			}
			if r.err != nil && !errors.Is(r.err, context.Canceled) {
				t.Errorf("%s: %v", name, r.err)
			}
			cancel()
			if left := runs(t, path); len(left) > 0 {
				t.Fatalf("%s: %v still run", name, left)
			}
		}
	}
}

// TestNobody traces as a user without any right, if the tests have some.
func TestNobody(t *testing.T) {
	const nobody = 65534
	if os.Getuid() != 0 {
		lacks(t, "only root can become another user; the other tests ran as one")
	}
	for _, name := range []string{"goroutines", "dns"} {
		path := filepath.Join(corpus(t), name)
		self := filepath.Join(corpus(t), "self")
		if err := copyFile("/proc/self/exe", self); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, self)
		cmd.Env = []string{as + "=" + path}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "main.go") || !strings.Contains(string(out), "{Exit:0") || !strings.Contains(string(out), "Slow:false") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestNamespace traces as the runner's agent does: as the first process of a
// namespace of processes, without a right outside of its own.
func TestNamespace(t *testing.T) {
	for _, name := range []string{"rights", "crowd", "forks"} {
		path := filepath.Join(corpus(t), name)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, "/proc/self/exe")
		cmd.Env = []string{as + "=" + path}
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWPID,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
		out, err := cmd.CombinedOutput()
		if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
			lacks(t, "no user namespaces: "+err.Error())
		}
		lines := strings.Count(string(out), "main.go:")
		if err != nil || lines < 3 || !strings.Contains(string(out), "{Exit:0") || !strings.Contains(string(out), "Slow:false") {
			t.Errorf("%s: %v, %d events\n%s", name, err, lines, out)
		}
	}
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

// TestOthers leaves alone what the tracer's process has started besides.
func TestOthers(t *testing.T) {
	path := filepath.Join(corpus(t), "forks")
	child := exec.CommandContext(context.Background(), "/bin/cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { // a child that ends while the tracer waits
		_ = in.Close()
		close(ended)
	}()
	r := traced(t, Program{Path: path})
	<-ended
	if err := child.Wait(); err != nil {
		t.Errorf("the tracer took another child's end: %v", err)
	}
	if r.end.Others == 0 || !strings.Contains(r.stdout, "from the child\nfrom us: exit status 7\n") {
		t.Errorf("%+v, printed %q", r.end, r.stdout)
	}
	others := 0
	for _, e := range r.events {
		if e.Other {
			others++
			if e.Output == nil || e.At != nil {
				t.Errorf("of a child: %s", show(e))
			}
		}
	}
	if others != 1 {
		t.Errorf("%d events of the child, want what it printed", others)
	}
}

// TestStopped stops the program by SIGSTOP and starts it again by SIGCONT.
func TestStopped(t *testing.T) {
	path := alone(t, "blocked")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	signals, ready := make(chan os.Signal), make(chan struct{})
	go func() {
		<-ready
		signals <- unix.SIGSTOP
		for in := 0; in < 10 && ctx.Err() == nil; time.Sleep(time.Millisecond) {
			if in++; !stopped(t, path) {
				in = 0
			}
		}
		signals <- unix.SIGCONT
		for ctx.Err() == nil && stopped(t, path) {
			time.Sleep(time.Millisecond)
		}
		signals <- unix.SIGTERM
	}()
	seen := 0
	r := tracedUntil(ctx, t, Program{Path: path, Dirs: dirsOf(path), Signals: signals, Enter: func(int, int) {
		if seen++; seen == 5 {
			close(ready)
		}
	}})
	if r.err != nil || r.end.Signal != "SIGTERM" {
		t.Errorf("%+v, %v; want it stopped, continued, and ended by SIGTERM", r.end, r.err)
	}
}

// stopped reports whether a process of the program at path stands still.
func stopped(t *testing.T, path string) bool {
	t.Helper()
	for _, pid := range runs(t, path) {
		b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		_, state, _ := strings.Cut(string(b), ") ")
		if strings.HasPrefix(state, "t") || strings.HasPrefix(state, "T") {
			return true
		}
	}
	return false
}
