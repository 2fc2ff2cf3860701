package peer

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// segments is how many segments with data have come over a connection.
func segments(conn net.Conn) int {
	n := 0
	control(conn, func(fd int) {
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = int(info.Data_segs_in)
		}
	})
	return n
}

// TestNoReadSmall: over a connection made with a tiny window a program can push
// no more than a few kilobytes.
func TestNoReadSmall(t *testing.T) {
	addr := serve(t, pushes)
	d := net.Dialer{Control: TinyWindow}
	conn, err := d.DialContext(soon(t), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	r := NoRead{}.Meet(soon(t), conn)
	if r.Pushed <= 0 || r.Pushed > 16<<10 {
		t.Errorf("%d bytes were pushed, want 1 to 16 Ki", r.Pushed)
	}
	// An ordinary connection takes more before it stops the program.
	wide := NoRead{}.Meet(soon(t), dial(t, addr))
	if wide.Pushed <= r.Pushed {
		t.Errorf("%d bytes were pushed into an ordinary window, %d into a tiny one", wide.Pushed, r.Pushed)
	}
}
