package main

import (
	"os"
	"sync"
	"testing"

	"sockets/runner/check"
	"sockets/runner/peer"
)

// greeting is what a server that answers at once says.
var greeting = peer.Exchange{Send: [][]byte{[]byte("hi there\n")}, Want: []byte("hello\n")}

// TestUnread meets a server that answers and closes with input unread. Whether a
// read sees the end or a reset is chance; the ending must not be.
func TestUnread(t *testing.T) {
	n := 40
	if os.Getenv("SOCKETS_TEST") == "full" {
		n = 1000
	}
	p := start(t, "answers at once")
	for range n / 20 {
		var conns [20]*check.Conn
		for i := range conns {
			conns[i] = p.Dial()
		}
		var records [20]peer.Record
		var meetings sync.WaitGroup
		for i := range conns {
			meetings.Go(func() { records[i] = conns[i].Meet(greeting) })
		}
		meetings.Wait()
		for _, r := range records {
			check.WantEnding(t, r, peer.ResetAfter)
		}
	}
}

func TestUnreadWrong(t *testing.T) {
	r := start(t, "answers at once").Dial().Meet(greeting)
	check.WantEnding(t, r, peer.Clean, peer.Open)
}

func TestEndingLate(t *testing.T) {
	r := start(t, "").Dial().Meet(peer.Exchange{Send: [][]byte{[]byte("hello\n")}, Want: []byte("hello\n")})
	check.WantEnding(t, r, peer.Clean)
}
