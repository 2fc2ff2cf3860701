package peer

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Interleave has an exchange on each of several connections at once, and sends
// their messages in pieces, a piece here and a piece there, in an order that the
// seed decides: a program that mixes its connections up answers the wrong one.
// No message is complete before all have begun and the program has had a while
// to read what there is. The Way of the exchanges is not used.
type Interleave struct {
	Seed      uint64
	Piece     int           // bytes; 0: 1
	Pause     time.Duration // before the last pieces; 0: 50 ms
	Exchanges []Exchange
}

func (i Interleave) String() string {
	return fmt.Sprintf("interleave(k=%d, piece=%d, seed=%d)", len(i.Exchanges), max(i.Piece, 1), i.Seed)
}

// Meet has the conversations, one for each exchange, over as many connections.
// Their times have one beginning.
func (i Interleave) Meet(ctx context.Context, conns ...net.Conn) ([]Record, error) {
	if len(conns) != len(i.Exchanges) {
		for _, c := range conns {
			_ = c.Close()
		}
		return nil, fmt.Errorf("%s: %d connections; %d would be right", i, len(conns), len(i.Exchanges))
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	start := time.Now()
	talks := make([]*talk, len(conns))
	left := make([][]byte, len(conns))
	failed := make([]error, len(conns))
	for k, e := range i.Exchanges {
		talks[k] = e.begin(ctx, conns[k], start)
		left[k] = bytes.Join(e.Send, nil)
	}
	send := func(k int) {
		if failed[k] == nil { // otherwise the others go on
			n := min(max(i.Piece, 1), len(left[k]))
			failed[k] = talks[k].c.piece(ctx, left[k][:n])
			left[k] = left[k][n:]
		}
	}
	first, last := i.order(left)
	for _, k := range first {
		send(k)
	}
	_ = pause(ctx, nil, i.pause()) // a context that ends ends the sending as well
	for _, k := range last {
		send(k)
	}
	records := make([]Record, len(conns))
	var all sync.WaitGroup
	for k := range talks {
		all.Go(func() {
			records[k] = talks[k].finish(failed[k])
			records[k].Peer = i.String()
		})
	}
	all.Wait()
	return records, nil
}

func (i Interleave) pause() time.Duration {
	if i.Pause > 0 {
		return i.Pause
	}
	return 50 * time.Millisecond
}

// order gives the connection of each piece: of all but each message's last,
// and of the last ones.
func (i Interleave) order(messages [][]byte) (first, last []int) {
	size := max(i.Piece, 1)
	for k, m := range messages {
		if len(m) == 0 {
			continue
		}
		for n := size; n < len(m); n += size {
			first = append(first, k)
		}
		last = append(last, k)
	}
	source := rand.New(rand.NewPCG(i.Seed, 0))
	for _, turns := range [][]int{first, last} {
		source.Shuffle(len(turns), func(a, b int) { turns[a], turns[b] = turns[b], turns[a] })
	}
	return first, last
}
