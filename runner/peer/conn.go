package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"sockets/runner/report"
)

const (
	keepGot   = 64 << 20 // bytes of what came
	keepTurn  = 4 << 10  // bytes of a turn in the conversation
	keepTurns = 2000     // turns of a conversation
)

// errEnded says that the other side ended the conversation while we were in the
// middle of it.
var errEnded = errors.New("the other side ended the conversation")

// A Conn is a connection that keeps its conversation. One goroutine may read
// while another writes. A peer makes its own; for a conversation that no peer
// has, step by step, there is [NewConn].
type Conn struct {
	net.Conn
	start time.Time
	ended chan struct{} // closed once reading has ended
	once  sync.Once     // closes it

	mu       sync.Mutex
	turns    report.Conversation
	lost     int // turns that were not kept
	got      []byte
	received int
	sent     int
	half     bool // we closed our side for writing
	cut      bool // we reset the connection
	refused  bool // a write of ours met a reset
}

// NewConn begins a conversation whose times count from start. Read, Write, the
// ways and Note have it; [Conn.Finish] ends it.
func NewConn(conn net.Conn, start time.Time) *Conn {
	c := &Conn{Conn: conn, start: start, ended: make(chan struct{})}
	// Small writes must become segments of their own. Go's connections begin so;
	// one that came from elsewhere may not.
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(true)
	}
	return c
}

// until ties the connection's deadline to the context; the function it gives
// loosens that.
func (c *Conn) until(ctx context.Context) func() {
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	return func() { stop() }
}

// Read is net.Conn's, and keeps what came.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.received += n
		c.got = append(c.got, b[:min(n, keepGot-len(c.got))]...)
		c.said(report.Program, b[:n])
	}
	return n, err
}

// Write is net.Conn's, and keeps what was sent.
func (c *Conn) Write(b []byte) (int, error) {
	// The answer may be read before the write returns: the turn begins now.
	at := c.since()
	n, err := c.Conn.Write(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = c.refused || isReset(err)
	if n > 0 {
		c.sent += n
		c.saidAt(at, report.We, b[:n])
	}
	return n, err
}

// CloseWrite sends our FIN, after which the other side reads EOF.
func (c *Conn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return fmt.Errorf("close our side of a %T: it has no half-close", c.Conn)
	}
	// Noted first: the answer to a FIN may be read before the call returns.
	c.Note("we closed our side (FIN)")
	err := half.CloseWrite()
	if err != nil {
		c.Note("but it was closed already")
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.half = true
	return nil
}

// Reset ends the connection with a RST, both ways at once. What the other side
// has not read yet may be lost to it.
func (c *Conn) Reset() error {
	c.mu.Lock()
	c.cut = true
	c.mu.Unlock()
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		if err := tcp.SetLinger(0); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	c.Note("we reset the connection (RST)")
	return c.Close()
}

// Conversation is what has been said so far.
func (c *Conn) Conversation() report.Conversation {
	c.mu.Lock()
	defer c.mu.Unlock()
	turns := slices.Clone(c.turns)
	for i := range turns {
		turns[i].Bytes = slices.Clone(turns[i].Bytes) // the last turn may grow yet
	}
	return turns
}

// Finish reads to the end, at most until the context's, judges all that came
// since the beginning against want, and closes the connection.
func (c *Conn) Finish(ctx context.Context, want []byte) Record {
	ctx, cancel := bounded(ctx)
	defer cancel()
	defer func() { _ = c.Close() }()
	defer c.until(ctx)()
	end, err := c.talk(nil)
	return c.judge(ctx, "step by step", want, readEnd{end, err}, nil)
}

// Note puts an event between the turns.
func (c *Conn) Note(text string) {
	at := c.since()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns = append(c.turns, report.Turn{At: at, Note: text})
}

func (c *Conn) since() time.Duration { return time.Since(c.start) }

func (c *Conn) said(who report.Who, b []byte) { c.saidAt(c.since(), who, b) }

// saidAt adds b to the turn of its time if the same side spoke it, or begins a
// turn. A write that returned late belongs before the answer it got.
func (c *Conn) saidAt(at time.Duration, who report.Who, b []byte) {
	i := len(c.turns)
	for i > 0 && c.turns[i-1].At > at {
		i--
	}
	if i > 0 && c.turns[i-1].Who == who {
		t := &c.turns[i-1]
		t.Bytes = append(t.Bytes, b[:min(len(b), keepTurn-len(t.Bytes))]...)
		t.Size += len(b)
		t.Pieces++
		t.Till = at
		return
	}
	if len(c.turns) >= keepTurns {
		c.lost++
		return
	}
	kept := append(make([]byte, 0, min(len(b), keepTurn)), b[:min(len(b), keepTurn)]...)
	c.turns = slices.Insert(c.turns, i, report.Turn{At: at, Who: who, Bytes: kept, Size: len(b), Pieces: 1})
}

// talk reads until the other side ends, the deadline passes or enough says so,
// and closes ended. It is the one reader.
func (c *Conn) talk(enough func(got []byte) bool) (End, error) {
	defer c.once.Do(func() { close(c.ended) })
	buf := make([]byte, 64<<10)
	for {
		if enough != nil && enough(c.got) { // no other goroutine writes got
			return StillOpen, nil
		}
		_, err := c.Read(buf)
		if err != nil {
			return c.endOf(err)
		}
	}
}

// endOf names how reading ended.
func (c *Conn) endOf(err error) (End, error) {
	c.mu.Lock()
	cut := c.cut
	c.mu.Unlock()
	switch {
	case cut:
		return CutByUs, nil
	case isEOF(err):
		c.Note("the program closed its side (FIN)")
		return EndOfStream, nil
	case isReset(err):
		c.Note("the program's side reset the connection (RST)")
		return ConnectionReset, nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.Note("nothing more came before the deadline")
		return StillOpen, nil
	}
	return Unended, err
}

// record is what the conversation left, once nobody reads or writes any more.
func (c *Conn) record(name string, end End, err error) Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	turns := c.turns
	if c.lost > 0 {
		turns = append(turns, report.Turn{At: c.since(), Note: fmt.Sprintf("%d more turns, not kept", c.lost)})
	}
	return Record{
		Peer: name, Conversation: turns, Got: c.got, Received: c.received, Sent: c.sent,
		Unacked: -1, Pushed: -1, End: end, Err: err,
	}
}
