package process

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The programs that the tests run are this test's own binary, which does what
// this variable says instead of testing.
const as = "PROCESS_TEST"

func TestMain(m *testing.M) {
	if name := os.Getenv(as); name != "" {
		name, arg, _ := strings.Cut(name, " ")
		programs[name](arg)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The programs that run on every system; unix_test.go adds some.
var programs = map[string]func(arg string){
	"nothing": func(string) {},
	"exits":   func(string) { os.Exit(3) },
	"prints": func(string) {
		fmt.Print("one\ntwo")
		fmt.Fprint(os.Stderr, "three\n")
	},
	"environment": func(string) {
		dir, err := os.Getwd()
		fmt.Println(dir, err, os.Args[1:])
		for _, v := range os.Environ() {
			name, _, _ := strings.Cut(v, "=")
			fmt.Println(name)
		}
	},
	"reads": func(string) {
		n, err := os.Stdin.Read(make([]byte, 1))
		fmt.Println(n, err)
	},
	"panics": func(string) { panic("oh") },
	"waits":  func(string) { wait() },
}

func init() {
	programs["endless"] = func(string) {
		line := bytes.Repeat([]byte("x"), 1000)
		for {
			if _, err := os.Stdout.Write(line); err != nil {
				return
			}
		}
	}
	programs["deaf"] = func(string) {
		signal.Ignore(syscall.Signal(3))
		wait()
	}
	// A parent starts a child that sleeps, and ends or not. The child's number
	// is left in a file, so that the test can look for it.
	programs["forks"] = func(arg string) { fork(arg, nil) }
	programs["sleeps"] = func(string) { wait() }
}

// wait ends too late for any test, but does end should a test leave it behind.
func wait() {
	fmt.Println("waiting")
	time.Sleep(30 * time.Second)
}

// fork starts this binary as the program "sleeps" with our own stdout, and
// writes its number to the file.
func fork(file string, attributes *syscall.SysProcAttr) {
	self, err := os.Executable()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	cmd := &exec.Cmd{
		Path: self, Stdout: os.Stdout, Stderr: os.Stderr, SysProcAttr: attributes,
		Env: append(os.Environ(), as+"=sleeps"),
	}
	if err := cmd.Start(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if err := os.WriteFile(file, fmt.Append(nil, cmd.Process.Pid), 0o600); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// program is the command that runs this binary as the named program.
func program(tb testing.TB, name string) Command {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	// A program built for the race detector waits a second before it exits,
	// unless it is told not to.
	env := []string{as + "=" + name, "GORACE=atexit_sleep_ms=0"}
	return Command{Path: self, Dir: tb.TempDir(), Env: env, Limit: 20 * time.Second}
}

// run runs the command and expects that this takes less than the time.
func run(t *testing.T, c Command, within time.Duration) *End {
	t.Helper()
	start := time.Now()
	end, err := Run(t.Context(), c)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	if took := time.Since(start); took > within {
		t.Errorf("Run took %v, want less than %v", took, within)
	}
	return end
}

// childFile is where a program leaves the number of its child.
func childFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "child")
}
