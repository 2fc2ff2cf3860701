package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sockets/runner/peer"
	"sockets/runner/pocket"
	"sockets/runner/report"
)

// A Listener is the check's, where the program can dial it.
type Listener struct {
	c       *check
	network string // as package net names it
	addr    string
	mute    bool         // what arrives is dropped
	ln      net.Listener // nil before there is a network

	peer  peer.Peer    // meets whoever connects; nil if the check itself does
	hosts []*peer.Host // that have it do so, one on each program's network
}

// firstPort is the port of a check's first listener on a private network.
const firstPort = 7001

// Listen listens for the program, over TCP and IPv4.
func Listen(t *testing.T) *Listener {
	t.Helper()
	return of(t).listen(&Listener{network: "tcp4"}, pocket.There4, "127.0.0.1:0")
}

// Listen6 listens for the program, over TCP and IPv6. On a machine without IPv6
// the check is not run.
func Listen6(t *testing.T) *Listener {
	t.Helper()
	c := of(t)
	if probe().pocket != nil {
		var config net.ListenConfig
		ln, err := config.Listen(t.Context(), "tcp6", "[::1]:0")
		if err != nil {
			c.skip("This check is about IPv6, which this machine lacks: " + err.Error())
		}
		_ = ln.Close()
	}
	return c.listen(&Listener{network: "tcp6"}, pocket.There6, "[::1]:0")
}

// ListenUnix listens for the program at a path, which is the address.
func ListenUnix(t *testing.T) *Listener {
	t.Helper()
	c := of(t)
	// The path is the same for the program, so it is what the kernel calls the
	// listener there, too. A path has 108 bytes at most, so the folder is not the
	// test's.
	parent := ""
	if probe().pocket == nil {
		parent = "/tmp"
	}
	folder, err := os.MkdirTemp(parent, "sockets-unix-") //nolint:usetesting // its name must be short
	if err != nil {
		c.broken("make a folder for a socket: %v", err)
	}
	c.later(func() { _ = os.RemoveAll(folder) })
	ln := &Listener{c: c, network: "unix", addr: filepath.Join(folder, "socket")}
	ctx, cancel := c.within()
	defer cancel()
	if err := ln.open(ctx, nil); err != nil {
		c.broken("%v", err)
	}
	// The program may be another user.
	if err := errors.Join(os.Chmod(folder, 0o755), os.Chmod(ln.addr, 0o666)); err != nil {
		c.broken("let the program reach a socket: %v", err)
	}
	c.shown = append(c.shown, folder)
	return ln
}

// listen listens on an address of there or, where there is no private network,
// on one of the machine's.
func (c *check) listen(ln *Listener, there netip.Addr, local string) *Listener {
	c.t.Helper()
	ln.c, ln.addr = c, netip.AddrPortFrom(there, c.port()).String()
	if probe().pocket != nil {
		ln.addr = local
	}
	c.listens(ln)
	return ln
}

// port is the next of ours on a private network.
func (c *check) port() uint16 { return uint16(firstPort + len(c.listeners)) }

// listens has a listener open when the program's network is there, which it may
// be already.
func (c *check) listens(ln opener) {
	c.t.Helper()
	c.listeners = append(c.listeners, ln)
	var in *pocket.Pocket
	if len(c.programs) > 0 {
		in = c.program().run.Pocket()
	} else if probe().pocket == nil {
		return
	}
	ctx, cancel := c.within()
	defer cancel()
	if err := ln.open(ctx, in); err != nil {
		c.broken("%v", err)
	}
}

// open makes the listener on the program's network, nil being the machine's own.
func (l *Listener) open(ctx context.Context, in *pocket.Pocket) (err error) {
	if in != nil {
		l.ln, err = in.Listen(ctx, l.network, l.addr)
	} else {
		var config net.ListenConfig
		config.SetMultipathTCP(!l.mute) // which takes no filters
		l.ln, err = config.Listen(ctx, l.network, l.addr)
	}
	if err != nil {
		return err
	}
	l.addr = l.ln.Addr().String()
	ln := l.ln
	l.c.later(func() { _ = ln.Close() })
	if l.mute {
		return drop(ln.(*net.TCPListener))
	}
	if l.peer != nil {
		l.meet()
	}
	return nil
}

// Addr is where the program is to dial.
func (l *Listener) Addr() string { return l.addr }

// A deadliner is a listener of package net, of whatever network.
type deadliner interface{ SetDeadline(time.Time) error }

// Accept waits for the program to connect.
func (l *Listener) Accept() *Conn {
	l.c.t.Helper()
	ctx, cancel := l.c.within()
	defer cancel()
	p := l.c.program()
	end, _ := ctx.Deadline()
	late := l.ln.(deadliner)
	_ = late.SetDeadline(end)
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-p.exited: // what it has left must soon be in the queue
			if soon := time.Now().Add(lateness); soon.Before(end) {
				_ = late.SetDeadline(soon)
			}
		case <-done:
		}
	}()
	conn, err := l.ln.Accept()
	close(done)
	<-watched
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		o := p.missed(context.DeadlineExceeded, "it connected to us")
		o.Message += fmt.Sprintf(" The address to dial is an argument of the program's: %s.", l.addr)
		l.c.fail(o)
	case err != nil:
		l.c.broken("accept: %v", err)
	}
	k := l.c.conn(conn)
	k.note("the program connected")
	return k
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
	_ = l.ln.(deadliner).SetDeadline(time.Now().Add(lateness / 4))
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
