package check

import (
	"fmt"
	"testing"
	"time"

	"sockets/runner/report"
)

// TestTurns has conversations of any length: the first turns and the last are kept,
// in their order, and how many are not is said.
func TestTurns(t *testing.T) {
	const most = firstTurns + lastTurns
	for _, n := range []int{0, 1, firstTurns, firstTurns + 1, most, most + 1, most + lastTurns, 10*most + 17} {
		c := &check{t: t, began: time.Now()}
		for i := range n {
			c.datagram("", report.Program, []byte("ab"), i)
		}
		if n > 0 {
			c.datagram("", report.Program, []byte("cd"), n-1) // more of the last
		}
		got := c.conversation()
		var want []string
		for i := range n {
			switch {
			case i < firstTurns || i >= n-lastTurns:
				want = append(want, fmt.Sprintf("datagram %d", i))
			case i == firstTurns:
				want = append(want, fmt.Sprint(n-most, " turns were not kept"))
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d turns are kept as %d, want %d", n, len(got), len(want))
		}
		for i, turn := range got {
			note := turn.Note
			if turn.Left > 0 {
				note = fmt.Sprint(turn.Left, " turns were not kept")
			}
			if note != want[i] {
				t.Errorf("of %d turns, turn %d is %q, want %q", n, i, note, want[i])
			}
		}
		if n > 0 && string(got[len(got)-1].Bytes) != "abcd" {
			t.Errorf("the last of %d turns is %q, want all of it", n, got[len(got)-1].Bytes)
		}
	}
}
