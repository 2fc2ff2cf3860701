package check

import (
	"context"
	"net"
	"time"

	"sockets/runner/peer"
)

// Meet has a hostile peer take over each connection to the listener, while the
// check goes on. It goes instead of Accept, and before the program is started.
func (l *Listener) Meet(p peer.Peer) {
	l.c.t.Helper()
	if len(l.c.programs) > 0 {
		panic(l.c.t.Name() + " has a listener Meet when the program may have connected already")
	}
	l.c.note("our peer at %s: %s", l.addr, p)
	l.peer = p
	l.c.meeting = append(l.c.meeting, l)
	if l.ln != nil {
		l.meet()
	}
}

// meet lets the listener's peer begin.
func (l *Listener) meet() {
	if len(l.hosts) == 0 {
		l.c.later(l.leave)
	}
	l.hosts = append(l.hosts, peer.Serve(context.Background(), l.ln, reporter{l.peer, l}))
}

// leave ends all that the listener's peer does.
func (l *Listener) leave() {
	for _, h := range l.hosts {
		if _, err := h.Close(); err != nil {
			l.c.t.Errorf("meet the program: %v", err)
		}
	}
}

// A reporter is a listener's peer, and adds what was said to the conversation.
type reporter struct {
	peer.Peer
	l *Listener
}

func (r reporter) Meet(ctx context.Context, conn net.Conn) peer.Record {
	since := time.Since(r.l.c.began)
	record := r.Peer.Meet(ctx, conn)
	r.l.c.add(record, since)
	return record
}

// add adds to the conversation what a peer said from then on, and what it heard.
func (c *check) add(r peer.Record, since time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, turn := range r.Conversation {
		turn.At += since
		if turn.Till > 0 {
			turn.Till += since
		}
		c.keep(turn)
	}
}
