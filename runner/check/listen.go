package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"sockets/runner/pocket"
	"sockets/runner/report"
)

// A Listener is the check's, where the program can dial it.
type Listener struct {
	c    *check
	addr string
	ln   net.Listener // nil before there is a network
}

// firstPort is the port of a check's first listener on a private network.
const firstPort = 7001

// Listen listens for the program, over TCP.
func Listen(t *testing.T) *Listener {
	t.Helper()
	c := of(t)
	ln := &Listener{c: c, addr: here(uint16(firstPort + len(c.listeners)))}
	c.listeners = append(c.listeners, ln)
	switch {
	case probe().pocket != nil:
		ln.addr = "127.0.0.1:0"
		ctx, cancel := c.within()
		defer cancel()
		if err := ln.open(ctx, nil); err != nil {
			c.broken("%v", err)
		}
	case len(c.programs) > 0:
		ctx, cancel := c.within()
		defer cancel()
		if err := ln.open(ctx, c.programs[len(c.programs)-1].run.Pocket()); err != nil {
			c.broken("%v", err)
		}
	}
	return ln
}

// open makes the listener on the program's network, nil being the machine's own.
func (l *Listener) open(ctx context.Context, in *pocket.Pocket) (err error) {
	switch {
	case l.ln != nil && in == nil:
		return nil
	case in != nil:
		l.ln, err = in.Listen(ctx, "tcp", l.addr)
	default:
		var config net.ListenConfig
		l.ln, err = config.Listen(ctx, "tcp", l.addr)
	}
	if err != nil {
		return err
	}
	l.addr = l.ln.Addr().String()
	ln := l.ln
	l.c.later(func() { _ = ln.Close() })
	return nil
}

// Addr is where the program is to dial.
func (l *Listener) Addr() string { return l.addr }

// Accept waits for the program to connect.
func (l *Listener) Accept() *Conn {
	l.c.t.Helper()
	ctx, cancel := l.c.within()
	defer cancel()
	p := l.c.program()
	end, _ := ctx.Deadline()
	tcp := l.ln.(*net.TCPListener)
	_ = tcp.SetDeadline(end)
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-p.exited: // what it left in the queue is there by now
			_ = tcp.SetDeadline(time.Now().Add(100 * time.Millisecond))
		case <-done:
		}
	}()
	conn, err := l.ln.Accept()
	close(done)
	<-watched
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		o := p.missed(context.DeadlineExceeded, "it connected to us")
		o.Hint = fmt.Sprintf("The address to dial is an argument of the program's: %s.", l.addr)
		l.c.fail(o)
	case err != nil:
		l.c.broken("accept: %v", err)
	}
	l.c.note("the program connected")
	return l.c.conn(conn)
}

// WantNobody wants no connection of the program's, up to its end.
func (l *Listener) WantNobody() {
	l.c.t.Helper()
	ctx, cancel := l.c.within()
	defer cancel()
	p := l.c.program()
	select {
	case <-p.exited:
	case <-ctx.Done():
		l.c.fail(p.missed(ctx.Err(), "it ended"))
	}
	_ = l.ln.(*net.TCPListener).SetDeadline(time.Now().Add(50 * time.Millisecond))
	conn, err := l.ln.Accept()
	if err == nil {
		_ = conn.Close()
		l.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program connected to %s, which it must not.", l.addr)})
	}
}

// program is the one that was started last.
func (c *check) program() *Program {
	if len(c.programs) == 0 {
		panic(c.t.Name() + " waits for a program that it has not started")
	}
	return c.programs[len(c.programs)-1]
}
