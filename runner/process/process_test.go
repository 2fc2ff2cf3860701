package process

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEnds(t *testing.T) {
	for _, c := range []struct {
		program        string
		code           int
		stdout, stderr string
	}{
		{"nothing", 0, "", ""},
		{"exits", 3, "", ""},
		{"prints", 0, "one\ntwo", "three\n"},
		{"reads", 0, "0 EOF\n", ""},
	} {
		t.Run(c.program, func(t *testing.T) {
			end := run(t, program(t, c.program), 10*time.Second)
			if end.Code != c.code || end.Signal != "" || end.Late || end.Cut || end.Stragglers != 0 {
				t.Errorf("End = %+v, want code %d and nothing else", end, c.code)
			}
			if string(end.Stdout) != c.stdout || string(end.Stderr) != c.stderr {
				t.Errorf("printed %q and %q, want %q and %q", end.Stdout, end.Stderr, c.stdout, c.stderr)
			}
			if end.Wall <= 0 || end.User+end.System <= 0 {
				t.Errorf("took %v, of it %v and %v", end.Wall, end.User, end.System)
			}
		})
	}
}

func TestPanics(t *testing.T) {
	end := run(t, program(t, "panics"), 10*time.Second)
	if end.Code != 2 || !strings.HasPrefix(string(end.Stderr), "panic: oh\n") {
		t.Errorf("End = %d with %q, want 2 and a panic", end.Code, end.Stderr)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("OURS", "must not be seen")
	c := program(t, "environment")
	c.Args = []string{"a b", ""}
	end := run(t, c, 10*time.Second)
	lines := strings.Split(strings.TrimSpace(string(end.Stdout)), "\n")
	dir, err := filepath.EvalSymlinks(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Replace(lines[0], c.Dir, dir, 1), dir+" <nil> [a b ]"; got != want {
		t.Errorf("directory and arguments are %q, want %q", got, want)
	}
	for _, name := range lines[1:] {
		if name+"=" != mark && name != as && name != "GORACE" && name != "SYSTEMROOT" && name != "PWD" {
			t.Errorf("the environment has %s", name)
		}
	}
}

func TestTooMuch(t *testing.T) {
	c := program(t, "endless")
	c.Output = 12345
	var seen bytes.Buffer
	c.Stdout = &seen
	end := run(t, c, 5*time.Second)
	if !end.Cut || end.Late || end.Code != -1 && end.Signal == "" {
		t.Errorf("End = cut %v, late %v, code %d; want it cut", end.Cut, end.Late, end.Code)
	}
	if len(end.Stdout) != c.Output || seen.Len() != c.Output {
		t.Errorf("kept %d bytes and showed %d, want %d", len(end.Stdout), seen.Len(), c.Output)
	}
}

func TestCancelled(t *testing.T) {
	for _, name := range []string{"waits", "deaf", "endless"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			cause := errors.New("enough")
			c := program(t, name)
			c.Output = 1 << 40
			var stopped time.Time
			c.Stdout = writer(func() {
				if stopped.IsZero() {
					stopped = time.Now()
					cancel(cause)
				}
			})
			_, err := Run(ctx, c)
			if !errors.Is(err, cause) {
				t.Errorf("Run = %v, want %v", err, cause)
			}
			if took := time.Since(stopped); took > time.Second {
				t.Errorf("it ended %v after it was cancelled", took)
			}
			if _, err := Run(ctx, c); !errors.Is(err, cause) {
				t.Errorf("Run with a context that is done = %v, want %v", err, cause)
			}
		})
	}
}

// A writer is called for each piece of output.
type writer func()

func (w writer) Write(b []byte) (int, error) { w(); return len(b), nil }

func TestCantStart(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), "no-such-program-anywhere", t.TempDir()} {
		_, err := Run(t.Context(), Command{Path: path})
		if err == nil || !strings.HasPrefix(err.Error(), "start ") {
			t.Errorf("Run(%s) = %v, want an error that starts with start", path, err)
		}
	}
	_, err := Run(t.Context(), Command{Path: filepath.Join(t.TempDir(), "none")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Run of a missing file = %v, want os.ErrNotExist", err)
	}
}
