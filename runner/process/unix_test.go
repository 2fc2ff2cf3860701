//go:build unix

package process

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func init() {
	programs["killed"] = func(string) { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) }
	programs["forks-setsid"] = func(arg string) { fork(arg, &syscall.SysProcAttr{Setsid: true}) }
	programs["forks-waits"] = func(arg string) {
		fork(arg, &syscall.SysProcAttr{Setsid: true})
		wait()
	}
	programs["crowd"] = func(string) {
		for range 1000 {
			go time.Sleep(30 * time.Second)
		}
		wait()
	}
	programs["stops"] = func(string) { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) }
}

func TestSignal(t *testing.T) {
	end := run(t, program(t, "killed"), 10*time.Second)
	if end.Signal != "SIGKILL" || end.Code != -1 || end.Late || end.Cut {
		t.Errorf("End = %+v, want SIGKILL and nothing else", end)
	}
}

func TestLate(t *testing.T) {
	for _, c := range []struct {
		program string
		within  time.Duration
		dump    bool
		signal  string
	}{
		{"waits", time.Second, true, ""},
		{"deaf", 2 * time.Second, false, "SIGKILL"},
		{"stops", 2 * time.Second, false, "SIGKILL"},
	} {
		t.Run(c.program, func(t *testing.T) {
			p := program(t, c.program)
			p.Limit = 300 * time.Millisecond
			end := run(t, p, p.Limit+c.within)
			if !end.Late || end.Cut || end.Signal != c.signal {
				t.Errorf("End = late %v, cut %v, signal %q; want late, signal %q", end.Late, end.Cut, end.Signal, c.signal)
			}
			dump := strings.HasPrefix(string(end.Stderr), "SIGQUIT: quit\n") && strings.Contains(string(end.Stderr), "process.wait(")
			if dump != c.dump {
				t.Errorf("stderr is %q, want a dump of goroutines: %v", end.Stderr, c.dump)
			}
		})
	}
}

// TestLongDump has more goroutines to tell of than is kept.
func TestLongDump(t *testing.T) {
	p := program(t, "crowd")
	p.Limit, p.Output = 300*time.Millisecond, 5000
	end := run(t, p, 5*time.Second)
	if !end.Late || end.Cut || len(end.Stderr) != p.Output || end.Signal != "SIGKILL" {
		t.Errorf("End = late %v, cut %v, signal %q, %d bytes; want it late and %d bytes", end.Late, end.Cut, end.Signal, len(end.Stderr), p.Output)
	}
}

func TestStragglers(t *testing.T) {
	for _, c := range []struct {
		program string
		limit   time.Duration
		setsid  bool
	}{
		{"forks", 20 * time.Second, false},
		{"forks-setsid", 20 * time.Second, true},
		{"forks-waits", 500 * time.Millisecond, true},
	} {
		t.Run(c.program, func(t *testing.T) {
			if c.setsid && runtime.GOOS != "linux" {
				t.Skip("a process that left the group is found on Linux only")
			}
			file := childFile(t)
			p := program(t, c.program+" "+file)
			p.Limit = c.limit
			end := run(t, p, 5*time.Second)
			if end.Stragglers != 1 {
				t.Errorf("Stragglers = %d, want 1", end.Stragglers)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if alive(pid) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				t.Errorf("its child %d is still there", pid)
			}
		})
	}
}

// alive reports whether the process is there and not a zombie.
func alive(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return runtime.GOOS != "linux"
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}

// TestNothingLeft runs many programs, several at once, and counts descriptors,
// goroutines and children before and after.
func TestNothingLeft(t *testing.T) {
	run(t, program(t, "nothing"), 10*time.Second) // what is made once, is made now
	fds, goroutines := descriptors(t), runtime.NumGoroutine()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 25 {
				c := program(t, []string{"nothing", "exits", "prints", "endless", "killed"}[i%5])
				c.Output = 10000
				if _, err := Run(t.Context(), c); err != nil {
					t.Errorf("Run: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if n := descriptors(t); n > fds {
		t.Errorf("%d descriptors are open, before there were %d", n, fds)
	}
	// A goroutine that has done its last act may still be on its way out.
	for until := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%d goroutines run, before there were %d", runtime.NumGoroutine(), goroutines)
		}
	}
	if _, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("wait4 = %v, want ECHILD: there are children", err)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
