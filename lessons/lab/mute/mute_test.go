package mute_test

import (
	"errors"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"sockets/lessons/lab/mute"
)

func TestHold(t *testing.T) {
	r, err := mute.Service.Start()
	if runtime.GOOS != "linux" {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Start() = %v, want %v", err, errors.ErrUnsupported)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var dials sync.WaitGroup
	for range 5 {
		for _, addr := range []string{r.Addr, r.Addr6} {
			if addr != "" {
				dials.Go(func() { wantSilence(t, addr) })
			}
		}
	}
	dials.Wait()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func wantSilence(t *testing.T, addr string) {
	t.Helper()
	// The SYN is sent again in this time, and again to no avail.
	d := net.Dialer{Timeout: 1500 * time.Millisecond}
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err == nil {
		_ = conn.Close()
		t.Errorf("dial %s: somebody answers", addr)
		return
	}
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("dial %s: %v, want a timeout", addr, err)
	}
}
