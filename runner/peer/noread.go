package peer

import (
	"context"
	"fmt"
	"net"
	"time"
)

// NoRead sends its messages, asks for a small receive buffer and never reads:
// the other side can write until the buffers on both sides are full. It waits
// until no more bytes arrive, says in Record.Pushed how many did, and closes,
// which with bytes unread is a RST.
//
// On a connection that was not made with [TinyWindow] the window that was first
// offered, about 64 KiB, may fill before the small buffer counts.
type NoRead struct {
	Send  [][]byte
	Quiet time.Duration // how long nothing must arrive; 0: 200 ms
	Start time.Time     // from which its times count; zero: when Meet is called
}

func (n NoRead) String() string { return "noread" }

// Meet has the conversation.
func (n NoRead) Meet(ctx context.Context, conn net.Conn) Record {
	ctx, cancel := bounded(ctx)
	defer cancel()
	c := NewConn(conn, clock(n.Start))
	defer func() { _ = c.Close() }()
	defer c.until(ctx)()
	if b, ok := conn.(interface{ SetReadBuffer(int) error }); ok {
		_ = b.SetReadBuffer(1) // the kernel takes its minimum
	}
	sent := Whole{}.Send(ctx, c, n.Send...)
	pushed := c.filled(ctx, n.quiet())
	c.Note(fmt.Sprintf("%d bytes wait unread; no more come", pushed))
	end := StillOpen
	if isReset(sent) {
		end = ConnectionReset
	}
	r := c.record(n.String(), end, unnamed(sent))
	r.Pushed, r.Unacked = pushed, unsent(conn)
	r.Ending = ByUs
	return r
}

func (n NoRead) quiet() time.Duration {
	if n.Quiet > 0 {
		return n.Quiet
	}
	return 200 * time.Millisecond
}

// filled waits until no byte has arrived for quiet, and gives how many have. A
// kernel that does not say is given that time, and then gives what it has.
func (c *Conn) filled(ctx context.Context, quiet time.Duration) int {
	last, since := -1, time.Now()
	for ctx.Err() == nil {
		n := unread(c.Conn)
		if n != last {
			last, since = n, time.Now()
		} else if time.Since(since) >= quiet {
			break
		}
		if pause(ctx, c.ended, min(quiet/4, 10*time.Millisecond)) != nil {
			break
		}
	}
	return last
}
