package check

import (
	"slices"
	"time"

	"sockets/runner/report"
)

// How many turns of a conversation are kept. Each datagram is one, and a program may
// send any number.
const firstTurns, lastTurns = 200, 100

// turn adds to the conversation, or to its last turn. The bytes are kept.
func (c *check) turn(turn report.Turn, b []byte) {
	const keep = 4 << 10 // of a turn
	turn.At = time.Since(c.began)
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := c.lastTurn(); last != nil && turn.Who != report.Nobody {
		if last.Who == turn.Who && last.Note == turn.Note && last.Peer == turn.Peer {
			last.Till, last.Pieces = turn.At, max(last.Pieces, 1)+1
			last.Size = last.Len() + len(b)
			last.Bytes = append(last.Bytes, b[:min(len(b), keep-len(last.Bytes))]...)
			return
		}
	}
	turn.Size = len(b)
	turn.Bytes = append([]byte(nil), b[:min(len(b), keep)]...)
	c.keep(turn)
}

// keep takes a turn as the last. The caller holds c.mu.
func (c *check) keep(turn report.Turn) {
	switch {
	case len(c.turns) < firstTurns:
		c.turns = append(c.turns, turn)
	case len(c.latest) < lastTurns:
		c.latest = append(c.latest, turn)
	default:
		c.latest[c.left%lastTurns] = turn
		c.left++
	}
}

// lastTurn is the last turn, nil if there is none. The caller holds c.mu.
func (c *check) lastTurn() *report.Turn {
	switch {
	case c.left > 0:
		return &c.latest[(c.left-1)%lastTurns]
	case len(c.latest) > 0:
		return &c.latest[len(c.latest)-1]
	case len(c.turns) > 0:
		return &c.turns[len(c.turns)-1]
	}
	return nil
}

// conversation is all of it so far, but for what is left out in its middle.
// Connections have names if there are several.
func (c *check) conversation() report.Conversation {
	c.mu.Lock()
	defer c.mu.Unlock()
	said := slices.Clone(c.turns)
	if oldest := c.left % lastTurns; c.left > 0 {
		said = append(said, report.Turn{At: c.latest[oldest].At, Left: c.left})
		said = append(said, c.latest[oldest:]...)
		said = append(said, c.latest[:oldest]...)
	} else {
		said = append(said, c.latest...)
	}
	all := report.Together(said, c.fates())
	if len(c.conns) == 1 {
		for i := range all {
			all[i].Peer = ""
		}
	}
	return all
}
