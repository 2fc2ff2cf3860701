//go:build !linux

package peer

import (
	"context"
	"net"
	"syscall"
	"time"
)

// Other kernels are not asked: a pause stands in for what they would say.

func unsent(net.Conn) int { return -1 }

func unread(net.Conn) int { return -1 }

func (c *Conn) wasReset(context.Context) bool { return false }

func (c *Conn) drained(ctx context.Context) error {
	return pause(ctx, c.ended, time.Millisecond)
}

// TinyWindow is the Control of a net.Dialer or net.ListenConfig whose
// connections have the smallest receive buffer that the kernel allows. Only
// Linux does it here.
func TinyWindow(_, _ string, _ syscall.RawConn) error { return nil }
