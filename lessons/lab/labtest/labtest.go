// Package labtest starts services of the lab for the tests of these services,
// and dials them with a deadline. It is not for lessons.
package labtest

import (
	"net"
	"runtime"
	"testing"
	"time"

	"sockets/lessons/lab"
)

// Deadline is how long a test waits for anything.
const Deadline = 10 * time.Second

// Start runs s until the test ends, and fails the test if s fails or leaves a
// goroutine behind. Tests that use it can't be parallel: goroutines have no
// owner that could be asked.
func Start(t *testing.T, s *lab.Service) *lab.Running {
	t.Helper()
	before := runtime.NumGoroutine()
	r, err := s.Start()
	if err != nil {
		t.Fatalf("start %s: %v", s.Name, err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("close %s: %v", s.Name, err)
		}
		Goroutines(t, before)
	})
	return r
}

// Goroutines waits until there are at most n goroutines.
func Goroutines(t *testing.T, n int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(Deadline); runtime.NumGoroutine() > n; <-tick.C {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			t.Fatalf("%d goroutines, want %d:\n%s", runtime.NumGoroutine(), n, stacks)
		}
	}
}

// Dial connects to a service. The connection lasts as long as the test, and
// what is not done with it by the deadline fails.
func Dial(t *testing.T, network, addr string) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(Deadline)); err != nil {
		t.Fatal(err)
	}
	return conn
}
