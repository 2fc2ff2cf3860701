package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// What fills the queue of a listener with backlog 0: one connection on Linux.
const (
	mostFill = 16
	unheard  = 300 * time.Millisecond // an answer over loopback takes far less
)

// mute is an address of the machine's own whose SYNs are dropped: the queue of
// its listener is full, and stays so until the check ends.
func (c *check) mute(ctx context.Context) (string, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	ln, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	c.later(func() { _ = ln.Close() })
	raw, err := ln.(*net.TCPListener).SyscallConn()
	if err != nil {
		return "", err
	}
	if err := shorten(raw); err != nil {
		return "", fmt.Errorf("make a listener's queue short: %w", err)
	}
	d := net.Dialer{Timeout: unheard}
	for range mostFill {
		conn, err := d.DialContext(ctx, "tcp4", ln.Addr().String())
		if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
			return ln.Addr().String(), nil
		} else if err != nil {
			return "", fmt.Errorf("fill a listener's queue: %w", err)
		}
		c.later(func() { _ = conn.Close() })
	}
	return "", fmt.Errorf("a listener with backlog 0 took %d connections and was not full", mostFill)
}

// shorten gives a listener that listens already the backlog 0.
func shorten(raw syscall.RawConn) (err error) {
	failed := raw.Control(func(fd uintptr) { err = unix.Listen(int(fd), 0) })
	return errors.Join(failed, err)
}
