package peer

import (
	"context"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// control runs f with the connection's descriptor; ok says that it could.
func control(conn net.Conn, f func(fd int)) (ok bool) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	return raw.Control(func(fd uintptr) { f(int(fd)) }) == nil
}

// unsent is how many bytes of ours the other side's kernel has not acknowledged
// (SIOCOUTQ), -1 if the kernel does not say.
func unsent(conn net.Conn) int { return queued(conn, unix.SIOCOUTQ) }

// unread is how many bytes wait in our kernel for a Read (SIOCINQ).
func unread(conn net.Conn) int { return queued(conn, unix.SIOCINQ) }

func queued(conn net.Conn, request uint) int {
	n := -1
	control(conn, func(fd int) {
		if v, err := unix.IoctlGetInt(fd, request); err == nil {
			n = v
		}
	})
	return n
}

// tcpClose is TCP_CLOSE of include/net/tcp_states.h.
const tcpClose = 7

// settleAfter is how long we look for a RST once nothing of ours is on its way
// any more: for a program that half-closes first and closes right after.
const settleAfter = 5 * time.Millisecond

// wasReset reports, after EOF, whether the other side has reset the connection
// as well. A FIN that our input crosses is followed by a RST, as it is when the
// program closes with input unread: the kernel answers the bytes that nobody
// will read. Which of the two a Read sees is chance; this waits until it isn't:
// until our bytes are acknowledged, or the RST has come.
func (c *Conn) wasReset(ctx context.Context) bool {
	if _, ok := c.Conn.(*net.TCPConn); !ok {
		return false
	}
	var settled time.Time
	for ctx.Err() == nil {
		state, failed := 0, 0
		ok := control(c.Conn, func(fd int) {
			if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
				state = int(info.State)
			}
			failed, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		})
		switch {
		case !ok:
			return false
		case failed == int(unix.EPIPE) || failed == int(unix.ECONNRESET):
			return true
		case state == tcpClose:
			return false // both sides have closed in order
		case unsent(c.Conn) > 0:
			settled = time.Time{}
		case settled.IsZero():
			settled = time.Now()
		case time.Since(settled) > settleAfter:
			return false
		}
		time.Sleep(50 * time.Microsecond)
	}
	return false
}

// drained waits until the other side's kernel has acknowledged all we sent, at
// most for a while: a kernel may delay an acknowledgement by 40 ms, and bytes
// that are late to be acknowledged have been segments of their own all the same.
func (c *Conn) drained(ctx context.Context) error {
	const atMost = 2 * time.Millisecond
	for begun := time.Now(); time.Since(begun) < atMost; {
		if n := unsent(c.Conn); n <= 0 {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		default:
			time.Sleep(20 * time.Microsecond)
		}
	}
	return nil
}

// TinyWindow is the Control of a net.Dialer or net.ListenConfig whose
// connections have the smallest receive buffer that the kernel allows. It must
// be set before the connection is made: a window that was offered stays offered.
func TinyWindow(_, _ string, raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 1)
	})
	if err != nil {
		return err
	}
	return failed
}
