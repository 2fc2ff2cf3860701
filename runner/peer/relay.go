package peer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"sockets/runner/report"
)

// A Fault is what a relay does to the datagrams of one direction, each by
// chance: lost, sent twice, or held until the next one has passed.
type Fault struct {
	Drop, Duplicate, Reorder float64       // probabilities, 0 to 1
	First                    int           // the first so many are lost, for sure
	Hold                     time.Duration // how long one is held if no other follows; 0: 50 ms
}

// A Relay stands between the program and a server of datagrams. The fate of a
// direction's nth datagram depends on the seed and n alone.
type Relay struct {
	Seed   uint64
	Out    Fault // towards the server
	In     Fault // back
	Server bool  // the program is the server, and its client is ours
}

// whose are the datagrams of the two directions.
func (r Relay) whose() (out, in report.Who) {
	if r.Server {
		return report.We, report.Program
	}
	return report.Program, report.We
}

func (r Relay) String() string {
	return fmt.Sprintf("relay(seed=%d, out=%s, in=%s)", r.Seed, r.Out, r.In)
}

func (f Fault) String() string {
	return fmt.Sprintf("drop %g dup %g reorder %g first %d", f.Drop, f.Duplicate, f.Reorder, f.First)
}

func (f Fault) hold() time.Duration {
	if f.Hold > 0 {
		return f.Hold
	}
	return 50 * time.Millisecond
}

// A Wire is a relay at work.
type Wire struct {
	relay  Relay
	front  net.PacketConn
	server net.Addr
	dial   func(context.Context) (net.PacketConn, error)
	ctx    context.Context
	cancel context.CancelFunc
	start  time.Time
	pumps  sync.WaitGroup

	mu      sync.Mutex
	backs   map[string]net.PacketConn // by the client's address
	record  Record
	counts  Counts
	stopped bool
}

// Counts are what a relay did.
type Counts struct{ Passed, Dropped, Duplicated, Reordered int }

// Start begins relaying between front, to which the client sends, and server.
// For each client dial makes a socket of the client's own, so that answers find
// their way back. Close ends it and closes all of them.
func (r Relay) Start(ctx context.Context, front net.PacketConn, server net.Addr, dial func(context.Context) (net.PacketConn, error)) *Wire {
	ctx, cancel := bounded(ctx)
	w := &Wire{
		relay: r, front: front, server: server, dial: dial, ctx: ctx, cancel: cancel,
		start: time.Now(), backs: map[string]net.PacketConn{}, record: Record{Peer: r.String(), Unacked: -1, Pushed: -1},
	}
	context.AfterFunc(ctx, w.stop)
	who, _ := r.whose()
	w.pumps.Go(func() {
		w.pump(front, r.Out, rand.New(rand.NewPCG(r.Seed, 0)), who, w.out)
	})
	return w
}

// Close ends the relay and waits until it is at rest.
func (w *Wire) Close() (Record, Counts) {
	w.cancel()
	w.stop()
	w.pumps.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.record, w.counts
}

// Record is what has passed so far, and what the relay has done to it.
func (w *Wire) Record() (Record, Counts) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.record
	r.Conversation = slices.Clone(r.Conversation)
	return r, w.counts
}

func (w *Wire) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	_ = w.front.Close()
	for _, b := range w.backs {
		_ = b.Close()
	}
}

// A datagram is on its way.
type datagram struct {
	b    []byte
	from net.Addr
}

// pump reads datagrams of one direction and does to them what the fault says.
func (w *Wire) pump(conn net.PacketConn, f Fault, chance *rand.Rand, who report.Who, send func(datagram) error) {
	var held *datagram
	failed := 0
	buf := make([]byte, 64<<10)
	for n := 1; ; {
		deadline := time.Time{}
		if held != nil {
			deadline = time.Now().Add(f.hold())
		}
		_ = conn.SetReadDeadline(deadline)
		size, from, err := conn.ReadFrom(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && held != nil:
			w.pass(*held, send)
			held = nil
			continue
		case err != nil && (w.over() || isClosed(err)):
			return
		case err != nil:
			// A datagram that was refused earlier (ICMP) is told to the next
			// call. The relay goes on, as a wire would, but not for ever.
			w.note(fmt.Sprintf("the relay's socket said: %v", err))
			if failed++; failed > 100 {
				return
			}
			continue
		}
		failed = 0
		d := datagram{append([]byte(nil), buf[:size]...), from}
		w.heard(who, d.b)
		// Three draws for each, whatever comes of them: the fate of the nth
		// depends on no other's.
		drop, twice, late := chance.Float64() < f.Drop, chance.Float64() < f.Duplicate, chance.Float64() < f.Reorder
		switch {
		case drop || n <= f.First:
			w.fate(&w.counts.Dropped, "lost", who, n)
		case late && held == nil:
			w.fate(&w.counts.Reordered, "held back", who, n)
			held = &d
			n++
			continue // until another passes it
		default:
			w.pass(d, send)
			if twice {
				w.fate(&w.counts.Duplicated, "sent twice", who, n)
				w.pass(d, send)
			}
		}
		n++
		if held != nil {
			w.pass(*held, send)
			held = nil
		}
	}
}

func (w *Wire) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopped
}

// out sends to the server, from the client's own socket.
func (w *Wire) out(d datagram) error {
	back, err := w.back(d.from)
	if err != nil {
		return err
	}
	_, err = back.WriteTo(d.b, w.server)
	return err
}

// maxClients is how many sockets a relay serves: each takes a socket of ours, a
// goroutine and a buffer, and a program may have any number, one after the other.
const maxClients = 100

// back is the socket of a client, made when it is first heard of.
func (w *Wire) back(client net.Addr) (net.PacketConn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b, ok := w.backs[client.String()]; ok {
		return b, nil
	}
	if w.stopped {
		return nil, net.ErrClosed
	}
	if len(w.backs) == maxClients {
		return nil, fmt.Errorf("%s is one socket too many: %d are served", client, maxClients)
	}
	b, err := w.dial(w.ctx)
	if err != nil {
		return nil, fmt.Errorf("a socket for %s: %w", client, err)
	}
	chance := rand.New(rand.NewPCG(w.relay.Seed, uint64(len(w.backs))+1))
	w.backs[client.String()] = b
	_, who := w.relay.whose()
	w.pumps.Go(func() {
		w.pump(b, w.relay.In, chance, who, func(d datagram) error {
			_, err := w.front.WriteTo(d.b, client)
			return err
		})
	})
	return b, nil
}

func (w *Wire) pass(d datagram, send func(datagram) error) {
	if err := send(d); err != nil {
		if !w.over() {
			w.note(fmt.Sprintf("the relay could not pass a datagram on: %v", err))
		}
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.Passed++
}

// heard keeps a datagram as a turn of its own.
func (w *Wire) heard(who report.Who, b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if who == report.We {
		w.record.Sent += len(b)
	} else {
		w.record.Received += len(b)
	}
	if len(w.record.Conversation) < keepTurns {
		w.record.Conversation = append(w.record.Conversation, report.Turn{
			At: time.Since(w.start), Who: who, Bytes: b[:min(len(b), keepTurn)], Size: len(b), Pieces: 1,
		})
	}
}

func (w *Wire) fate(count *int, what string, who report.Who, n int) {
	from := "the program's"
	if who == report.We {
		from = "our"
	}
	w.mu.Lock()
	*count++
	w.mu.Unlock()
	w.note(fmt.Sprintf("%s datagram %d was %s", from, n, what))
}

func (w *Wire) note(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.record.Conversation) < keepTurns {
		w.record.Conversation = append(w.record.Conversation, report.Turn{At: time.Since(w.start), Note: text})
	}
}
