package main

import (
	"fmt"
	"testing"
	"time"

	"sockets/runner/check"
	"sockets/runner/peer"
)

func TestUDPServer(t *testing.T) {
	p := start(t, "answers datagrams")
	a, b := p.DialUDP(), p.DialUDP()
	a.Send("one")
	b.Send("two")
	b.Want("two")
	a.Want("one")
	a.Send("")
	a.Want("")
	b.Send("x")
	b.Send("y")
	b.WantAll("y", "x")
	b.WantNothing(50 * time.Millisecond)
	a.Send("bye")
	if a.WantOneOf("hello", "bye") != "bye" {
		t.Error("it was the other one")
	}
	p.WantExit(0)
}

func once(t *testing.T, fault string) {
	t.Helper()
	d := start(t, fault).DialUDP()
	d.Send("hello")
	d.Want("hello")
}

func TestUDPShouts(t *testing.T)   { once(t, "shouts datagrams") }
func TestUDPSplits(t *testing.T)   { once(t, "splits datagrams") }
func TestUDPSwallows(t *testing.T) { once(t, "swallows datagrams") }
func TestUDPClosed(t *testing.T)   { once(t, "closes") }

func TestUDPTalks(t *testing.T) {
	d := start(t, "answers datagrams").DialUDP()
	d.Send("hello")
	d.WantNothing(time.Second)
}

// TestUDPFloods has more datagrams come than a report has room for.
func TestUDPFloods(t *testing.T) {
	d := start(t, "floods datagrams").DialUDP()
	d.Send("hello")
	d.Await("never")
}

// TestUDPHoards has them come from a socket that the check does not look at.
func TestUDPHoards(t *testing.T) {
	check.Points(t, 1)
	ln := check.ListenUDP(t)
	check.Run(t, "", "floods over UDP", ln.Addr())
	ln.Accept().Await("never")
}

// TestUDPSockets has each come from another socket.
func TestUDPSockets(t *testing.T) {
	check.Points(t, 1)
	ln := check.ListenUDP(t)
	check.Run(t, "", "has many sockets", ln.Addr())
	d := ln.Accept()
	d.Await("hello")
	d.Await("never")
}

// TestUDPLossyServer: what is sent twice is answered twice, what is lost is not.
func TestUDPLossyServer(t *testing.T) {
	d := start(t, "answers datagrams").DialLossy(peer.Relay{Out: peer.Fault{First: 1, Duplicate: 1}, In: peer.Fault{Reorder: 1}})
	d.Send("lost")
	d.Send("one")
	d.Want("one")
	d.Want("one")
	d.WantNothing(100 * time.Millisecond)
	for i := range 20 {
		text := fmt.Sprint("number ", i)
		d.Send(text)
		d.Await(text)
	}
}

// TestUDPLost is to show what the wire did.
func TestUDPLost(t *testing.T) {
	d := start(t, "answers datagrams").DialLossy(peer.Relay{In: peer.Fault{First: 1}})
	d.Send("hello")
	d.Want("hello")
}

// answers answers the program's three questions.
func answers(t *testing.T, ln *check.UDPListener) {
	t.Helper()
	p := check.Run(t, "", "asks over UDP", ln.Addr())
	d := ln.Accept()
	for q := range 3 {
		d.Await(fmt.Sprint("question ", q+1))
		d.Send("nonsense")
		d.Send(fmt.Sprint("answer ", q+1))
		p.WantStdout(fmt.Sprint("answer ", q+1, "\n"))
	}
	p.WantExit(0)
	ln.WantNobody()
}

func TestUDPClient(t *testing.T) {
	check.Points(t, 1)
	answers(t, check.ListenUDP(t))
}

func TestUDPLossyClient(t *testing.T) {
	check.Points(t, 1)
	answers(t, check.ListenLossy(t, peer.Relay{
		Out: peer.Fault{First: 2, Drop: 0.3, Duplicate: 0.2}, In: peer.Fault{Duplicate: 0.5, Reorder: 0.3},
	}))
}

func TestUDPNobody(t *testing.T) {
	check.Points(t, 1)
	check.Deadline(t, 2*time.Second)
	ln := check.ListenUDP(t)
	p := check.Run(t, "", "counts")
	p.WantStdout("41 and more\n")
	p.WantExit(0)
	ln.WantNobody()
	ln.Accept()
}

func TestUDPSomebody(t *testing.T) {
	check.Points(t, 1)
	ln, other := check.ListenUDP(t), check.ListenUDP(t)
	p := check.Run(t, "", "asks over UDP", ln.Addr())
	d := ln.Accept()
	for q := range 3 {
		d.Await(fmt.Sprint("question ", q+1))
		d.Send(fmt.Sprint("answer ", q+1))
	}
	p.WantStdout("answer 1\nanswer 2\nanswer 3\n")
	p.WantExit(0)
	other.WantNobody()
	d.Await("question 4")
}
