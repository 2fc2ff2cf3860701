package closed_test

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"

	"sockets/lessons/lab/closed"
	"sockets/lessons/lab/labtest"
)

func TestHold(t *testing.T) {
	r := labtest.Start(t, closed.Service)
	for _, addr := range []string{r.Addr, r.Addr6} {
		if addr == "" {
			continue
		}
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "tcp", addr)
		if err == nil {
			_ = conn.Close()
			t.Fatalf("dial %s: somebody answers", addr)
		}
		if runtime.GOOS != "windows" && !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial %s: %v, want %v", addr, err, syscall.ECONNREFUSED)
		}
		var lc net.ListenConfig
		if ln, err := lc.Listen(t.Context(), "tcp", addr); err == nil {
			_ = ln.Close()
			t.Errorf("listen %s: the port is free, want it held", addr)
		}
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
