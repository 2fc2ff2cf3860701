package peer

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// A Host accepts connections and has its peer meet each of them, for a graded
// program that dials.
type Host struct {
	ln     net.Listener
	cancel context.CancelFunc
	met    sync.WaitGroup // the accept loop and the meetings

	mu      sync.Mutex
	records []*Record
	failed  error
}

// Serve begins accepting; Close ends it. The context bounds every meeting.
func Serve(ctx context.Context, ln net.Listener, peer Peer) *Host {
	ctx, cancel := bounded(ctx)
	h := &Host{ln: ln, cancel: cancel}
	// A context that ends must end Accept as well.
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	h.met.Go(func() {
		defer stop()
		for {
			conn, err := ln.Accept()
			if err != nil {
				h.mu.Lock()
				defer h.mu.Unlock()
				if ctx.Err() == nil && !isClosed(err) {
					h.failed = fmt.Errorf("accept on %s: %w", ln.Addr(), err)
				}
				return
			}
			r := new(Record)
			h.mu.Lock()
			h.records = append(h.records, r)
			h.mu.Unlock()
			h.met.Go(func() {
				met := peer.Meet(ctx, conn)
				h.mu.Lock()
				defer h.mu.Unlock()
				*r = met
			})
		}
	})
	return h
}

// Addr is where the host listens.
func (h *Host) Addr() net.Addr { return h.ln.Addr() }

// Wait waits until n conversations have ended, or the context has, and gives
// the records so far in the order of accepting; those of conversations that
// still go on are zero.
func (h *Host) Wait(ctx context.Context, n int) []Record {
	ctx, cancel := bounded(ctx)
	defer cancel()
	for {
		records, done := h.soFar()
		if done >= n || pause(ctx, nil, time.Millisecond) != nil {
			return records
		}
	}
}

func (h *Host) soFar() (records []Record, done int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.records {
		records = append(records, *r)
		if r.Peer != "" {
			done++
		}
	}
	return records, done
}

// Close stops accepting, cuts what still goes on, waits for all of it, and gives
// every record in the order of accepting.
func (h *Host) Close() ([]Record, error) {
	h.cancel()
	_ = h.ln.Close()
	h.met.Wait()
	records, _ := h.soFar()
	return records, h.failed
}

// SlowAccept makes a listener late: each Accept begins only Wait after it was
// called. The kernel completes connections meanwhile, up to the backlog, so the
// other side is connected to nobody.
type SlowAccept struct{ Wait time.Duration }

func (s SlowAccept) String() string { return fmt.Sprintf("slowaccept(wait=%s)", s.Wait) }

// Listener is ln, but late.
func (s SlowAccept) Listener(ln net.Listener) net.Listener {
	return &lateListener{Listener: ln, wait: s.Wait, closed: make(chan struct{})}
}

type lateListener struct {
	net.Listener
	wait   time.Duration
	once   sync.Once
	closed chan struct{}
}

// Accept waits, then accepts.
func (l *lateListener) Accept() (net.Conn, error) {
	if pause(context.Background(), l.closed, l.wait) != nil {
		return nil, fmt.Errorf("accept on %s: %w", l.Addr(), net.ErrClosed)
	}
	return l.Listener.Accept()
}

// Close ends Accept, also one that waits.
func (l *lateListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
