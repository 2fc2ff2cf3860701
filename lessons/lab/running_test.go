package lab_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sockets/lessons/lab"
	"sockets/lessons/lab/echo"
	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/text"
)

// places are the networks and addresses of a running service.
func places(r *lab.Running) map[string]string {
	all := map[string]string{"tcp4": r.Addr}
	if r.Addr6 != "" {
		all["tcp6"] = r.Addr6
	}
	if r.Path != "" {
		all["unix"] = r.Path
	}
	return all
}

func TestEcho(t *testing.T) {
	r := labtest.Start(t, echo.Service)
	if runtime.GOOS != "windows" && r.Path == "" {
		t.Error("echo has no UNIX socket")
	}
	for network, addr := range places(r) {
		t.Run(network, func(t *testing.T) { testEcho(t, network, addr) })
	}
}

// testEcho sends a text, shuts its side down, and reads the text back.
func testEcho(t *testing.T, network, addr string) {
	t.Helper()
	conn := labtest.Dial(t, network, addr)
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, text.Lines)
		half, ok := conn.(interface{ CloseWrite() error })
		if !ok {
			err = errors.ErrUnsupported
		} else {
			err = errors.Join(err, half.CloseWrite())
		}
		sent <- err
	}()
	got, err := io.ReadAll(conn)
	if err := errors.Join(err, <-sent); err != nil {
		t.Fatal(err)
	}
	if string(got) != text.Lines {
		t.Errorf("%d bytes came back, want the %d that were sent", len(got), len(text.Lines))
	}
}

func TestEnv(t *testing.T) {
	r := labtest.Start(t, echo.Service)
	want := []string{"LAB_ECHO=" + r.Addr}
	if r.Addr6 != "" {
		want = append(want, "LAB_ECHO6="+r.Addr6)
	}
	want = append(want, "LAB_ECHO_PATH="+r.Path)
	if got := r.Env(); !slices.Equal(got, want) {
		t.Errorf("Env() = %q, want %q", got, want)
	}
	dir := filepath.Dir(r.Path)
	if !strings.HasPrefix(filepath.Base(dir), "sockets-lab-") {
		t.Errorf("the socket is in %s, want a directory sockets-lab-*", dir)
	}
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if perm := info.Mode().Perm(); runtime.GOOS != "windows" && perm != 0o700 {
		t.Errorf("the socket's directory has mode %o, want 700", perm)
	}
}

// A service is closed with connections that idle, that were never read from,
// and that have just been made.
func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	r, err := echo.Service.Start()
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	for range 20 {
		for network, addr := range places(r) {
			conns = append(conns, labtest.Dial(t, network, addr))
		}
	}
	for _, conn := range conns[10:] {
		if _, err := io.WriteString(conn, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(r.Path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's directory is still there: %v", err)
	}
	for _, conn := range conns {
		// What was echoed may come first, then the end or a reset.
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a connection outlived its service")
		}
	}
	labtest.Goroutines(t, before)
}

// A server that fails is reported by Close.
func TestServeFails(t *testing.T) {
	broken := errors.New("broken")
	s := &lab.Service{Name: "broken", Serve: func(net.Listener) error { return broken }}
	r, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	// Close must not be taken for the reason: wait until it has failed.
	for end := time.Now().Add(labtest.Deadline); r.Err() == nil; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("the failure was not noticed")
		}
	}
	if err := r.Close(); !errors.Is(err, broken) {
		t.Errorf("Close() = %v, want %v", err, broken)
	}
}
