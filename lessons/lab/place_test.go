package lab_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"sockets/lessons/lab"
	"sockets/lessons/lab/closed"
	"sockets/lessons/lab/echo"
	"sockets/lessons/lab/labtest"
)

// elsewhere is a place that notes what it is asked for and gives ports of
// loopback instead.
type elsewhere struct {
	mu    sync.Mutex
	asked []string
}

func (e *elsewhere) note(network, addr string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, network+" "+addr)
}

func (e *elsewhere) place() lab.Place {
	var lc net.ListenConfig
	return lab.Place{
		Listen: func(network, addr string) (net.Listener, error) {
			e.note(network, addr)
			return lc.Listen(context.Background(), "tcp4", "127.0.0.1:0")
		},
		ListenPacket: func(network, addr string) (net.PacketConn, error) {
			e.note(network, addr)
			return lc.ListenPacket(context.Background(), "udp4", "127.0.0.1:0")
		},
	}
}

// mirror is a service of datagrams: each is sent back.
func mirror(conn net.PacketConn) error {
	b := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(b)
		if err != nil {
			return err
		}
		if _, err := conn.WriteTo(b[:n], from); err != nil {
			return err
		}
	}
}

func both() *lab.Service {
	return &lab.Service{Name: "both", Host: "both.lab.test", Port: 143, Serve: echo.Serve, ServePacket: mirror}
}

// testMirror sends a datagram and wants it back.
func testMirror(t *testing.T, addr string) {
	t.Helper()
	conn := labtest.Dial(t, "udp", addr)
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	if n, err := conn.Read(b); err != nil || string(b[:n]) != "hello" {
		t.Errorf("from %s came %q and %v", addr, b[:n], err)
	}
}

// A service with connections and datagrams has both on one port.
func TestBoth(t *testing.T) {
	r := labtest.Start(t, both())
	for _, addr := range []string{r.Addr, r.Addr6} {
		if addr != "" {
			testMirror(t, addr)
			testEcho(t, "tcp", addr)
		}
	}
}

func TestServePacketFails(t *testing.T) {
	broken := errors.New("broken")
	s := &lab.Service{Name: "broken", ServePacket: func(net.PacketConn) error { return broken }}
	r, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(labtest.Deadline); r.Err() == nil; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("the failure was not noticed")
		}
	}
	if err := r.Close(); !errors.Is(err, broken) {
		t.Errorf("Close() = %v, want %v", err, broken)
	}
}

func TestStartAt(t *testing.T) {
	before := runtime.NumGoroutine()
	var e elsewhere
	r, err := both().StartAt(e.place())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"tcp4 192.0.2.143:143", "udp4 192.0.2.143:143", "tcp6 [2001:db8::143]:143", "udp6 [2001:db8::143]:143"}
	if !slices.Equal(e.asked, want) {
		t.Errorf("the place was asked for %q, want %q", e.asked, want)
	}
	if r.Addr != "192.0.2.143:143" || r.Addr6 != "[2001:db8::143]:143" || r.Path != "" {
		t.Errorf("the service is at %q, %q, %q", r.Addr, r.Addr6, r.Path)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	labtest.Goroutines(t, before)
}

// A place has a folder for UNIX sockets, which the lesson may know by another
// name.
func TestStartAtPath(t *testing.T) {
	var e elsewhere
	p := e.place()
	dir, err := os.MkdirTemp("", "lab-") //nolint:usetesting // whose folder has a name too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p.Dir, p.As = dir, "/tmp/lab"
	r, err := echo.Service.StartAt(p)
	if err != nil {
		t.Fatal(err)
	}
	if r.Path != "/tmp/lab/echo.sock" {
		t.Errorf("Path = %q", r.Path)
	}
	testEcho(t, "unix", filepath.Join(dir, "echo.sock"))
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// A place needs no help to have nobody at an address.
func TestStartAtHold(t *testing.T) {
	var e elsewhere
	r, err := closed.Service.StartAt(e.place())
	if err != nil {
		t.Fatal(err)
	}
	if len(e.asked) > 0 || r.Addr != "192.0.2.9:9" || r.Addr6 != "[2001:db8::9]:9" {
		t.Errorf("the place was asked for %q, and the service is at %q, %q", e.asked, r.Addr, r.Addr6)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// What has been opened is closed when the rest can't be.
func TestStartAtFails(t *testing.T) {
	before := runtime.NumGoroutine()
	var e elsewhere
	p := e.place()
	full := errors.New("full")
	p.ListenPacket = func(string, string) (net.PacketConn, error) { return nil, full }
	if _, err := both().StartAt(p); !errors.Is(err, full) {
		t.Errorf("StartAt = %v, want %v", err, full)
	}
	p.ListenPacket = nil
	if _, err := both().StartAt(p); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("StartAt = %v, want %v", err, errors.ErrUnsupported)
	}
	s := &lab.Service{Name: "far", Port: 443}
	if _, err := s.StartAt(p); err == nil {
		t.Error("a service with port 443 has an address")
	}
	labtest.Goroutines(t, before)
}

// What a server opens beside its own listener is in the same place.
func TestBeside(t *testing.T) {
	var e elsewhere
	got := make(chan error, 2)
	s := &lab.Service{Name: "more", Port: 21, Serve: func(ln net.Listener) error {
		more, err := lab.Beside(ln)
		if err == nil {
			err = more.Close()
		}
		got <- err
		_, err = ln.Accept()
		return err
	}}
	r, err := s.StartAt(e.place())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-got; err != nil {
			t.Error(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if !slices.Contains(e.asked, "tcp 127.0.0.1:0") {
		t.Errorf("the place was asked for %q", e.asked)
	}
}
