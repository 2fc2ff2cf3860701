package peer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A taken is what a server read and how that ended.
type taken struct {
	b    []byte
	err  error
	segs int // segments with data; 0 where the kernel does not say
}

// taker serves by reading all, and gives what it read.
func taker(t *testing.T) (string, chan taken) {
	t.Helper()
	all := make(chan taken, 16)
	return serve(t, func(c *net.TCPConn) {
		b, err := io.ReadAll(c)
		all <- taken{b, err, segments(c)}
	}), all
}

func messages(texts ...string) [][]byte {
	var m [][]byte
	for _, text := range texts {
		m = append(m, []byte(text))
	}
	return m
}

// met has the exchange and what the server took of it. On a busy machine a
// kernel may send a segment again that was not lost; then they meet once more.
func met(t *testing.T, e Exchange, addr string, all chan taken, segs int) (Record, taken) {
	t.Helper()
	for again := 0; ; again++ {
		r := e.Meet(soon(t), dial(t, addr))
		got := <-all
		if segs == 0 || got.segs <= segs || again == 5 {
			return r, got
		}
	}
}

// TestWays: what arrives, how it ends there, and in how many segments.
func TestWays(t *testing.T) {
	long := strings.Repeat("x", 400)
	garbage := Garbage{Seed: 7, N: 1000}
	tests := []struct {
		way   Way
		half  bool
		want  string
		reset bool
		segs  int // 0: not looked at
	}{
		{Whole{}, true, "one\ntwo\n", false, 2},
		{Coalesce{}, true, "one\ntwo\n", false, 1},
		{Drip{}, true, "one\ntwo\n", false, 8},
		{Drip{Pause: time.Millisecond}, true, "one\ntwo\n", false, 8},
		{Stall{N: 3, For: 20 * time.Millisecond}, true, "one\ntwo\n", false, 2},
		{Stall{N: 0, For: time.Millisecond}, true, "one\ntwo\n", false, 1},
		{Stall{N: 99, For: time.Millisecond}, true, "one\ntwo\n", false, 1},
		{FIN{N: 5}, false, "one\nt", false, 1},
		{FIN{N: 0}, false, "", false, 0},
		{RST{N: 5}, false, "one\nt", true, 0},
		{RST{N: 0}, false, "", true, 0},
		{Flood{N: 100_000}, true, "one\ntwo\n" + strings.Repeat("A", 100_000), false, 0},
		{Flood{N: 10, Byte: 'z'}, true, "one\ntwo\nzzzzzzzzzz", false, 0},
		{garbage, true, "one\ntwo\n" + string(garbage.Bytes()), false, 1},
	}
	addr, all := taker(t)
	for _, test := range tests {
		t.Run(test.way.String(), func(t *testing.T) {
			e := Exchange{Send: messages("one\n", "two\n"), Way: test.way, HalfClose: test.half, Want: []byte{}}
			r, got := met(t, e, addr, all, test.segs)
			if string(got.b) != test.want {
				t.Errorf("%d bytes arrived, want %d: %.60q, want %.60q", len(got.b), len(test.want), got.b, test.want)
			}
			if reset := isReset(got.err); reset != test.reset || got.err != nil && !reset {
				t.Errorf("the server read %v, want a reset: %t", got.err, test.reset)
			}
			if test.segs > 0 && got.segs > 0 && got.segs != test.segs {
				t.Errorf("it came in %d segments, want %d", got.segs, test.segs)
			}
			want := Clean
			if test.reset {
				want = ByUs
			}
			if r.Ending != want || r.Err != nil || r.Sent != len(test.want) {
				t.Errorf("ending %s (%v), sent %d; want %s, nil, %d\n%s", r.Ending, r.Err, r.Sent, want, len(test.want), said(r))
			}
			if r.Peer != test.way.String() {
				t.Errorf("the record is of %q, want %q", r.Peer, test.way)
			}
		})
	}
	t.Run("a long drip", func(t *testing.T) {
		e := Exchange{Send: messages(long), Way: Drip{}, HalfClose: true, Want: []byte{}}
		r, got := met(t, e, addr, all, len(long))
		if string(got.b) != long || got.segs > 0 && got.segs != len(long) {
			t.Errorf("%d bytes in %d segments, want %d in as many", len(got.b), got.segs, len(long))
		}
		if n := len(r.Conversation); n != 3 || r.Conversation[0].Pieces != len(long) {
			t.Errorf("the conversation has %d turns, want 3: what we sent, two ends\n%s", n, said(r))
		}
	})
}

// TestStallIsSilent: between the first bytes and the rest lies the silence.
func TestStallIsSilent(t *testing.T) {
	const silence = 80 * time.Millisecond
	gap := make(chan time.Duration, 1)
	addr := serve(t, func(c *net.TCPConn) {
		if _, err := io.ReadFull(c, make([]byte, 3)); err != nil {
			return
		}
		begun := time.Now()
		if _, err := c.Read(make([]byte, 1)); err == nil {
			gap <- time.Since(begun)
		}
		_, _ = io.Copy(io.Discard, c)
	})
	Exchange{Send: messages("abcdef"), Way: Stall{N: 3, For: silence}, HalfClose: true}.Meet(soon(t), dial(t, addr))
	if got := <-gap; got < silence*3/4 {
		t.Errorf("the rest came after %s, want about %s", got, silence)
	}
}

// TestStallEnds: a stall for good ends when the other side hangs up, or when
// the context does, and not later.
func TestStallEnds(t *testing.T) {
	addr := serve(t, func(c *net.TCPConn) { _, _ = io.ReadFull(c, make([]byte, 2)) })
	begun := time.Now()
	r := Exchange{Send: messages("abc"), Way: Stall{N: 2}, Want: []byte{}}.Meet(soon(t), dial(t, addr))
	if r.Ending != Clean || r.Sent != 2 || time.Since(begun) > 10*time.Second {
		t.Errorf("ending %s, sent %d, after %s", r.Ending, r.Sent, time.Since(begun))
	}
	r = Exchange{Send: messages("abc"), Way: Stall{N: 1}, Want: []byte{}}.Meet(within(t, 300*time.Millisecond), dial(t, addr))
	if r.Ending != Open || r.Sent != 1 || r.Err != nil {
		t.Errorf("ending %s (%v), sent %d; want %s, 1", r.Ending, r.Err, r.Sent, Open)
	}
}

// TestFloodMeetsALimit: a server with a limit hangs up, one without takes all.
func TestFloodMeetsALimit(t *testing.T) {
	const n = 32 << 20
	limited := serve(t, func(c *net.TCPConn) {
		if _, err := bufio.NewReaderSize(c, 4096).ReadSlice('\n'); errors.Is(err, bufio.ErrBufferFull) {
			_, _ = io.WriteString(c, "too long\n")
		}
	})
	r := Exchange{Way: Flood{N: n}, Want: []byte("too long\n")}.Meet(soon(t), dial(t, limited))
	if r.Ending != ResetAfter && r.Ending != ResetBefore || r.Sent >= n {
		t.Errorf("ending %s, sent %d of %d; want a reset before all of it", r.Ending, r.Sent, n)
	}
	addr, all := taker(t)
	r = Exchange{Way: Flood{N: n}, HalfClose: true, Want: []byte{}}.Meet(soon(t), dial(t, addr))
	if got := <-all; r.Ending != Clean || r.Sent != n || len(got.b) != n || bytes.ContainsRune(got.b, '\n') {
		t.Errorf("ending %s, sent %d, arrived %d of %d", r.Ending, r.Sent, len(got.b), n)
	}
}

// TestBothWays: a reply as long as the request is read while we send, or both
// sides would wait for the other's buffer.
func TestBothWays(t *testing.T) {
	addr := serve(t, func(c *net.TCPConn) { _, _ = io.Copy(c, c) })
	g := Garbage{Seed: 3, N: 16 << 20}
	r := Exchange{Way: g, HalfClose: true, Want: g.Bytes()}.Meet(soon(t), dial(t, addr))
	if r.Ending != Clean || r.Received != g.N {
		t.Errorf("ending %s, %d bytes of %d", r.Ending, r.Received, g.N)
	}
	kept := 0
	for _, turn := range r.Conversation {
		kept += len(turn.Bytes)
	}
	if kept > keepTurn*len(r.Conversation) || len(r.Conversation) > keepTurns+10 {
		t.Errorf("the conversation keeps %d bytes in %d turns", kept, len(r.Conversation))
	}
}

func TestGarbageIsSeeded(t *testing.T) {
	a, b := Garbage{Seed: 1, N: 4096}, Garbage{Seed: 2, N: 4096}
	if !bytes.Equal(a.Bytes(), a.Bytes()) || bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same seed must give the same bytes, another seed others")
	}
	if !strings.Contains(a.String(), "seed=1") {
		t.Errorf("String() = %q, does not say the seed", a)
	}
	counts := map[byte]int{}
	for _, c := range a.Bytes() {
		counts[c]++
	}
	if len(counts) < 250 {
		t.Errorf("%d different bytes of 256", len(counts))
	}
	if n := len(Garbage{N: -1}.Bytes()); n != 0 {
		t.Errorf("%d bytes for N = -1", n)
	}
}

// TestLeave: with Leave a peer goes once it has what it wants.
func TestLeave(t *testing.T) {
	addr := serve(t, servers["never closes"])
	begun := time.Now()
	r := Exchange{Send: messages(request), Want: []byte(reply), Leave: true}.Meet(soon(t), dial(t, addr))
	if r.Ending != Open || time.Since(begun) > 10*time.Second {
		t.Errorf("ending %s after %s, want %s at once", r.Ending, time.Since(begun), Open)
	}
}

// TestContextEnds: a context that ends, ends the conversation.
func TestContextEnds(t *testing.T) {
	addr := serve(t, servers["never answers"])
	for _, way := range []Way{Whole{}, Stall{}, Drip{Pause: time.Hour}} {
		begun := time.Now()
		r := Exchange{Send: messages("abc"), Way: way, Want: []byte(reply)}.Meet(within(t, 30*time.Millisecond), dial(t, addr))
		if took := time.Since(begun); took > 10*time.Second || r.Ending != Nothing {
			t.Errorf("%s: ending %s after %s", way, r.Ending, took)
		}
	}
}
