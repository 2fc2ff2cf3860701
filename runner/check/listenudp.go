package check

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"sockets/runner/peer"
	"sockets/runner/pocket"
	"sockets/runner/report"
)

// A UDPListener is a UDP address of the check's, where the program can send to.
type UDPListener struct {
	c     *check
	addr  string         // where the program is to send
	relay *peer.Relay    // between that and us; nil is none
	conn  net.PacketConn // nil before there is a network
	wire  *peer.Wire

	met   map[string]*UDP // by the program's address
	fresh []*UDP          // of those, who were not accepted yet
	buf   []byte          // for one datagram
}

// ListenUDP takes an address that the program can send datagrams to, over IPv4.
func ListenUDP(t *testing.T) *UDPListener {
	t.Helper()
	return of(t).listenUDP(nil)
}

// ListenLossy is ListenUDP behind a wire that loses, repeats and reorders
// datagrams as the relay says: Out is what it does to the program's, In to ours.
// A Seed that is 0 is the check's.
func ListenLossy(t *testing.T, r peer.Relay) *UDPListener {
	t.Helper()
	c := of(t)
	return c.listenUDP(c.seeded(r))
}

// seeded is the relay with a seed.
func (c *check) seeded(r peer.Relay) *peer.Relay {
	if r.Seed == 0 {
		r.Seed = Seed(c.t).Uint64()
	}
	c.note("between the program and us: %s", r)
	return &r
}

func (c *check) listenUDP(r *peer.Relay) *UDPListener {
	c.t.Helper()
	l := &UDPListener{c: c, relay: r, addr: netip.AddrPortFrom(pocket.There4, c.port()).String()}
	if probe().pocket != nil {
		l.addr = "127.0.0.1:0"
	}
	c.listens(l)
	return l
}

// Addr is where the program is to send to.
func (l *UDPListener) Addr() string { return l.addr }

// open takes the address on the program's network, nil being the machine's own.
func (l *UDPListener) open(ctx context.Context, in *pocket.Pocket) error {
	l.met, l.fresh = make(map[string]*UDP), nil
	front, err := listenPacket(ctx, in, l.addr)
	if err != nil {
		return err
	}
	l.addr = front.LocalAddr().String()
	l.c.later(func() { _ = front.Close() })
	if l.conn = front; l.relay == nil {
		return nil
	}
	if l.conn, err = listenPacket(ctx, in, anyPort(in)); err != nil {
		return err
	}
	behind := l.conn
	l.c.later(func() { _ = behind.Close() })
	l.wire = l.c.relays(*l.relay, in, front, l.conn.LocalAddr())
	return nil
}

// relays puts a relay to work until the check ends.
func (c *check) relays(r peer.Relay, in *pocket.Pocket, front net.PacketConn, server net.Addr) *peer.Wire {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	w := r.Start(ctx, front, server, func(ctx context.Context) (net.PacketConn, error) {
		return listenPacket(ctx, in, anyPort(in))
	})
	c.mu.Lock()
	c.wires = append(c.wires, wire{w, time.Since(c.began)})
	c.mu.Unlock()
	c.later(func() {
		cancel()
		w.Close()
	})
	return w
}

// A wire is a relay at work, and when it began.
type wire struct {
	*peer.Wire
	began time.Duration
}

// fates is what the check's relays did, as notes.
func (c *check) fates() (notes report.Conversation) {
	for _, w := range c.wires {
		r, _ := w.Record()
		for _, turn := range r.Conversation {
			if turn.Who == report.Nobody {
				turn.At += w.began
				notes = append(notes, turn)
			}
		}
	}
	return notes
}

// anyPort is an address of ours on a network.
func anyPort(in *pocket.Pocket) string {
	if in == nil {
		return "127.0.0.1:0"
	}
	return netip.AddrPortFrom(pocket.There4, 0).String()
}

func listenPacket(ctx context.Context, in *pocket.Pocket, addr string) (net.PacketConn, error) {
	if in != nil {
		return in.ListenPacket(ctx, "udp4", addr)
	}
	var config net.ListenConfig
	return config.ListenPacket(ctx, "udp4", addr)
}

// Accept waits for a datagram from a socket of the program's that was not heard
// of before. That datagram is the first to be wanted.
func (l *UDPListener) Accept() *UDP {
	l.c.t.Helper()
	if err := l.await(l.c.wait); late(err) {
		o := l.c.program().missed(context.DeadlineExceeded, "it sent us a datagram from a socket that we had not heard of")
		o.Message += fmt.Sprintf(" The address to send to is an argument of the program's: %s.", l.addr)
		l.c.fail(o)
	} else if err != nil {
		l.c.broken("receive a datagram: %v", err)
	}
	u := l.fresh[0]
	l.fresh = l.fresh[1:]
	return u
}

// WantNobody wants no datagram from any other socket of the program's than those
// accepted, up to its end.
func (l *UDPListener) WantNobody() {
	l.c.t.Helper()
	ctx, cancel := l.c.within()
	defer cancel()
	p := l.c.program()
	select {
	case <-p.exited:
	case <-ctx.Done():
		l.c.fail(p.missed(ctx.Err(), "it ended"))
	}
	if err := l.await(lateness); err == nil {
		l.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program sent a datagram to %s, which it must not.", l.addr)})
	}
}

// await waits until there is somebody to be accepted.
func (l *UDPListener) await(wait time.Duration) error {
	return l.c.receive(l.conn, wait, l.next, func() bool { return len(l.fresh) > 0 })
}

// maxMet is how many sockets a program may send from, which each need some memory of
// ours.
const maxMet = 1000

// next takes one datagram.
func (l *UDPListener) next() error {
	l.c.t.Helper()
	if l.buf == nil {
		l.buf = make([]byte, 64<<10)
	}
	n, from, err := l.conn.ReadFrom(l.buf)
	if err != nil {
		return err
	}
	u := l.met[from.String()]
	if u == nil && len(l.met) == maxMet {
		l.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program sent to %s from more than %d sockets; one would do.", l.addr, maxMet)})
	}
	if u == nil {
		l.c.exchanges++
		u = &UDP{c: l.c, name: l.c.exchange(), from: from.String(), conn: l.conn, next: l.next}
		u.send = func(b []byte) error { _, err := l.conn.WriteTo(b, from); return err }
		l.met[u.from] = u
		l.fresh = append(l.fresh, u)
	}
	u.take(l.buf[:n])
	return nil
}

// DialLossy is DialUDP behind a wire that loses, repeats and reorders datagrams
// as the relay says: Out is what it does to ours, In to the program's. A Seed
// that is 0 is the check's.
func (p *Program) DialLossy(r peer.Relay) *UDP {
	p.c.t.Helper()
	r.Server = true
	server, err := net.ResolveUDPAddr("udp4", p.address())
	if err != nil {
		p.c.broken("the program's address: %v", err)
	}
	ctx, cancel := p.c.within()
	defer cancel()
	in := p.run.Pocket()
	front, err := listenPacket(ctx, in, anyPort(in))
	if err != nil {
		p.c.broken("take an address for the relay: %v", err)
	}
	p.c.later(func() { _ = front.Close() })
	p.c.relays(*p.c.seeded(r), in, front, server)
	conn, err := dialIn(ctx, in, "udp", front.LocalAddr().String())
	if err != nil {
		p.c.broken("dial the relay: %v", err)
	}
	return p.c.dialled(conn)
}
