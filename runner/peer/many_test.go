package peer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// interleaved has k clients send a line of their own each, and want it back.
func interleaved(seed uint64, k, piece int) Interleave {
	i := Interleave{Seed: seed, Piece: piece, Pause: 300 * time.Millisecond}
	for n := range k {
		line := []byte(fmt.Sprintf("client %d says %s\n", n, strings.Repeat(string(rune('a'+n)), 20)))
		i.Exchanges = append(i.Exchanges, Exchange{Send: [][]byte{line}, HalfClose: true, Want: line})
	}
	return i
}

func meet(t *testing.T, i Interleave, addr string) []Record {
	t.Helper()
	var conns []net.Conn
	for range i.Exchanges {
		conns = append(conns, dial(t, addr))
	}
	records, err := i.Meet(soon(t), conns...)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestInterleave(t *testing.T) {
	good := serve(t, func(c *net.TCPConn) {
		if line, err := bufio.NewReader(c).ReadString('\n'); err == nil {
			_, _ = io.WriteString(c, line)
		}
	})
	// One buffer for everybody: the mistake this peer finds.
	var mu sync.Mutex
	var shared bytes.Buffer
	bad := serve(t, func(c *net.TCPConn) {
		b := make([]byte, 1)
		for {
			if _, err := c.Read(b); err != nil {
				return
			}
			mu.Lock()
			shared.WriteByte(b[0])
			if b[0] == '\n' {
				_, _ = c.Write(shared.Bytes())
				shared.Reset()
				mu.Unlock()
				return
			}
			mu.Unlock()
		}
	})
	for _, piece := range []int{0, 1, 7} {
		for n, r := range meet(t, interleaved(9, 5, piece), good) {
			if r.Ending != Clean {
				t.Errorf("piece %d, client %d: ending %s, got %q\n%s", piece, n, r.Ending, r.Got, said(r))
			}
		}
		caught := 0
		for _, r := range meet(t, interleaved(9, 5, piece), bad) {
			if r.Ending != Clean {
				caught++
			}
		}
		if caught == 0 {
			t.Errorf("piece %d: a server that mixes connections up was not caught", piece)
		}
		mu.Lock()
		shared.Reset()
		mu.Unlock()
	}
}

// TestInterleaveOrder: the order is the seed's, holds every piece once, and
// really changes between the connections.
func TestInterleaveOrder(t *testing.T) {
	lines := [][]byte{make([]byte, 10), make([]byte, 10), make([]byte, 3)}
	order := func(seed uint64, piece int) []int {
		return slices.Concat(Interleave{Seed: seed, Piece: piece}.order(lines))
	}
	one, again, other := order(1, 1), order(1, 1), order(2, 1)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("seed 1 gives %v and %v, seed 2 %v", one, again, other)
	}
	counts := map[int]int{}
	for _, k := range order(5, 4) {
		counts[k]++
	}
	if counts[0] != 3 || counts[1] != 3 || counts[2] != 1 {
		t.Errorf("pieces of 4: %v, want 3, 3 and 1", counts)
	}
	if s := interleaved(4, 2, 0).String(); s != "interleave(k=2, piece=1, seed=4)" {
		t.Errorf("String() = %q", s)
	}
}

func TestInterleaveCounts(t *testing.T) {
	addr := serve(t, servers["only reads"])
	if _, err := interleaved(1, 2, 1).Meet(soon(t), dial(t, addr)); err == nil {
		t.Error("two exchanges over one connection: no error")
	}
}
