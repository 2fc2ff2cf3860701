package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/attempts"
	"sockets/runner/tier"
)

// A written is what a command has written so far.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // holds something when there is more
}

func (s *written) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

func (s *written) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *written) await(ctx context.Context, t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(s.String(), text) {
		select {
		case <-s.more:
		case <-ctx.Done():
			t.Fatalf("it never wrote %q:\n%s", text, s.String())
		}
	}
}

// TestWatch saves a solution over the stub while the judge watches.
func TestWatch(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Cage != nil {
		tier.Lacks(t, l.Cage.Error())
	}
	dir := t.TempDir()
	save := func(text []byte) {
		t.Helper()
		whole := filepath.Join(dir, "new")
		if err := os.WriteFile(whole, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(whole, filepath.Join(dir, "main.go")); err != nil {
			t.Fatal(err)
		}
	}
	solution, err := os.ReadFile(filepath.Join("..", "lessons", "05", "solution", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	save([]byte("package main\n\nfunc main() {}\n"))
	t.Cleanup(func() { // it is kept in the checkout
		file, err := attempts.File("..", "05", dir)
		if err == nil {
			err = os.Remove(file)
		}
		if err != nil {
			t.Error(err)
		}
	})
	patient, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	ctx, interrupt := context.WithCancel(patient)
	out := &written{more: make(chan struct{}, 1)}
	code := make(chan int, 1)
	go func() {
		code <- command(ctx, []string{"grade", "05", dir, "--watch", "--check", "LastLine", "--check", "NoLines"}, out, io.Discard)
	}()
	out.await(patient, t, "not run: 0 of 13 checks")
	save(solution)
	out.await(patient, t, "not run: 2 of 13 checks, 3 of 22 points")
	interrupt()
	select {
	case got := <-code:
		if got != exitFine {
			t.Errorf("exit code %d, want %d", got, exitFine)
		}
	case <-patient.Done():
		t.Error("an interrupt does not end it")
	}
}

// TestInterruptedGrading interrupts the judge while a program spins in all checks:
// it ends at once, and nothing is left of it, neither a process nor a file.
func TestInterruptedGrading(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Cage != nil {
		tier.Lacks(t, l.Cage.Error())
	}
	dir, temp := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() {\n\tfor {\n\t}\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	code := make(chan int, 1)
	go func() { code <- command(ctx, []string{"grade", "05", dir}, io.Discard, io.Discard) }()
	for late := time.Now().Add(3 * time.Minute); len(named(t, temp)) < 4; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("the checks do not begin")
		}
	}
	began := time.Now()
	interrupt()
	select {
	case got := <-code:
		if got != exitFailed {
			t.Errorf("exit code %d, want %d", got, exitFailed)
		}
		t.Logf("it took %v", time.Since(began))
	case <-time.After(time.Minute):
		t.Fatal("an interrupt does not end it")
	}
	if left := named(t, temp); len(left) > 0 {
		t.Errorf("processes are left: %q", left)
	}
	if left, err := filepath.Glob(filepath.Join(temp, "*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %q, %v", left, err)
	}
}

// named are the processes of whose command line the text is a part.
func named(t *testing.T, text string) (all []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(files) == 0 {
		t.Fatalf("no processes: %v", err)
	}
	for _, file := range files {
		if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte(text)) {
			all = append(all, string(line))
		}
	}
	return all
}
