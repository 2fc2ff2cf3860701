package check

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sockets/runner/report"
)

// Standing is the checks that every exercise in which the program is a server
// has, by the words that they are made of: what each is worth, and says.
var Standing = map[string]report.Check{
	"ReturnsDescriptors": {Points: 1, Description: "Clients come, talk, and leave in every way; when they are gone, the program has no more descriptors open than before."},
	"KeepsThreads":       {Points: 1, Description: "200 clients connect and say nothing; the program needs at most 8 threads more than before, and still answers."},
	"KeepsMemory":        {Points: 1, Description: "A client sends 32 MiB without a newline; the program's memory grows by at most 16 MiB, and it still answers."},
	"StaysIdle":          {Points: 1, Description: "50 clients connect and say nothing; the program uses at most 20 % of a processor, and still answers."},
	"EndsOnSIGTERM":      {Points: 1, Description: "Clients are connected when SIGTERM comes; the program ends within 2 seconds."},
}

// standing begins a standing check and starts the server. It looks at what the
// program has in use, so nothing is to be seen of its calls.
func standing(t *testing.T, name, hint string, args []string) *Program {
	t.Helper()
	about := Standing[name]
	Points(t, about.Points)
	Describe(t, about.Description)
	Hint(t, hint)
	of(t).trace = false
	return Serve(t, args...)
}

// visit connects, talks and leaves.
func (p *Program) visit(talk func(*Conn)) {
	p.c.t.Helper()
	conn := p.Dial()
	talk(conn)
	conn.Close()
}

// idlers connects as many clients that say nothing, and has another one talk: a
// server takes connections in the order in which they came, so it has them all.
func (p *Program) idlers(n int, talk func(*Conn)) {
	p.c.t.Helper()
	for _, conn := range p.connectAll(n) {
		p.c.conn(conn)
	}
	p.c.note("%d clients connected, and say nothing", n)
	p.visit(talk)
}

// connectAll connects as many times, many at once: on a busy machine each takes a
// while.
func (p *Program) connectAll(n int) []net.Conn {
	p.c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit/2)
	defer cancel()
	conns := make([]net.Conn, n)
	var dials errgroup.Group
	dials.SetLimit(20)
	for i := range conns {
		dials.Go(func() (err error) {
			conns[i], err = dialIn(ctx, p.run.Pocket(), "tcp", p.address())
			return err
		})
	}
	if err := dials.Wait(); err != nil {
		for _, conn := range conns {
			if conn != nil {
				_ = conn.Close()
			}
		}
		p.unreachable(err)
	}
	return conns
}

// ReturnsDescriptors is the standing check that no descriptor is left open when
// clients have left. Talk is a short conversation in which the server takes part;
// the arguments are the program's, behind the address.
func ReturnsDescriptors(t *testing.T, talk func(*Conn), args ...string) {
	t.Helper()
	p := standing(t, "ReturnsDescriptors", "Close a connection wherever you are done with it: at its end, and after each error.", args)
	p.visit(talk) // what a server opens once it may keep
	before := p.Usage().Descriptors()
	for range 10 {
		p.visit(talk)
		p.Dial().Reset()
		p.Dial().Close()
		half := p.Dial()
		talk(half)
		half.HalfClose()
		half.Close()
	}
	p.WantDescriptors(before)
}

// KeepsThreads is the standing check that clients who say nothing take no thread
// each. See [ReturnsDescriptors] for talk and the arguments.
func KeepsThreads(t *testing.T, talk func(*Conn), args ...string) {
	t.Helper()
	const clients, more = 200, 8
	p := standing(t, "KeepsThreads", "A goroutine that waits in package net needs no thread; one that waits in a system call of its own does.", args)
	p.visit(talk)
	before := p.Usage().Threads()
	p.idlers(clients, talk)
	p.quiet()
	p.WantThreads(before + more)
}

// KeepsMemory is the standing check that a client who sends without an end does
// not fill the program's memory. See [ReturnsDescriptors] for talk and the
// arguments.
func KeepsMemory(t *testing.T, talk func(*Conn), args ...string) {
	t.Helper()
	const flood, more = 32 << 20, 16 << 20
	p := standing(t, "KeepsMemory", "Keep no more of what comes than you need: a line has a longest length, and what is too long is an error.", args)
	p.visit(talk)
	main, _ := p.Usage().Main()
	p.flood(flood)
	p.WantPeak(main.Peak + more)
	p.visit(talk)
}

// flood sends so many bytes without a newline, as fast as the program takes them,
// and reads what comes. A program that takes no more, or that ends the
// connection, is spared the rest.
func (p *Program) flood(size int) {
	p.c.t.Helper()
	conn := p.connect("tcp")
	defer func() { _ = conn.Close() }()
	left := make(chan struct{})
	go func() {
		defer close(left)
		_, _ = io.Copy(io.Discard, conn)
	}()
	p.c.note("we send %d MiB without a newline", size>>20)
	block := bytes.Repeat([]byte("A"), 64<<10)
	sent := 0
	var err error
	for began := time.Now(); sent < size && err == nil; {
		if time.Since(began) > limit/2 {
			p.c.broken("this machine is too slow: in %v only %d bytes of a flood could be sent", limit/2, sent)
		}
		// A write that the program takes a part of goes on with the rest.
		_ = conn.SetWriteDeadline(time.Now().Add(p.c.wait))
		var n int
		n, err = conn.Write(block[:min(len(block), size-sent)])
		sent += n
		if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil
		}
	}
	switch {
	case err == nil:
		p.c.note("it took all of it")
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.c.note("it took %d bytes, and then no more", sent)
	default:
		p.c.note("it took %d bytes, and closed the connection", sent)
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	timer := time.NewTimer(p.c.wait)
	defer timer.Stop()
	select { // it may make something of it yet
	case <-left:
	case <-p.exited:
	case <-timer.C:
	}
	_ = conn.Close()
	<-left
}

// StaysIdle is the standing check that a server with nothing to do does nothing.
// See [ReturnsDescriptors] for talk and the arguments.
func StaysIdle(t *testing.T, talk func(*Conn), args ...string) {
	t.Helper()
	const clients, most, during = 50, 20, 2 * time.Second
	p := standing(t, "StaysIdle", "Where nothing is there yet, wait for it: a loop that asks again and again takes a whole processor.", args)
	p.idlers(clients, talk)
	p.WantIdle(during, most)
	p.visit(talk)
}

// EndsOnSIGTERM is the standing check that a server ends when it is asked to,
// though clients are connected: by itself with exit code 0, or by the signal. See
// [ReturnsDescriptors] for talk and the arguments.
func EndsOnSIGTERM(t *testing.T, talk func(*Conn), args ...string) {
	t.Helper()
	p := standing(t, "EndsOnSIGTERM", "On SIGTERM close the listener and the connections, and return from main: do not wait for clients to leave.", args)
	talk(p.Dial())
	p.idlers(5, talk)
	p.wantTermination(2 * time.Second)
}
