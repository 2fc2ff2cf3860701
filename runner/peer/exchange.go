package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// An Exchange speaks first: it sends its messages and reads the reply, both at
// the same time, until the other side ends.
type Exchange struct {
	Send      [][]byte  // messages
	Way       Way       // nil: Whole
	HalfClose bool      // close our side once all is sent
	Want      []byte    // the reply; nil: any
	Leave     bool      // leave once Want has come, without waiting for the end
	Start     time.Time // from which its times count; zero: when Meet is called
}

// clock is start, or now.
func clock(start time.Time) time.Time {
	if start.IsZero() {
		return time.Now()
	}
	return start
}

func (e Exchange) String() string { return fmt.Sprint(e.way()) }

func (e Exchange) way() Way {
	if e.Way == nil {
		return Whole{}
	}
	return e.Way
}

// Meet has the conversation.
func (e Exchange) Meet(ctx context.Context, conn net.Conn) Record {
	ctx, cancel := bounded(ctx)
	defer cancel()
	t := e.begin(ctx, conn, clock(e.Start))
	return t.finish(e.way().Send(ctx, t.c, e.Send...))
}

// A talk is an exchange whose reader runs.
type talk struct {
	e       Exchange
	ctx     context.Context
	c       *Conn
	release func()
	read    chan readEnd
}

type readEnd struct {
	end End
	err error
}

func (e Exchange) begin(ctx context.Context, conn net.Conn, start time.Time) *talk {
	t := &talk{e: e, ctx: ctx, c: NewConn(conn, start), read: make(chan readEnd, 1)}
	t.release = t.c.until(ctx)
	var enough func([]byte) bool
	if e.Leave {
		enough = func(got []byte) bool { return len(got) >= max(len(e.Want), 1) }
	}
	go func() {
		end, err := t.c.talk(enough)
		t.read <- readEnd{end, err}
	}()
	return t
}

// finish ends our side as the exchange says, waits for the reader, and judges.
func (t *talk) finish(sent error) Record {
	defer t.release()
	defer func() { _ = t.c.Close() }()
	if sent == nil && t.e.HalfClose && !t.c.half {
		if sent = t.c.CloseWrite(); isNotConnected(sent) {
			sent = nil // a reset came first; the reader tells
		}
	}
	read := <-t.read
	return t.c.judge(t.ctx, fmt.Sprint(t.e), t.e.Want, read, sent)
}

// judge makes the record once nobody reads or writes any more.
func (c *Conn) judge(ctx context.Context, name string, want []byte, read readEnd, sent error) Record {
	if read.end == EndOfStream && (c.refused || c.wasReset(ctx)) {
		c.Note("and reset the connection (RST): it closed with input unread")
		read.end = ConnectionReset
	}
	r := c.record(name, read.end, errors.Join(read.err, unnamed(sent)))
	r.Unacked = unsent(c.Conn)
	r.Ending = Judge(want, r.Got, read.end, c.half)
	return r
}

// unnamed is an error of sending that the ending does not tell anyway.
func unnamed(err error) error {
	switch {
	case err == nil, isReset(err), errors.Is(err, errEnded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		return nil
	}
	return err
}

// An Answer is spoken to: it reads a request, sends its messages, and waits for
// the other side to end.
type Answer struct {
	Until []byte    // the request ends with this; empty: it does not wait for one
	Send  [][]byte  // messages
	Way   Way       // nil: Whole
	Keep  bool      // do not close our side once all is sent
	Want  []byte    // the request; nil: any
	Start time.Time // from which its times count; zero: when Meet is called
}

func (a Answer) String() string { return fmt.Sprintf("answer %s", Exchange{Way: a.Way}) }

// Meet has the conversation.
func (a Answer) Meet(ctx context.Context, conn net.Conn) Record {
	ctx, cancel := bounded(ctx)
	defer cancel()
	c := NewConn(conn, clock(a.Start))
	defer func() { _ = c.Close() }()
	defer c.until(ctx)()

	asked := make(chan struct{})
	read := make(chan readEnd, 1)
	go func() {
		seen, from := false, 0 // what was searched is not searched again
		end, err := c.talk(func(got []byte) bool {
			if !seen && bytes.Contains(got[from:], a.Until) {
				seen = true
				close(asked)
			}
			from = max(0, len(got)-len(a.Until)+1)
			from = min(from, len(got))
			return false
		})
		read <- readEnd{end, err}
	}()
	var sent error
	select {
	case <-asked:
		sent = Exchange{Way: a.Way}.way().Send(ctx, c, a.Send...)
		if sent == nil && !a.Keep && !c.half && !c.cut {
			if sent = c.CloseWrite(); isNotConnected(sent) {
				sent = nil
			}
		}
	case <-c.ended:
	}
	return c.judge(ctx, a.String(), a.Want, <-read, sent)
}
