//go:build linux

package agent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"sockets/runner/recording"
)

func TestExit(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		r := p.start(t, "exits", nil)
		exit, err := r.Exit(t.Context())
		if err != nil || exit.Code != 7 || exit.Signal != "" || exit.Wall <= 0 {
			t.Errorf("Exit = %+v, %v; want code 7", exit, err)
		}
		if s := wait(t, r); s.End.Code != 7 || s.End.Late || s.Killed || s.End.Stragglers != 0 || s.End.User+s.End.System <= 0 {
			t.Errorf("End = %+v, want code 7 and nothing else", s.End)
		}
		if err := r.Signal(t.Context(), syscall.SIGTERM); !errors.Is(err, ErrEnded) {
			t.Errorf("Signal after the end = %v, want ErrEnded", err)
		}
		if _, err := r.Usage(t.Context()); !errors.Is(err, ErrEnded) {
			t.Errorf("Usage after the end = %v, want ErrEnded", err)
		}
		r.Kill()
	})
}

func TestStdin(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		for _, text := range []string{"", "hello\n", strings.Repeat("0123456789abcde\n", 20000)} {
			r := p.start(t, "echoes", func(o *Order) { o.Stdin = []byte(text) })
			if s := wait(t, r); s.End.Code != 0 || string(s.End.Stdout) != text {
				t.Errorf("with %d bytes on stdin it printed %d, exit %d: %.200s", len(text), len(s.End.Stdout), s.End.Code, s.End.Stderr)
			}
		}
		r := p.start(t, "nothing", func(o *Order) { o.Stdin = bytes.Repeat([]byte("x"), 1<<20) })
		if s := wait(t, r); s.End.Code != 0 {
			t.Errorf("a program that does not read its stdin: %+v", s.End)
		}
	})
}

func TestServer(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		r := p.start(t, "serves", nil)
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		line, err := r.Stdout.Line(ctx, "listening ")
		if err != nil || !strings.HasPrefix(line, "listening 127.0.0.1:") {
			t.Fatalf("Line = %q, %v", line, err)
		}
		u, err := r.Usage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		main, ok := u.Main()
		if !ok || len(u.Processes) != 1 || main.Threads < 2 || main.RSS <= 0 || main.Peak < main.RSS || u.At <= 0 {
			t.Errorf("Usage = %+v, want one process with threads and memory", u)
		}
		sockets := 0
		for _, d := range main.Descriptors {
			if strings.HasPrefix(d.To, "socket:") {
				sockets++
			}
		}
		if sockets != 1 {
			t.Errorf("Descriptors = %v, want one socket", main.Descriptors)
		}
		for _, d := range main.Descriptors[:3] {
			if d.FD > 2 {
				t.Errorf("Descriptors = %v, want 0, 1 and 2", main.Descriptors)
			}
		}
		if p.pocket != (r.Pocket() != nil) {
			t.Errorf("Pocket() = %v", r.Pocket())
		}
		r.Kill()
		if s := wait(t, r); !s.Killed || s.End.Signal != "SIGKILL" || s.End.Late {
			t.Errorf("End = %+v, killed %v; want SIGKILL", s.End, s.Killed)
		}
		if _, err := r.Stdout.Line(ctx, "more"); !errors.Is(err, io.EOF) {
			t.Errorf("Line after the end = %v, want EOF", err)
		}
	})
}

func TestSignal(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		r := p.start(t, "handles", nil)
		if _, err := r.Stdout.Line(ctx, "ready"); err != nil {
			t.Fatal(err)
		}
		if err := r.Signal(ctx, syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		if s := wait(t, r); s.End.Code != 0 || !strings.Contains(string(s.End.Stdout), "got user defined signal 1") {
			t.Errorf("End = %+v: %q", s.End, s.End.Stdout)
		}
		// What the agent takes for itself, the program must not have inherited.
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
			r := p.start(t, "serves", nil)
			if _, err := r.Stdout.Line(ctx, "listening "); err != nil {
				t.Fatal(err)
			}
			if err := r.Signal(ctx, sig); err != nil {
				t.Fatal(err)
			}
			if s := wait(t, r); s.End.Signal == "" || s.Killed || s.End.Late {
				t.Errorf("after %v: End = %+v, want that signal", sig, s.End)
			}
		}
	})
}

// TestSignalThreads has a program that waits in a thread which is not its first.
func TestSignalThreads(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		r := p.start(t, "polls", nil)
		if _, err := r.Stdout.Line(ctx, "ready"); err != nil {
			t.Fatal(err)
		}
		for { // it may not wait yet
			if err := r.SignalThreads(ctx, syscall.SIGWINCH); errors.Is(err, ErrEnded) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			short, stop := context.WithTimeout(ctx, 50*time.Millisecond)
			_, err := r.Exit(short)
			stop()
			if err == nil {
				break
			}
		}
		if s := wait(t, r); s.End.Code != 0 || !strings.Contains(string(s.End.Stdout), "interrupted system call") {
			t.Errorf("End = %+v: %q", s.End, s.End.Stdout)
		}
	})
}

func TestLate(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		r := p.start(t, "hangs", func(o *Order) { o.Limit = 500 * time.Millisecond })
		if s := wait(t, r); !s.End.Late || s.Killed || !strings.Contains(string(s.End.Stderr), "SIGQUIT: quit") {
			t.Errorf("End = %+v, want it late, with a dump: %.300s", s.End, s.End.Stderr)
		}
	})
}

// TestLeft has programs that leave another one running.
func TestLeft(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		for _, name := range []string{"hands over", "daemon"} {
			if s := wait(t, p.start(t, name, nil)); s.End.Code != 0 || s.End.Stragglers != 1 || s.Killed || s.End.Late {
				t.Errorf("%s: End = %+v, want code 0 and 1 straggler", name, s.End)
			}
		}
		r := p.start(t, "daemon", func(o *Order) { o.Children = true })
		if exit, err := r.Exit(t.Context()); err != nil || exit.Code != 0 {
			t.Fatalf("Exit = %+v, %v", exit, err)
		}
		u, err := r.Usage(t.Context())
		if _, main := u.Main(); err != nil || len(u.Processes) != 1 || main {
			t.Errorf("Usage = %+v, %v; want the one that was left", u, err)
		}
		if err := r.Signal(t.Context(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if s := wait(t, r); s.End.Code != 0 || s.End.Stragglers != 0 || s.Killed {
			t.Errorf("End = %+v, want code 0 and no stragglers", s.End)
		}
	})
}

func TestFlood(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		s := p.spec(t, "floods", nil)
		s.Output = 10000
		sight, err := Run(t.Context(), s)
		if err != nil || !sight.End.Cut || len(sight.End.Stdout) != 10000 {
			t.Errorf("Run = %+v, %v; want it cut at 10000 bytes", sight, err)
		}
	})
}

func TestClosed(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		r := p.start(t, "hangs", nil)
		if err := r.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		r, err := Start(ctx, p.spec(t, "hangs", nil))
		if err != nil {
			t.Fatal(err)
		}
		cause := errors.New("enough")
		cancel(cause)
		if _, err := r.Wait(t.Context()); !errors.Is(err, cause) {
			t.Errorf("Wait = %v, want %v", err, cause)
		}
	})
}

func TestCantStart(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		_, err := Start(t.Context(), p.spec(t, "nothing", func(o *Order) { o.Path = "/none/at/all" }))
		if err == nil || !strings.Contains(err.Error(), "/none/at/all") {
			t.Errorf("Start = %v, want an error that names the file", err)
		}
	})
}

// TestDropped keeps one call of a program that makes more, and counts the others.
func TestDropped(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		here, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		r := p.start(t, "serves", func(o *Order) { o.Dirs, o.Calls = []string{here}, 1 })
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		if _, err := r.Stdout.Line(ctx, "listening "); err != nil {
			t.Fatal(err)
		}
		r.Kill()
		s := wait(t, r)
		if (s.Dropped > 0) == p.blindly {
			t.Errorf("%d calls were dropped", s.Dropped)
		}
		if h := s.Record(recording.Header{}, strings.Clone, []string{here}).Header; h.Dropped != s.Dropped {
			t.Errorf("%d calls were dropped, and the recording says %d", s.Dropped, h.Dropped)
		}
	})
}
