package peer

import (
	"bytes"
	"net"
	"runtime"
	"testing"
	"time"
)

// pushes writes until nobody takes any more.
func pushes(c *net.TCPConn) {
	b := bytes.Repeat([]byte("x"), 64<<10)
	for {
		_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

// TestNoRead: a program that writes without end is stopped by a peer that never
// reads, and the peer says how much it could push.
func TestNoRead(t *testing.T) {
	r := NoRead{Send: messages("GET\n")}.Meet(soon(t), dial(t, serve(t, pushes)))
	if r.Received != 0 || r.Sent != 4 {
		t.Errorf("received %d, sent %d; want 0, 4", r.Received, r.Sent)
	}
	if runtime.GOOS == "linux" && (r.Pushed <= 0 || r.Pushed > 8<<20) {
		t.Errorf("%d bytes were pushed", r.Pushed)
	}
	silent := NoRead{Quiet: 20 * time.Millisecond}.Meet(soon(t), dial(t, serve(t, servers["never answers"])))
	if runtime.GOOS == "linux" && silent.Pushed != 0 {
		t.Errorf("a silent program pushed %d bytes", silent.Pushed)
	}
}
