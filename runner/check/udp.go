package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"sockets/runner/report"
)

// A UDP is the check's end of the datagrams that pass between it and one socket
// of the program's. Each Send is one datagram, and each Want is about one.
type UDP struct {
	c    *check
	name string // in the conversation
	from string // the program's address

	queue [][]byte     // come and not wanted yet
	held  int          // bytes of that
	conn  readable     // that the datagrams come by
	next  func() error // takes one datagram from conn
	send  func([]byte) error
	sent  int
	came  int
}

// From is the address of the program's socket.
func (u *UDP) From() string { return u.from }

// Send sends the text in one datagram, which may be empty. Whether it arrives,
// nobody says.
func (u *UDP) Send(text string) {
	u.c.t.Helper()
	u.sent++
	u.c.datagram(u.name, report.We, []byte(text), u.sent)
	switch err := u.send([]byte(text)); {
	case err == nil:
	case errors.Is(err, syscall.ECONNREFUSED):
		u.c.note("the program's host had answered an earlier datagram: nobody is at that port (ICMP)")
	default:
		u.c.broken("send a datagram: %v", err)
	}
}

// Want waits for a datagram, which must be exactly this.
func (u *UDP) Want(text string) {
	u.c.t.Helper()
	u.WantOneOf(text)
}

// WantOneOf waits for a datagram, which must be one of these, and says which.
func (u *UDP) WantOneOf(texts ...string) string {
	u.c.t.Helper()
	u.c.compared = true
	if err := u.fill(u.c.wait, 1); err != nil {
		u.missing(err, texts)
	}
	got := string(u.queue[0])
	if !slices.Contains(texts, got) {
		for len(u.queue) < 8 && u.fill(50*time.Millisecond, len(u.queue)+1) == nil {
			continue // what else it sends makes the report clearer
		}
		message := "The program sent another datagram than it must."
		if joined := string(slices.Concat(u.queue...)); len(u.queue) > 1 && slices.Contains(texts, joined) {
			message = fmt.Sprintf("The program sent in %d datagrams what must be in one.", len(u.queue))
		}
		u.c.fail(compare(report.Outcome{Verdict: report.Fail, Message: message}, wanted(texts), u.queue[0]))
	}
	u.pass()
	return got
}

// pass takes the first datagram from the queue.
func (u *UDP) pass() {
	u.held -= len(u.queue[0])
	u.queue = u.queue[1:]
}

// WantAll waits for as many datagrams as there are texts. They must be these, in
// any order.
func (u *UDP) WantAll(texts ...string) {
	u.c.t.Helper()
	left := slices.Clone(texts)
	for len(left) > 0 {
		i := slices.Index(left, u.WantOneOf(left...))
		left = slices.Delete(left, i, i+1)
	}
}

// Await waits for a datagram that is exactly this, and passes over all that come
// before it: on a wire that loses, repeats and reorders there may be any number.
func (u *UDP) Await(text string) {
	u.c.t.Helper()
	u.c.compared = true
	end := time.Now().Add(u.c.wait)
	for {
		if err := u.fill(time.Until(end), 1); err != nil {
			u.missing(err, []string{text})
		}
		got := string(u.queue[0])
		u.pass()
		if got == text {
			return
		}
	}
}

// WantNothing waits for a while, in which no datagram must come.
func (u *UDP) WantNothing(during time.Duration) {
	u.c.t.Helper()
	if u.fill(during, 1) == nil {
		u.c.fail(compare(report.Outcome{Verdict: report.Fail, Message: "The program sent a datagram where it must send none."}, nil, u.queue[0]))
	}
	u.c.note("nothing came for %v", during)
}

// missing fails as no datagram came.
func (u *UDP) missing(err error, texts []string) {
	u.c.t.Helper()
	o := u.c.program().missed(context.DeadlineExceeded, "it had sent the datagram that it must")
	if errors.Is(err, syscall.ECONNREFUSED) {
		o = report.Outcome{Verdict: report.Fail, Message: "Nobody is at the port where the program said that it listens: its host answered our datagram with an ICMP message, port unreachable."}
	}
	u.c.fail(compare(o, wanted(texts), nil))
}

// wanted is the text that is shown as wanted.
func wanted(texts []string) []byte {
	if len(texts) == 1 {
		return []byte(texts[0])
	}
	return []byte("one of:\n" + strings.Join(texts, "\n"))
}

// fill waits until there are so many datagrams in the queue.
func (u *UDP) fill(wait time.Duration, n int) error {
	if len(u.queue) >= n {
		return nil
	}
	return u.c.receive(u.conn, wait, u.next, func() bool { return len(u.queue) >= n })
}

// A readable is a socket of package net, of whatever network.
type readable interface{ SetReadDeadline(time.Time) error }

// lateness is how long after the program's end a datagram may still come.
const lateness = time.Second

// receive takes datagrams until it is done, for so long, and less when the
// program has ended: what it has sent must soon be there.
func (c *check) receive(from readable, wait time.Duration, next func() error, done func() bool) error {
	end := time.Now().Add(wait)
	_ = from.SetReadDeadline(end)
	var exited chan struct{}
	if len(c.programs) > 0 {
		exited = c.program().exited
	}
	over, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-exited:
			if soon := time.Now().Add(lateness); soon.Before(end) {
				_ = from.SetReadDeadline(soon)
			}
		case <-over:
		}
	}()
	defer func() {
		close(over)
		<-watched
	}()
	for !done() {
		if err := next(); err != nil {
			return err
		}
	}
	return nil
}

// datagram adds one to the conversation, as a turn of its own.
func (c *check) datagram(name string, who report.Who, b []byte, n int) {
	what := fmt.Sprintf("datagram %d%s", n, name)
	switch {
	case len(b) > 0:
		c.said(who, b, what)
	case who == report.We:
		c.note("we sent 0 bytes, %s", what)
	default:
		c.note("came 0 bytes, %s", what)
	}
}

// DialUDP is a socket whose datagrams go to the program, a server, and come from
// it.
func (p *Program) DialUDP() *UDP {
	p.c.t.Helper()
	return p.c.dialled(p.connect("udp"))
}

// dialled is the check's end of a connected socket.
func (c *check) dialled(conn net.Conn) *UDP {
	c.later(func() { _ = conn.Close() })
	c.exchanges++
	u := &UDP{c: c, name: c.exchange(), from: conn.RemoteAddr().String(), conn: conn}
	u.send = func(b []byte) error { _, err := conn.Write(b); return err }
	buf := make([]byte, 64<<10)
	u.next = func() error {
		n, err := conn.Read(buf)
		if err == nil {
			u.take(buf[:n])
		}
		return err
	}
	return u
}

// exchange is the name of the latest exchange of datagrams; the first needs none.
func (c *check) exchange() string {
	if c.exchanges < 2 {
		return ""
	}
	return fmt.Sprintf(" of exchange %d", c.exchanges)
}

// What a queue holds at most: far more than the kernel does for a socket.
const maxQueued, maxHeld = 10_000, 4 << 20

// take puts a datagram that came into the queue. A program that sends without an end
// where nothing was asked of it fails.
func (u *UDP) take(b []byte) {
	u.c.t.Helper()
	u.came++
	u.c.datagram(u.name, report.Program, b, u.came)
	u.queue = append(u.queue, slices.Clone(b))
	if u.held += len(b); len(u.queue) > maxQueued || u.held > maxHeld {
		u.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf(
			"The program sent us %d datagrams from %s, %d bytes, before we had come to the first; an answer to each of ours would be right.", len(u.queue), u.from, u.held)})
	}
}

// late reports whether a wait ended without what it waited for.
func late(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
