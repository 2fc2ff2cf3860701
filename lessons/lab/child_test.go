package lab_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sockets/lessons/lab"
	"sockets/lessons/lab/echo"
	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/text"
	"sockets/lessons/lab/web"
)

// play makes the test's binary play a lesson that uses the echo server: it
// prints the server's path and waits for its own input to end.
const play = "SOCKETS_TEST_LESSON"

func init() {
	if os.Getenv(play) != "" {
		fmt.Println(echo.Path())
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
}

// fresh is the echo service, not started yet.
func fresh() *lab.Service { return &lab.Service{Name: "echo", Unix: true} }

// The binary of this test is its own lab, as that of a lesson is.
func TestChild(t *testing.T) {
	url := "http://" + web.Addr() + "/lines"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != text.Lines {
		t.Errorf("%s: %d bytes and %v, want %d", url, len(body), err, len(text.Lines))
	}

	testEcho(t, "tcp", echo.Addr())
	if addr := echo.Addr6(); addr != "" {
		testEcho(t, "tcp", addr)
	}
	if path := echo.Path(); path != "" {
		testEcho(t, "unix", path)
	}
	if first, second := echo.Addr(), echo.Addr(); first != second {
		t.Errorf("Addr() = %s and then %s", first, second)
	}
}

func TestOverride(t *testing.T) {
	for _, c := range []struct{ key, v4, v6, path string }{
		{"LAB_ECHO", "x", "", ""},
		{"LAB_ECHO6", "", "x", ""},
		{"LAB_ECHO_PATH", "", "", "x"},
	} {
		t.Run(c.key, func(t *testing.T) {
			t.Setenv(c.key, "x")
			s := fresh()
			if c.v4 != "" && s.Addr() != c.v4 {
				t.Errorf("Addr() = %q, want %q", s.Addr(), c.v4)
			}
			if s.Addr6() != c.v6 || s.Path() != c.path {
				t.Errorf("Addr6(), Path() = %q, %q, want %q, %q", s.Addr6(), s.Path(), c.v6, c.path)
			}
		})
	}
}

// A lesson is a process that plays one.
type lesson struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
	stderr bytes.Buffer
	path   string // of its lab's echo server
}

func startLesson(t *testing.T, env ...string) *lesson {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*labtest.Deadline)
	t.Cleanup(cancel)
	l := &lesson{cmd: exec.CommandContext(ctx, os.Args[0])}
	l.cmd.Env = append(append(os.Environ(), play+"=1"), env...)
	l.cmd.Stderr = &l.stderr
	stdin, err := l.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	l.stdin, l.stdout = stdin, bufio.NewReader(stdout)
	line, err := l.stdout.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	l.path = strings.TrimSpace(line)
	return l
}

// wantGone waits until the socket of the lesson's lab was removed.
func (l *lesson) wantGone(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(labtest.Deadline); time.Now().Before(end); <-tick.C {
		if _, err := os.Stat(filepath.Dir(l.path)); errors.Is(err, os.ErrNotExist) {
			return
		}
	}
	t.Errorf("%s is still there", l.path)
}

// The lab ends with the lesson, and nobody who reads the lesson's output waits
// for the lab.
func TestLessonEnds(t *testing.T) {
	for name, end := range map[string]func(*lesson) error{
		"returns":   func(l *lesson) error { return l.stdin.Close() },
		"is killed": func(l *lesson) error { return l.cmd.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			l := startLesson(t)
			testEcho(t, "unix", l.path)
			children := childrenOf(t, l.cmd.Process.Pid)
			for _, pid := range children {
				wantApart(t, l.cmd.Process.Pid, pid)
			}
			if err := end(l); err != nil {
				t.Fatal(err)
			}
			// Ends when the last holder of the pipe has closed it.
			if rest, err := io.ReadAll(l.stdout); err != nil || len(rest) > 0 {
				t.Errorf("the lesson's output goes on with %q and %v", rest, err)
			}
			if err := l.cmd.Wait(); name == "returns" && err != nil {
				t.Error(err)
			}
			l.wantGone(t)
			for _, pid := range children {
				wantDead(t, pid)
			}
		})
	}
}

func TestLabFails(t *testing.T) {
	l := startLesson(t, "TMPDIR="+filepath.Join(t.TempDir(), "missing"))
	err := l.cmd.Wait()
	if runtime.GOOS == "windows" {
		t.Skip("TMPDIR has no meaning here")
	}
	if l.cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("the lesson ended with %v, want status 3", err)
	}
	got := l.stderr.String()
	if !strings.HasPrefix(got, "lab: the echo service did not start: ") || strings.Count(got, "\n") != 1 {
		t.Errorf("standard error is %q, want one sentence", got)
	}
}
