package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"sockets/runner/peer"
	"sockets/runner/pocket"
	"sockets/runner/report"
)

// A Conn is the check's end of a connection with the program.
type Conn struct {
	c    *check
	conn net.Conn
	name string // in the conversation
	rest []byte // read and not wanted yet
}

func (c *check) conn(conn net.Conn) *Conn {
	c.later(func() { _ = conn.Close() })
	c.conns = append(c.conns, conn)
	return &Conn{c: c, conn: conn, name: fmt.Sprintf("connection %d", len(c.conns))}
}

// note adds what happened on the connection to the conversation.
func (k *Conn) note(format string, args ...any) {
	k.c.turn(report.Turn{Peer: k.name, Note: fmt.Sprintf(format, args...)}, nil)
}

// said adds what was said on the connection to it.
func (k *Conn) said(who report.Who, b []byte) {
	if len(b) > 0 {
		k.c.turn(report.Turn{Peer: k.name, Who: who}, b)
	}
}

// hangUp closes our sides when the program has ended: its kernel waits for that,
// and what has come can still be read.
func (c *check) hangUp() {
	for _, conn := range c.conns {
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}
}

// From is the address that the program's end of the connection has.
func (k *Conn) From() string { return k.conn.RemoteAddr().String() }

// Dial connects to the program, a server.
func (p *Program) Dial() *Conn {
	p.c.t.Helper()
	k := p.c.conn(p.connect("tcp"))
	k.note("we connected to %s", p.addr)
	return k
}

// address is where the program listens.
func (p *Program) address() string {
	if p.addr == "" {
		panic(p.c.t.Name() + " dials a program that was not started by check.Serve")
	}
	return p.addr
}

func (p *Program) connect(network string) net.Conn {
	p.c.t.Helper()
	ctx, cancel := p.c.within()
	defer cancel()
	conn, err := dialIn(ctx, p.run.Pocket(), network, p.address())
	if err != nil {
		p.unreachable(err)
	}
	return conn
}

// unreachable fails as a connection could not be made.
func (p *Program) unreachable(err error) {
	p.c.t.Helper()
	p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("We could not connect to the program, which said that it listens: %v.", err)})
}

// dialIn dials from our side of the program's network, nil being the machine's
// own.
func dialIn(ctx context.Context, in *pocket.Pocket, network, addr string) (net.Conn, error) {
	if in != nil {
		return in.Dial(ctx, network, addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}

// Send sends the text. A program that has closed the connection already is no
// failure yet: what the check wants next will tell.
func (k *Conn) Send(text string) {
	k.c.t.Helper()
	k.until()
	k.said(report.We, []byte(text))
	switch _, err := io.WriteString(k.conn, text); {
	case err == nil:
	case errors.Is(err, os.ErrDeadlineExceeded):
		k.c.fail(k.c.program().missed(context.DeadlineExceeded, fmt.Sprintf("it took the %d bytes we sent", len(text))))
	case gone(err):
		k.note("but the program had closed the connection")
	default:
		k.c.broken("send: %v", err)
	}
}

// until gives the next wait its deadline.
func (k *Conn) until() {
	ctx, cancel := k.c.within()
	defer cancel()
	end, _ := ctx.Deadline()
	_ = k.conn.SetDeadline(end)
}

// Want waits for exactly these bytes.
func (k *Conn) Want(text string) {
	k.c.t.Helper()
	want := []byte(text)
	k.until()
	k.c.compared = k.c.compared || len(want) > 0
	buf := make([]byte, 64<<10)
	for len(k.rest) < len(want) && bytes.HasPrefix(want, k.rest) {
		n, err := k.conn.Read(buf)
		k.rest = append(k.rest, buf[:n]...)
		if n > 0 {
			k.said(report.Program, buf[:n])
		}
		if err == nil {
			continue
		}
		if len(k.rest) >= len(want) {
			break
		}
		o := report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program %s before all of what it must send had come.", k.ended(err))}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			o = k.c.program().missed(context.DeadlineExceeded, "it had sent what it must")
		}
		k.c.fail(compare(o, want, k.rest))
	}
	if !bytes.HasPrefix(k.rest, want) {
		k.c.fail(compare(report.Outcome{Verdict: report.Fail, Message: "The program sent something else than it must."}, want, k.rest))
	}
	k.rest = k.rest[len(want):]
}

// WantEOF waits for the program to close its side, with nothing more before. A
// reset is an end too: which of the two comes first is chance when a program
// closes with input unread.
func (k *Conn) WantEOF() {
	k.c.t.Helper()
	k.until()
	buf := make([]byte, 4<<10)
	n, err := 0, error(nil)
	if len(k.rest) == 0 {
		n, err = k.conn.Read(buf)
		k.rest = append(k.rest, buf[:n]...)
	}
	switch {
	case len(k.rest) > 0:
		k.said(report.Program, buf[:n])
		k.c.fail(compare(report.Outcome{Verdict: report.Fail, Message: "The program sent more bytes than it must."}, nil, k.rest))
	case errors.Is(err, os.ErrDeadlineExceeded):
		k.c.fail(k.c.program().missed(context.DeadlineExceeded, "it closed the connection"))
	default:
		k.note("the program %s", k.ended(err))
	}
}

// ended is how the program ended the connection, as part of a sentence.
func (k *Conn) ended(err error) string {
	if gone(err) {
		return "reset the connection (RST)"
	}
	return "closed its side of the connection (FIN)"
}

func gone(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

// HalfClose closes our side: the program reads to the end, and may still send.
func (k *Conn) HalfClose() {
	k.c.t.Helper()
	half, ok := k.conn.(interface{ CloseWrite() error })
	if !ok {
		panic(k.c.t.Name() + " half-closes what is no stream")
	}
	k.note("we closed our side (FIN)")
	if err := half.CloseWrite(); err != nil && !gone(err) && !errors.Is(err, syscall.ENOTCONN) {
		k.c.broken("close our side: %v", err)
	}
}

// Close closes the connection.
func (k *Conn) Close() {
	k.note("we closed the connection (FIN)")
	_ = k.conn.Close()
}

// Reset ends the connection with a RST. What was sent before has arrived.
func (k *Conn) Reset() {
	tcp, ok := k.conn.(*net.TCPConn)
	if !ok {
		panic(k.c.t.Name() + " resets what is no stream")
	}
	_ = tcp.SetLinger(0)
	k.note("we reset the connection (RST)")
	_ = tcp.Close()
}

// Meet has a hostile peer take over the connection, until its end.
func (k *Conn) Meet(p peer.Peer) peer.Record {
	k.c.t.Helper()
	k.note("our peer: %s", p)
	since := time.Since(k.c.began)
	ctx, cancel := k.c.within()
	defer cancel()
	r := p.Meet(ctx, k.conn)
	named := r
	named.Conversation = r.Conversation.Named(k.name)
	k.c.add(named, since)
	return r
}
