package process

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func init() {
	// Keep the tests off the main thread, which can't end: see TestThreadEnds.
	runtime.LockOSThread()

	programs["descriptors"] = func(string) {
		for fd := 3; fd < 100; fd++ {
			name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
			// The runtime itself keeps a poller and the limits of its cgroup open.
			ours := !strings.HasPrefix(name, "anon_inode:") && !strings.HasPrefix(name, "/sys/fs/cgroup/")
			if err == nil && ours {
				fmt.Println(fd, name)
			}
		}
	}
	// A runner that is killed while its program waits.
	programs["runner"] = func(string) {
		self, _ := os.Executable()
		c := Command{Path: self, Env: []string{as + "=number"}, Stdout: os.Stdout}
		_, err := Run(context.Background(), c)
		fmt.Println(err)
	}
	programs["number"] = func(string) {
		fmt.Println(os.Getpid())
		time.Sleep(30 * time.Second)
	}
}

// TestInheritsNothing opens a descriptor that is not close-on-exec, as a shell
// or make may leave one for us.
func TestInheritsNothing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	outer := &exec.Cmd{
		Path: self, Args: []string{self, "-test.run=^TestDescriptors$", "-test.v"},
		Env: append(os.Environ(), "PROCESS_INNER=1"), ExtraFiles: []*os.File{f, f},
	}
	out, err := outer.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestDescriptors is the inner half of TestInheritsNothing.
func TestDescriptors(t *testing.T) {
	if os.Getenv("PROCESS_INNER") == "" {
		t.Skip("is run by TestInheritsNothing")
	}
	end := run(t, program(t, "descriptors"), 10*time.Second)
	if len(end.Stdout) > 0 {
		t.Errorf("the program has the descriptors %q, want none but its three", end.Stdout)
	}
}

// TestRunnerKilled kills a process that is running a program.
func TestRunnerKilled(t *testing.T) {
	c := program(t, "runner")
	cmd := &exec.Cmd{Path: c.Path, Env: c.Env}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if killErr := cmd.Process.Kill(); killErr != nil || err != nil {
		t.Fatal(killErr, err)
	}
	_ = cmd.Wait()
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(2 * time.Second); alive(pid); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("the program %d is still there 2s after its runner", pid)
		}
	}
}

// TestThreadEnds ends threads of ours while a program runs. Without its own
// thread the program would be killed when the thread that started it ends.
func TestThreadEnds(t *testing.T) {
	// With several processors the thread that started the program becomes free
	// for other goroutines soon, but not each time.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	for range 10 {
		c := program(t, "waits")
		c.Limit = 150 * time.Millisecond
		c.Stdout = writer(func() {
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(runtime.LockOSThread) // and never unlock: the thread ends
			}
			wg.Wait()
		})
		if end := run(t, c, 5*time.Second); !end.Late || end.Signal != "" {
			t.Fatalf("End = late %v, signal %q; want it to wait until its deadline", end.Late, end.Signal)
		}
	}
}

// TestStarting looks for a process in the middle of execve many times, as the
// parent ends as soon as its child's execve can't fail any more.
func TestStarting(t *testing.T) {
	n := 20
	if os.Getenv("SOCKETS_TEST") == "full" {
		n = 200
	}
	for range n {
		if end := run(t, program(t, "forks-setsid "+childFile(t)), 10*time.Second); end.Stragglers != 1 {
			t.Fatalf("Stragglers = %d, want 1", end.Stragglers)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for b.Loop() {
		if _, err := Run(b.Context(), Command{Path: "/bin/true"}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBare is the floor of BenchmarkRun: the same program, by os/exec.
func BenchmarkBare(b *testing.B) {
	for b.Loop() {
		var stdout, stderr strings.Builder
		cmd := &exec.Cmd{Path: "/bin/true", Stdout: &stdout, Stderr: &stderr}
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
	}
}
