package lab

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// What Handle reads of a peer that goes on sending.
const (
	drainTime  = time.Second
	drainBytes = 1 << 20
)

// Handle answers each connection of ln with f, until ln is closed and the last
// f has returned. Handle closes the connections, so that what f sent arrives.
func Handle(ln net.Listener, f func(net.Conn)) error {
	var handlers sync.WaitGroup
	defer handlers.Wait()
	for {
		conn, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		handlers.Go(func() {
			f(conn)
			drain(conn)
			_ = conn.Close()
		})
	}
}

// drain says that we are done and reads what the peer has still to say. A
// socket closed with unread input answers with a reset (RFC 9293 section
// 3.10.4 and RFC 2525 section 2.17), which can overtake what we sent.
func drain(conn net.Conn) {
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	if conn.SetReadDeadline(time.Now().Add(drainTime)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, conn, drainBytes)
}
