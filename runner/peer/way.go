package peer

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// A Way is how a peer sends its messages. Send returns once they are sent, the
// connection fails, or the context ends.
type Way interface {
	Send(ctx context.Context, c *Conn, messages ...[]byte) error
	String() string
}

// Whole sends each message in a segment of its own.
type Whole struct{}

// Send sends.
func (Whole) Send(ctx context.Context, c *Conn, messages ...[]byte) error {
	for _, m := range messages {
		if err := c.piece(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (Whole) String() string { return "whole" }

// piece is one write, and the wait until the other side's kernel has it.
func (c *Conn) piece(ctx context.Context, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := c.Write(b); err != nil {
		return err
	}
	return c.drained(ctx)
}

// Coalesce sends all messages in one segment: a single write, which the kernel
// splits only if it is longer than the segments of the connection.
type Coalesce struct{}

// Send sends.
func (Coalesce) Send(ctx context.Context, c *Conn, messages ...[]byte) error {
	return c.piece(ctx, bytes.Join(messages, nil))
}

func (Coalesce) String() string { return "coalesce" }

// Drip sends one byte a segment, each once the byte before is acknowledged, and
// no sooner than Pause after it.
type Drip struct{ Pause time.Duration }

// Send sends.
func (d Drip) Send(ctx context.Context, c *Conn, messages ...[]byte) error {
	all := bytes.Join(messages, nil)
	for i := range all {
		if err := c.piece(ctx, all[i:i+1]); err != nil {
			return err
		}
		if d.Pause > 0 {
			if err := pause(ctx, c.ended, d.Pause); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d Drip) String() string {
	if d.Pause > 0 {
		return fmt.Sprintf("drip(pause=%s)", d.Pause)
	}
	return "drip"
}

// Stall sends the first N bytes and is silent: for a while, or, if For is 0,
// until the other side or the context ends it. After a while it sends the rest.
type Stall struct {
	N   int
	For time.Duration
}

// Send sends.
func (s Stall) Send(ctx context.Context, c *Conn, messages ...[]byte) error {
	head, rest := split(s.N, messages)
	if err := c.piece(ctx, head); err != nil {
		return err
	}
	c.Note("we fell silent")
	wait := s.For
	if wait <= 0 {
		wait = MaxWait
	}
	if err := pause(ctx, c.ended, wait); err != nil {
		return err
	}
	return c.piece(ctx, rest)
}

func (s Stall) String() string {
	if s.For > 0 {
		return fmt.Sprintf("stall(n=%d, for=%s)", s.N, s.For)
	}
	return fmt.Sprintf("stall(n=%d)", s.N)
}

// split cuts the messages, joined, after n bytes.
func split(n int, messages [][]byte) (head, rest []byte) {
	all := bytes.Join(messages, nil)
	n = max(0, min(n, len(all)))
	return all[:n], all[n:]
}

// FIN sends the first N bytes and closes our side.
type FIN struct{ N int }

// Send sends.
func (f FIN) Send(ctx context.Context, c *Conn, messages ...[]byte) error {
	head, _ := split(f.N, messages)
	if err := c.piece(ctx, head); err != nil {
		return err
	}
	return c.CloseWrite()
}

func (f FIN) String() string { return fmt.Sprintf("fin(n=%d)", f.N) }

// RST sends the first N bytes and, once they are acknowledged, resets the
// connection.
type RST struct{ N int }

// Send sends.
func (r RST) Send(ctx context.Context, c *Conn, messages ...[]byte) error {
	head, _ := split(r.N, messages)
	if err := c.piece(ctx, head); err != nil {
		return err
	}
	return c.Reset()
}

func (r RST) String() string { return fmt.Sprintf("rst(n=%d)", r.N) }

// Flood sends the messages and then N bytes, 64 MiB if that is 0, without a
// newline among them.
type Flood struct {
	N    int
	Byte byte // 0: 'A'
}

// Send sends.
func (f Flood) Send(ctx context.Context, c *Conn, messages ...[]byte) error {
	if err := c.piece(ctx, bytes.Join(messages, nil)); err != nil {
		return err
	}
	fill := f.Byte
	if fill == 0 {
		fill = 'A'
	}
	chunk := bytes.Repeat([]byte{fill}, 64<<10)
	for left := f.size(); left > 0; {
		n, err := c.Write(chunk[:min(left, len(chunk))])
		if err != nil {
			return err
		}
		left -= n
	}
	return nil
}

func (f Flood) size() int {
	if f.N > 0 {
		return f.N
	}
	return 64 << 20
}

func (f Flood) String() string { return fmt.Sprintf("flood(n=%d)", f.size()) }

// Garbage sends the messages and then N random bytes.
type Garbage struct {
	Seed uint64
	N    int
}

// Bytes are the random bytes: the same for the same seed.
func (g Garbage) Bytes() []byte {
	b := make([]byte, max(g.N, 0))
	source := rand.New(rand.NewPCG(g.Seed, 0))
	for i := range b {
		b[i] = byte(source.Uint32())
	}
	return b
}

// Send sends.
func (g Garbage) Send(ctx context.Context, c *Conn, messages ...[]byte) error {
	return c.piece(ctx, append(bytes.Join(messages, nil), g.Bytes()...))
}

func (g Garbage) String() string { return fmt.Sprintf("garbage(seed=%d, n=%d)", g.Seed, g.N) }
