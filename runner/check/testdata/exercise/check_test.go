package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"sockets/runner/check"
	"sockets/runner/peer"
)

func TestMain(m *testing.M) { check.Main(m, "exercise") }

// start is what most checks here begin with.
func start(t *testing.T, fault string) *check.Program {
	t.Helper()
	check.Points(t, 1)
	check.Hint(t, "the hint")
	check.Deadline(t, 2*time.Second)
	return check.Serve(t, fault)
}

func talk(p *check.Program) *check.Conn {
	c := p.Dial()
	c.Send("hi\n")
	c.Want("hi\n")
	return c
}

func TestGood(t *testing.T) {
	p := start(t, "")
	before := p.Usage().Descriptors()
	a, b := talk(p), talk(p)
	b.Send("yo")
	b.Want("yo")
	b.HalfClose()
	b.WantEOF()
	a.Reset()
	p.WantDescriptors(before + 2)
	p.WantThreads(20)
	p.WantPeak(64 << 20)
	p.WantIdle(300*time.Millisecond, 20)
	p.Signal(syscall.SIGTERM)
	p.WantStdout("bye\n")
	p.WantExit(0)
}

func TestStdin(t *testing.T) {
	check.Points(t, 1)
	check.Stdin(t, "some\ntext")
	p := check.Run(t, "", "reads stdin")
	p.WantStdout("some\ntext")
	p.WantExit(0)
}

// head has the program send the text as a request of two lines.
func head(t *testing.T, ln *check.Listener, text string) (*check.Program, *check.Conn) {
	t.Helper()
	p := check.Run(t, "", "asks", ln.Addr(), text)
	c := ln.Accept()
	c.WantHead("GET / HTTP/1.0", "Host: x")
	return p, c
}

func TestHead(t *testing.T) {
	check.Points(t, 1)
	check.Output(t, 3<<20)
	p, c := head(t, check.Listen6(t), "GET / HTTP/1.0\r\nA: b\r\nhost:x \r\n\r\nmore")
	c.Want("more")
	much := strings.Repeat("x", 2<<20)
	c.Send(much)
	c.HalfClose()
	p.WantStdout(much)
	p.WantExit(0)
	c.WantEOF()
}

func TestHeadLF(t *testing.T) {
	check.Points(t, 1)
	head(t, check.Listen(t), "GET / HTTP/1.0\nHost: x\n\n")
}

func TestHeadOther(t *testing.T) {
	check.Points(t, 1)
	head(t, check.Listen(t), "GET /x HTTP/1.0\r\nHost: x\r\n\r\n")
}

func TestHeadTwice(t *testing.T) {
	check.Points(t, 1)
	head(t, check.Listen(t), "GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n")
}

func TestHeadWithout(t *testing.T) {
	check.Points(t, 1)
	head(t, check.Listen(t), "GET / HTTP/1.0\r\nA: b\r\n\r\n")
}

func TestHeadOpen(t *testing.T) {
	check.Points(t, 1)
	check.Deadline(t, 2*time.Second)
	head(t, check.Listen(t), "GET / HTTP/1.0\r\nHost: x\r\n")
}

func TestFarOff(t *testing.T) {
	check.Points(t, 1)
	p, c := head(t, check.Listen(t), "GET / HTTP/1.0\r\nHost: x\r\n\r\n")
	c.Send(strings.Repeat("x", 100_000) + "here" + strings.Repeat("x", 100_000))
	c.Close()
	p.WantStdout(strings.Repeat("x", 200_004))
}

func TestCalls(t *testing.T) {
	check.Points(t, 1)
	check.Traced(t)
	p := check.Serve(t)
	talk(p)
	p.Signal(syscall.SIGTERM)
	p.WantStdout("bye\n")
	p.WantExit(0)
	p.Called("listen")
	p.NotCalled("connect")
	p.WantReads(10)
}

func TestCallsWrong(t *testing.T) {
	check.Points(t, 1)
	check.Traced(t)
	p := check.Serve(t)
	talk(p)
	p.Signal(syscall.SIGTERM)
	p.WantStdout("bye\n")
	p.WantExit(0)
	p.NotCalled("listen")
}

func TestSeed(t *testing.T) {
	p := start(t, "")
	talk(p)
	fmt.Println("random:", check.Seed(t).Uint64())
}

func TestPanics(t *testing.T)    { talk(start(t, "panics")) }
func TestHangs(t *testing.T)     { talk(start(t, "hangs")) }
func TestLeaves(t *testing.T)    { talk(start(t, "leaves")) }
func TestSilent(t *testing.T)    { talk(start(t, "silent")) }
func TestNoWord(t *testing.T)    { talk(start(t, "says nothing")) }
func TestShouts(t *testing.T)    { c := start(t, "shouts").Dial(); c.Send("hi"); c.Want("hi there") }
func TestMore(t *testing.T)      { talk(start(t, "shouts")).WantEOF() }
func TestStaysOpen(t *testing.T) { talk(start(t, "")).WantEOF() }

func TestLeaks(t *testing.T) {
	p := start(t, "leaks")
	before := p.Usage().Descriptors()
	talk(p).Close()
	p.WantDescriptors(before)
}

func TestSpins(t *testing.T) {
	p := start(t, "spins")
	c := p.Dial()
	c.Send("x")
	p.WantIdle(2*time.Second, 5)
}

func TestExitCode(t *testing.T) {
	check.Points(t, 1)
	check.Run(t, "", "exits").WantExit(0)
}

func TestRunsOn(t *testing.T) {
	p := start(t, "")
	p.WantRunning(200 * time.Millisecond)
	talk(p)
}

func TestRunsOut(t *testing.T) {
	check.Points(t, 1)
	check.Run(t, "", "exits").WantRunning(time.Minute)
}

func TestKilled(t *testing.T) {
	p := start(t, "")
	p.Signal(syscall.SIGKILL)
	p.WantExit(0)
}

func TestExitAlone(t *testing.T) {
	check.Points(t, 1)
	check.Run(t, "", "exits").WantExit(3)
}

func TestListeners(t *testing.T) {
	check.Points(t, 1)
	four, six, path := check.Listen(t), check.Listen6(t), check.ListenUnix(t)
	mute := check.Mute(t)
	p := check.Run(t, "", "dials", four.Addr(), mute, six.Addr(), path.Addr())
	p.WantStdout(four.Accept().From() + "\nno\n")
	p.WantStdout(six.Accept().From() + "\n")
	path.Accept()
	p.WantStdout("@\n")
	p.WantExit(0)
	p.WantRunFor(500 * time.Millisecond)
}

func TestMeets(t *testing.T) {
	check.Points(t, 1)
	ln := check.Listen(t)
	ln.Meet(peer.Answer{Until: []byte("?"), Send: [][]byte{[]byte("drop by drop\n")}, Way: peer.Drip{}})
	for range 2 {
		p := check.Run(t, "", "asks", ln.Addr(), "what?")
		p.WantStdout("drop by drop\n")
		p.WantExit(0)
	}
}

func TestMeetsWrong(t *testing.T) {
	check.Points(t, 1)
	a, b := check.Listen(t), check.Listen(t)
	a.Meet(peer.Answer{Send: [][]byte{[]byte("this is a\n")}})
	b.Meet(peer.Answer{Send: [][]byte{[]byte("this is b\n")}})
	check.Run(t, "", "asks", b.Addr(), "what?").WantStdout("this is a\n")
}

func TestSockets(t *testing.T) {
	check.Points(t, 1)
	check.Deadline(t, 2*time.Second)
	ln := check.Listen(t)
	p := check.Run(t, "", "dials", ln.Addr(), ln.Addr(), ln.Addr(), check.Mute(t), check.Mute(t), check.Mute(t), check.Mute(t), check.Mute(t), check.Mute(t))
	p.WantStdout(ln.Accept().From() + "\n" + ln.Accept().From() + "\n" + ln.Accept().From() + "\n")
	p.WantSockets(4)
	p.WantSockets(2)
}

func TestNumber(t *testing.T) {
	check.Points(t, 1)
	p := check.Run(t, "", "counts")
	p.WantNumber(41, 41)
	p.WantStdout(" and more\n")
	p.WantExit(0)
}

func TestNumberWrong(t *testing.T) {
	check.Points(t, 1)
	check.Run(t, "", "counts").WantNumber(3, 40)
}

func TestSignalUntil(t *testing.T) {
	check.Points(t, 1)
	p := check.Run(t, "", "waits for signals")
	p.WantStdout("waiting\n")
	p.SignalUntil("three\n", syscall.Signal(28), 20*time.Millisecond)
	p.WantExit(0)
}

func TestSignalInVain(t *testing.T) {
	start(t, "").SignalUntil("never\n", syscall.Signal(28), 200*time.Millisecond)
}

func TestTooShort(t *testing.T) {
	check.Points(t, 1)
	p := check.Run(t, "", "counts")
	p.WantStdout("41 and more\n")
	p.WantExit(0)
	p.WantRunFor(time.Minute)
}

func TestWithout(t *testing.T) {
	check.Points(t, 1)
	check.Run(t, "", "counts").WantStdout("41 and more\n")
	check.Without(t, "net/http")
	check.Without(t, "net")
}

func TestOnly(t *testing.T) {
	check.Points(t, 1)
	check.Only(t, "plan9", "aix")
}

func TestCalledWith(t *testing.T) {
	check.Points(t, 1)
	check.Traced(t)
	ln := check.Listen(t)
	p := check.Run(t, "", "dials", ln.Addr(), ln.Addr())
	p.WantStdout(ln.Accept().From() + "\n" + ln.Accept().From() + "\n")
	p.WantExit(0)
	p.WantCalls("socket", 2)
	p.CalledWith("socket", "SOCK_CLOEXEC")
	p.CalledWith("socket", "no such text")
}

// many has a program that hides what it connects to behind many other calls.
func many(t *testing.T) *check.Program {
	t.Helper()
	check.Points(t, 1)
	check.Traced(t)
	check.Deadline(t, 30*time.Second)
	ln := check.Listen(t)
	p := check.Run(t, "", "makes many calls", ln.Addr())
	p.WantStdout(ln.Accept().From() + "\n")
	p.WantExit(0)
	p.WantCalls("getppid", 10_000) // what was seen was made
	p.Called("getppid")
	return p
}

func TestHidesNotCalled(t *testing.T)  { many(t).NotCalled("connect") }
func TestHidesCalled(t *testing.T)     { many(t).Called("connect") }
func TestHidesWantCalls(t *testing.T)  { many(t).WantCalls("connect", 1) }
func TestHidesCalledWith(t *testing.T) { many(t).CalledWith("getppid", "") }
func TestHidesWantReads(t *testing.T)  { many(t).WantReads(10) }
func TestHidesCalls(t *testing.T)      { _ = many(t).Calls("connect") }

// reads has a program print what we send, in 20 reads at most.
func reads(t *testing.T, how string) {
	t.Helper()
	check.Points(t, 1)
	check.Traced(t)
	ln := check.Listen(t)
	p := check.Run(t, "", how, ln.Addr(), "x")
	c := ln.Accept()
	text := strings.Repeat("0123456789", 10)
	c.Send(text)
	c.Close()
	p.WantStdout(text)
	p.WantExit(0)
	p.WantReads(20)
}

func TestReadsInChild(t *testing.T) { reads(t, "asks from a child") }
func TestReadsMPTCP(t *testing.T)   { reads(t, "reads MPTCP") }

// TestConnects has a connect that goes on when it returns, as package net's do.
func TestConnects(t *testing.T) {
	check.Points(t, 1)
	check.Traced(t)
	ln := check.Listen(t)
	p := check.Run(t, "", "dials", ln.Addr())
	p.WantStdout(ln.Accept().From() + "\n")
	p.WantExit(0)
	p.Called("connect")
	p.NotCalled("connect")
}

// TestWhichOne has two connections, and what fails is on the second.
func TestWhichOne(t *testing.T) {
	p := start(t, "shouts")
	a, b := p.Dial(), p.Dial()
	a.Send("hi")
	a.Want("hi!")
	b.Send("yo")
	b.Want("yo, there")
}

func TestWantsNothing(t *testing.T) {
	start(t, "").Dial().Want("")
}
