package peer

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

func packets(t *testing.T) net.PacketConn {
	t.Helper()
	c, err := dialPackets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dialPackets(ctx context.Context) (net.PacketConn, error) {
	return new(net.ListenConfig).ListenPacket(ctx, "udp", "127.0.0.1:0")
}

// echoServer answers each datagram with itself.
func echoServer(t *testing.T) net.Addr {
	t.Helper()
	c := packets(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1<<16)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = c.WriteTo(buf[:n], from)
		}
	}()
	t.Cleanup(func() { _ = c.Close(); <-done })
	return c.LocalAddr()
}

// collect reads n datagrams, and those that come although they should not.
func collect(t *testing.T, c net.Conn, n int) []string {
	t.Helper()
	var all []string
	buf := make([]byte, 1<<16)
	for {
		wait := 30 * time.Millisecond
		if len(all) < n {
			wait = 10 * time.Second
		}
		_ = c.SetReadDeadline(time.Now().Add(wait))
		n, err := c.Read(buf)
		if err != nil {
			return all
		}
		all = append(all, string(buf[:n]))
	}
}

// through sends n numbered datagrams through the relay, each once the relay has
// heard the one before, and gives what came back, and what the relay did.
func through(t *testing.T, r Relay, n, back int) ([]string, Record, Counts) {
	t.Helper()
	server := echoServer(t)
	front := packets(t)
	w := r.Start(soon(t), front, server, dialPackets)
	client, err := new(net.Dialer).DialContext(t.Context(), "udp", front.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	ctx := soon(t)
	for i := range n {
		_, _ = fmt.Fprintf(client, "%03d", i)
		for heard := 0; heard <= i; {
			w.mu.Lock()
			heard = w.record.Received / 3
			w.mu.Unlock()
			if ctx.Err() != nil {
				t.Fatal("the relay does not hear")
			}
			time.Sleep(100 * time.Microsecond)
		}
	}
	for dropped := 0; back == 0 && dropped < n && ctx.Err() == nil; time.Sleep(100 * time.Microsecond) {
		w.mu.Lock()
		dropped = w.counts.Dropped
		w.mu.Unlock()
	}
	came := collect(t, client, back)
	record, counts := w.Close()
	return came, record, counts
}

func TestRelayPasses(t *testing.T) {
	came, record, counts := through(t, Relay{}, 20, 20)
	if len(came) != 20 || !slices.IsSorted(came) {
		t.Errorf("%d datagrams came back: %v", len(came), came)
	}
	if (counts != Counts{Passed: 40}) || record.Received != 60 || record.Sent != 60 {
		t.Errorf("counts %+v, heard %d and %d bytes", counts, record.Received, record.Sent)
	}
}

func TestRelayDrops(t *testing.T) {
	came, _, counts := through(t, Relay{Out: Fault{First: 2}}, 5, 3)
	if !slices.Equal(came, []string{"002", "003", "004"}) || counts.Dropped != 2 {
		t.Errorf("came %v, counts %+v", came, counts)
	}
	came, _, counts = through(t, Relay{In: Fault{Drop: 1}}, 5, 0)
	if len(came) != 0 || counts.Dropped != 5 || counts.Passed != 5 {
		t.Errorf("came %v, counts %+v", came, counts)
	}
}

func TestRelayDuplicates(t *testing.T) {
	came, _, counts := through(t, Relay{In: Fault{Duplicate: 1}}, 3, 6)
	if !slices.Equal(came, []string{"000", "000", "001", "001", "002", "002"}) || counts.Duplicated != 3 {
		t.Errorf("came %v, counts %+v", came, counts)
	}
}

func TestRelayReorders(t *testing.T) {
	came, _, counts := through(t, Relay{Out: Fault{Reorder: 1, Hold: time.Hour}}, 4, 4)
	if !slices.Equal(came, []string{"001", "000", "003", "002"}) || counts.Reordered != 2 {
		t.Errorf("came %v, counts %+v; want each pair turned", came, counts)
	}
	came, _, _ = through(t, Relay{Out: Fault{Reorder: 1}}, 1, 1)
	if !slices.Equal(came, []string{"000"}) {
		t.Errorf("came %v; want the last, which nothing follows, let go", came)
	}
}

// TestRelayIsSeeded: the same seed does the same to the same datagrams.
func TestRelayIsSeeded(t *testing.T) {
	fates := func(seed uint64) []string {
		r := Relay{Seed: seed, Out: Fault{Drop: 0.3, Duplicate: 0.2}}
		_, record, _ := through(t, r, 40, 20)
		var notes []string
		for _, turn := range record.Conversation {
			if turn.Note != "" {
				notes = append(notes, turn.Note)
			}
		}
		return notes
	}
	one, again, other := fates(11), fates(11), fates(12)
	if len(one) < 8 || !slices.Equal(one, again) {
		t.Errorf("seed 11 did\n%v\nand then\n%v", one, again)
	}
	if slices.Equal(one, other) {
		t.Error("seed 12 does the same as seed 11")
	}
	if s := (Relay{Seed: 11}).String(); !strings.Contains(s, "seed=11") {
		t.Errorf("String() = %q, does not say the seed", s)
	}
}

// TestRelayKeepsClientsApart: each client gets its own answers.
func TestRelayKeepsClientsApart(t *testing.T) {
	server := echoServer(t)
	front := packets(t)
	w := Relay{}.Start(soon(t), front, server, dialPackets)
	var clients []net.Conn
	for i := range 10 {
		c, err := new(net.Dialer).DialContext(t.Context(), "udp", front.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		clients = append(clients, c)
		_, _ = fmt.Fprintf(c, "client %d", i)
	}
	for i, c := range clients {
		if came := collect(t, c, 1); len(came) != 1 || came[0] != fmt.Sprintf("client %d", i) {
			t.Errorf("client %d got %q", i, came)
		}
	}
	_, _ = w.Close()
	_, _ = w.Close() // twice does no harm
}

// TestRelayEnds: with its context, and without anyone having sent.
func TestRelayEnds(t *testing.T) {
	front := packets(t)
	w := Relay{}.Start(within(t, 20*time.Millisecond), front, front.LocalAddr(), dialPackets)
	begun := time.Now()
	w.pumps.Wait()
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the relay ended after %s", took)
	}
	_, _ = w.Close()
}

// TestRelayManySockets has a program send from one socket after the other: the relay
// serves so many, and has a socket of its own for no more.
func TestRelayManySockets(t *testing.T) {
	front := packets(t)
	w := Relay{}.Start(soon(t), front, echoServer(t), dialPackets)
	for range maxClients + 20 {
		client, err := new(net.Dialer).DialContext(t.Context(), "udp", front.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.Close() }() // or another has its port
		if _, err := client.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	ctx := soon(t)
	for heard := 0; heard < maxClients+20 && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		r, _ := w.Record()
		heard = r.Received / len("hello")
	}
	r, _ := w.Close()
	if n := len(w.backs); n != maxClients {
		t.Errorf("%d sockets are served, want %d", n, maxClients)
	}
	said := 0
	for _, turn := range r.Conversation {
		if strings.Contains(turn.Note, "is one socket too many: 100 are served") {
			said++
		}
	}
	if said != 20 {
		t.Errorf("of 20 sockets too many it said %d times so", said)
	}
}
