// Package peer is the other end of a graded program's connections: peers that
// do to it what a network and its strangers do, one byte at a time, two messages
// at once, a silence, an early end, a reset, a flood.
//
// A peer is a small value with a method Meet, which has one conversation over
// one connection and gives back its [Record]: what was said with times, what
// came, and how it ended. An [Exchange] speaks first, an [Answer] is spoken to,
// [NoRead] never reads; the [Way] in which the first two send is what makes them
// hostile. [Interleave] is many exchanges at once, [SlowAccept] a listener that
// is late, [Relay] a wire for datagrams that loses, repeats and reorders them.
//
// Connections are given: ordinary net.Conn, net.Listener and net.PacketConn
// values, of this host or of a private network. Meet owns the connection it is
// given and closes it. Every wait ends with the context, or after [MaxWait] if
// that has no deadline. Whatever is random comes from a Seed, and String says it.
//
// Package peer decides nothing about points: it says what came and how it ended.
package peer

import (
	"context"
	"net"
	"time"

	"sockets/runner/report"
)

// MaxWait bounds a conversation whose context has no deadline.
const MaxWait = 30 * time.Second

// A Peer has one conversation over a connection.
type Peer interface {
	Meet(ctx context.Context, conn net.Conn) Record
	String() string
}

// A Record is what a conversation left.
type Record struct {
	Peer         string              // the peer's String
	Conversation report.Conversation // for people
	Got          []byte              // all that came, at most the first 64 MiB
	Received     int                 // how many bytes came
	Sent         int                 // how many bytes the kernel took from us
	Unacked      int                 // how many of them the other side's kernel did not take; -1: not known here
	Pushed       int                 // of NoRead: how many bytes came without being read; -1: not known here
	End          End
	Ending       Ending
	Err          error // what failed that no ending has a name for
}

// bounded gives a context that surely ends.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, MaxWait)
}

// pause waits, or less if the context or the conversation ends.
func pause(ctx context.Context, ended <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ended:
		return errEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}
