package peer

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"sockets/runner/report"
)

// TestStepByStep: two conversations that no peer has, at once, with one clock.
func TestStepByStep(t *testing.T) {
	addr := serve(t, func(c *net.TCPConn) { _, _ = io.Copy(c, c) })
	start := time.Now()
	a, b := NewConn(dial(t, addr), start), NewConn(dial(t, addr), start)
	say := func(c *Conn, text string) {
		t.Helper()
		if err := (Drip{}).Send(soon(t), c, []byte(text)); err != nil {
			t.Fatal(err)
		}
		back := make([]byte, len(text))
		if _, err := io.ReadFull(c, back); err != nil || string(back) != text {
			t.Fatalf("said %q, read %q, %v", text, back, err)
		}
	}
	say(b, "hi")
	a.Note("the other one was served first")
	say(a, "yo")
	say(b, "bye")
	if n := len(b.Conversation()); n != 4 {
		t.Errorf("%d turns so far, want 4", n)
	}
	for _, c := range []*Conn{a, b} {
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	ra, rb := a.Finish(soon(t), []byte("yo")), b.Finish(soon(t), []byte("hibye"))
	if ra.Ending != Clean || rb.Ending != Clean {
		t.Errorf("endings %s and %s, want %s", ra.Ending, rb.Ending, Clean)
	}
	var said []string
	for _, turn := range report.Together(ra.Conversation.Named("a"), rb.Conversation.Named("b")) {
		if turn.Who == report.We {
			said = append(said, turn.Peer+string(turn.Bytes))
		}
	}
	if got := strings.Join(said, " "); got != "bhi ayo bbye" {
		t.Errorf("together they said %q, want b's hi, a's yo, b's bye", got)
	}
}

// TestStepEndings: a conversation step by step is judged as an exchange is.
func TestStepEndings(t *testing.T) {
	for server, want := range map[string]Ending{
		"answers at EOF": Clean, "half a reply": Short, "resets": ResetBefore, "another reply": Other, "only reads": Nothing,
	} {
		c := NewConn(dial(t, serve(t, servers[server])), time.Now())
		if _, err := io.WriteString(c, request); err != nil {
			t.Fatal(err)
		}
		_ = c.CloseWrite() // a reset may have come first
		if r := c.Finish(soon(t), []byte(reply)); r.Ending != want || r.Err != nil {
			t.Errorf("%s: ending %s (%v), want %s\n%s", server, r.Ending, r.Err, want, said(r))
		}
	}
}

// TestLongRequest: a request without the end that an answer waits for costs no
// more the longer it is.
func TestLongRequest(t *testing.T) {
	h := host(t, listen(t), Answer{Until: []byte("\n"), Send: messages("too late\n")})
	r := Exchange{Way: Flood{N: 32 << 20}, HalfClose: true}.Meet(soon(t), dial(t, h.Addr().String()))
	if r.Received != 0 || r.Sent != 32<<20 {
		t.Errorf("received %d, sent %d", r.Received, r.Sent)
	}
	r = Exchange{Send: messages("split\r", "\n"), HalfClose: true}.Meet(soon(t), dial(t, h.Addr().String()))
	if string(r.Got) != "too late\n" {
		t.Errorf("got %q", r.Got)
	}
}
