package peer

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sockets/runner/report"
	"sockets/runner/tier"
)

// TestEndings has each server meet an exchange, three times.
func TestEndings(t *testing.T) {
	tests := []struct {
		server string
		half   bool
		want   Ending
		linux  bool // needs what only that kernel tells
	}{
		{"answers at EOF", true, Clean, false},
		{"answers at EOF", false, Nothing, false},
		{"answers a request", false, Clean, false},
		{"answers a request", true, Clean, false},
		{"answers without reading", false, ResetAfter, true},
		{"reads one byte", false, ResetAfter, true},
		{"reads one byte", true, ResetAfter, true},
		{"lingers", true, Clean, false},
		{"never closes", true, HalfCloseIgnored, false},
		{"never closes", false, Open, false},
		{"never answers", true, HalfCloseIgnored, false},
		{"never answers", false, Nothing, false},
		{"only reads", true, Nothing, false},
		{"half a reply", true, Short, false},
		{"half a reply, and waits", true, Short, false},
		{"half a reply, and resets", false, ResetBefore, false},
		{"resets", false, ResetBefore, false},
		{"two replies", true, Extra, false},
		{"another reply", true, Other, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s, half-close %t", test.server, test.half), func(t *testing.T) {
			t.Parallel()
			if test.linux && runtime.GOOS != "linux" {
				tier.Lacks(t, "only Linux tells a late RST")
			}
			addr := serve(t, servers[test.server])
			for range 3 {
				e := Exchange{Send: [][]byte{[]byte(request)}, HalfClose: test.half, Want: []byte(reply)}
				ctx := soon(t)
				if waits(test.want) || test.server == "half a reply, and waits" || !test.half && test.want == Nothing {
					ctx = within(t, 700*time.Millisecond)
				}
				r := e.Meet(ctx, dial(t, addr))
				if r.Ending != test.want || r.Err != nil {
					t.Fatalf("ending %s (%v), want %s\ngot %q\n%s", r.Ending, r.Err, test.want, r.Got, said(r))
				}
				if r.Received != len(r.Got) || r.Sent != len(request) && r.Ending != ResetAfter {
					t.Errorf("received %d, got %d; sent %d of %d", r.Received, len(r.Got), r.Sent, len(request))
				}
			}
		})
	}
}

// waits reports whether an ending is only known at the deadline.
func waits(e Ending) bool { return e == HalfCloseIgnored || e == Open }

func said(r Record) string {
	var b strings.Builder
	for _, turn := range r.Conversation {
		fmt.Fprintf(&b, "%s %s %q\n", turn.At, turn.What(), turn.Bytes)
	}
	return b.String()
}

// TestSameEndingAlways is the flake this package is made against: a server that
// answers and closes with input unread. Whether a read sees EOF or a reset is
// chance; the ending must not be.
func TestSameEndingAlways(t *testing.T) {
	if runtime.GOOS != "linux" {
		tier.Lacks(t, "only Linux tells a late RST")
	}
	n := 200
	if tier.Full() {
		n = 1000
	}
	for _, server := range []string{"answers without reading", "reads one byte"} {
		for _, way := range []Way{Whole{}, Drip{}, Coalesce{}} {
			t.Run(fmt.Sprintf("%s, %s", server, way), func(t *testing.T) {
				addr := serve(t, servers[server])
				e := Exchange{Send: [][]byte{[]byte(request), []byte(request)}, Way: way, Want: []byte(reply)}
				endings := map[Ending]int{}
				for range n {
					r := e.Meet(soon(t), dial(t, addr))
					endings[r.Ending]++
					if string(r.Got) != reply {
						t.Fatalf("got %q, want the whole reply\n%s", r.Got, said(r))
					}
				}
				if endings[ResetAfter] != n {
					t.Errorf("endings %v, want %d times %s", endings, n, ResetAfter)
				}
			})
		}
	}
}

// TestGoodServerAlways: a server without that mistake never looks as if it had
// it, either.
func TestGoodServerAlways(t *testing.T) {
	n := 100
	if tier.Full() {
		n = 1000
	}
	for _, server := range []string{"answers at EOF", "answers a request", "lingers"} {
		addr := serve(t, servers[server])
		for range n {
			e := Exchange{Send: [][]byte{[]byte(request)}, HalfClose: true, Want: []byte(reply)}
			if r := e.Meet(soon(t), dial(t, addr)); r.Ending != Clean {
				t.Fatalf("%s: ending %s (%v), want %s\n%s", server, r.Ending, r.Err, Clean, said(r))
			}
		}
	}
}

// TestHalfCloseThenClose: the FIN of a half-close may be all we hear of it, or
// the RST may follow in time; both are said as they are.
func TestHalfCloseThenClose(t *testing.T) {
	addr := serve(t, servers["half-closes without reading"])
	for range 50 {
		r := Exchange{Send: [][]byte{[]byte(request)}, Want: []byte(reply)}.Meet(soon(t), dial(t, addr))
		if r.Ending != Clean && r.Ending != ResetAfter {
			t.Fatalf("ending %s, want %s or %s", r.Ending, Clean, ResetAfter)
		}
	}
}

func TestJudge(t *testing.T) {
	w := []byte("abc")
	tests := []struct {
		want []byte
		got  string
		end  End
		half bool
		is   Ending
	}{
		{w, "abc", EndOfStream, false, Clean},
		{w, "abc", EndOfStream, true, Clean},
		{w, "abc", ConnectionReset, false, ResetAfter},
		{w, "abc", StillOpen, false, Open},
		{w, "abc", StillOpen, true, HalfCloseIgnored},
		{w, "abcd", EndOfStream, false, Extra},
		{w, "abcd", StillOpen, false, Extra},
		{w, "abcd", ConnectionReset, false, Extra},
		{w, "ab", EndOfStream, false, Short},
		{w, "ab", StillOpen, true, Short},
		{w, "ab", ConnectionReset, false, ResetBefore},
		{w, "abx", EndOfStream, false, Other},
		{w, "x", ConnectionReset, false, Other},
		{w, "xbcdef", EndOfStream, false, Other},
		{w, "", EndOfStream, false, Nothing},
		{w, "", StillOpen, false, Nothing},
		{w, "", StillOpen, true, HalfCloseIgnored},
		{w, "", ConnectionReset, false, ResetBefore},
		{[]byte{}, "", EndOfStream, false, Clean},
		{[]byte{}, "", ConnectionReset, false, ResetAfter},
		{[]byte{}, "", StillOpen, false, Open},
		{[]byte{}, "x", EndOfStream, false, Other},
		{nil, "x", EndOfStream, false, Clean},
		{nil, "x", ConnectionReset, false, ResetAfter},
		{nil, "x", StillOpen, true, HalfCloseIgnored},
		{nil, "", EndOfStream, false, Nothing},
		{nil, "", ConnectionReset, false, ResetBefore},
		{w, "abc", CutByUs, false, ByUs},
		{w, "abc", Unended, false, Unknown},
	}
	for _, test := range tests {
		if is := Judge(test.want, []byte(test.got), test.end, test.half); is != test.is {
			t.Errorf("Judge(%q, %q, %d, %t) = %s, want %s", test.want, test.got, test.end, test.half, is, test.is)
		}
	}
}

func TestEndingNames(t *testing.T) {
	var names []string
	for e := range endings {
		name, about := Ending(e).String(), Ending(e).About()
		if name == "" || !strings.HasSuffix(about, ".") || slices.Contains(names, name) {
			t.Errorf("ending %d is %q: %q", e, name, about)
		}
		names = append(names, name)
	}
	for _, e := range []Ending{-1, Ending(len(endings))} {
		if e.String() != "unknown" || e.About() != Unknown.About() {
			t.Errorf("Ending(%d) is %q", int(e), e)
		}
	}
	if zero := (Record{}).Ending; zero != Unknown {
		t.Errorf("the zero record ended %s", zero)
	}
}

// TestConversationIsShown: what a peer recorded is what a report shows.
func TestConversationIsShown(t *testing.T) {
	addr := serve(t, servers["answers at EOF"])
	r := Exchange{Send: [][]byte{[]byte("a"), []byte("b")}, HalfClose: true, Want: []byte(reply)}.Meet(soon(t), dial(t, addr))
	row := report.Row{Outcome: report.Outcome{Verdict: report.Fail, Conversation: r.Conversation}}
	text := row.Detail()
	at := 0
	for _, part := range []string{"we sent 2 bytes in 2 pieces", "61 62", "we closed our side (FIN)", "came 7 bytes", "|+PONG..|", "the program closed its side (FIN)"} {
		next := strings.Index(text[at:], part)
		if next < 0 {
			t.Fatalf("%q is missing or too early in:\n%s", part, text)
		}
		at += next
	}
	for i := 1; i < len(r.Conversation); i++ {
		if r.Conversation[i].At < r.Conversation[i-1].At {
			t.Errorf("turn %d is at %s, the one before at %s", i, r.Conversation[i].At, r.Conversation[i-1].At)
		}
	}
}
