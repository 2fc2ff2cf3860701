package main

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sockets/runner/check"
)

func TestMain(m *testing.M) { check.Main(m, "dialraw") }

// Addresses that every machine has: nobody listens at the one, and the other is
// no single machine's.
const (
	closed  = "127.0.0.1:1"
	nowhere = "255.255.255.255:7"
)

// windowChange is SIGWINCH, by which a terminal says that its size has changed.
// Not every system's package has the name.
const windowChange = syscall.Signal(28)

func TestIPv4(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "Somebody listens on IPv4; the line has both ends, as the kernels know them.")
	check.Hint(t, "Ask getsockname(2) for your own end when you are connected; before, it has no port.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	prog.WantStdout(c.From() + " " + ln.Addr() + "\n")
	prog.WantExit(0)
}

func TestIPv6(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "Somebody listens on IPv6.")
	check.Hint(t, "Look at the address first, then make the socket: AF_INET6, and a SockaddrInet6.")
	ln := check.Listen6(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	prog.WantStdout(c.From() + " " + ln.Addr() + "\n")
	prog.WantExit(0)
}

func TestUnixPath(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "Somebody listens at a path; our own end has no name.")
	check.Hint(t, "AF_UNIX, and a SockaddrUnix with the path as its Name. An end without a name is @.")
	ln := check.ListenUnix(t)
	prog := check.Run(t, ln.Addr())
	ln.Accept()
	prog.WantStdout("@ " + ln.Addr() + "\n")
	prog.WantExit(0)
}

func TestRefused(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "Nobody listens on the port: connect says EINPROGRESS, and the reset comes later.")
	check.Hint(t, "A failed attempt makes the socket writable, too. SO_ERROR tells which it was.")
	prog := check.Run(t, closed)
	prog.WantStdout("refused\n")
	prog.WantExit(1)
}

func TestTimeout(t *testing.T) {
	check.Points(t, 3)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "Nobody answers. The program gives up after the time that it was given, not earlier.")
	check.Hint(t, "A nonblocking connect returns EINPROGRESS; poll(2) then waits, in milliseconds, and returns 0 when the time is over.")
	mute := check.Mute(t)
	for _, ms := range []int{2500, 300} {
		prog := check.Run(t, "-t", strconv.Itoa(ms), mute)
		prog.WantStdout("timeout\n")
		prog.WantExit(1)
		prog.WantRunFor(time.Duration(ms-10) * time.Millisecond)
	}
}

func TestUnreachable(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "The address is not one machine's: connect itself fails, and nothing is sent.")
	check.Hint(t, "Not every connect says EINPROGRESS. ENETUNREACH and EHOSTUNREACH are unreachable.")
	prog := check.Run(t, nowhere)
	prog.WantStdout("unreachable\n")
	prog.WantExit(1)
}

func TestNext(t *testing.T) {
	check.Points(t, 1)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "Four addresses, of which the second and the last are good: a line for each, in order, and exit code 1.")
	check.Hint(t, "A failure is a result: print it and go on. The exit code is 0 only if all are connected.")
	ln := check.Listen(t)
	prog := check.Run(t, closed, ln.Addr(), nowhere, ln.Addr())
	first, second := ln.Accept(), ln.Accept()
	prog.WantStdout("refused\n" + first.From() + " " + ln.Addr() + "\n")
	prog.WantStdout("unreachable\n" + second.From() + " " + ln.Addr() + "\n")
	prog.WantExit(1)
}

func TestClosedAfterFailure(t *testing.T) {
	check.Points(t, 3)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "Ten addresses refuse or can't be reached. While the program waits for the eleventh, it has one socket.")
	check.Hint(t, "Close the descriptor on every way out of the function: defer does.")
	mute := check.Mute(t)
	prog := check.Run(t, slices.Concat([]string{"-t", "8000"}, slices.Repeat([]string{closed, nowhere}, 5), []string{mute})...)
	prog.WantStdout(strings.Repeat("refused\nunreachable\n", 5))
	prog.WantRunning(500 * time.Millisecond) // or else it does not wait at all
	prog.WantSockets(1)
}

func TestClosedAfterTimeout(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "Six addresses do not answer. While the program waits for the others, nothing is left of the first two.")
	check.Hint(t, "An attempt that you give up still goes on in the kernel, until you close its socket.")
	prog := check.Run(t, slices.Concat([]string{"-t", "1500"}, slices.Repeat([]string{check.Mute(t)}, 6))...)
	prog.WantStdout("timeout\n")
	prog.WantStdout("timeout\n")
	check.Deadline(t, 2*time.Second)
	prog.WantSockets(1)
}

func TestHundred(t *testing.T) {
	check.Points(t, 3)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "100 connections, one after another, and then an address that does not answer: one socket is left.")
	check.Hint(t, "A defer waits for the end of its function: make one connection a function.")
	ln := check.Listen(t)
	mute := check.Mute(t)
	prog := check.Run(t, slices.Concat([]string{"-t", "8000"}, slices.Repeat([]string{ln.Addr()}, 100), []string{mute})...)
	for range 100 {
		c := ln.Accept()
		prog.WantStdout(c.From() + " " + ln.Addr() + "\n")
	}
	prog.WantSockets(1)
}

func TestSignals(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux", "darwin")
	check.Deadline(t, 12*time.Second)
	check.Describe(t, "Signals arrive, more often than MS, until the program gives up: they neither end the wait nor prolong it.")
	check.Hint(t, "EINTR: wait again, for what is left of the time. Reckon with a moment at which it ends.")
	ln := check.Listen(t)
	prog := check.Run(t, "-t", "3000", ln.Addr(), check.Mute(t))
	c := ln.Accept()
	prog.WantStdout(c.From() + " " + ln.Addr() + "\n")
	prog.SignalUntil("timeout\n", windowChange, 200*time.Millisecond)
	prog.WantExit(1)
	prog.WantRunFor(2900 * time.Millisecond)
}

func TestNotFound(t *testing.T) {
	check.Points(t, 1)
	check.Only(t, "linux", "darwin")
	check.Hidden(t)
	check.Describe(t, "There is nothing at the path: an error with a name of its own, on stderr.")
	check.Hint(t, "What is neither refused nor timeout nor unreachable goes to stderr.")
	prog := check.Run(t, "/no/such/socket", closed)
	prog.WantStderr("/no/such/socket")
	prog.WantStdout("refused\n")
	prog.WantExit(1)
}

func TestWithoutNet(t *testing.T) {
	check.Points(t, 2)
	check.Only(t, "linux", "darwin")
	check.Describe(t, "The program connects, and holds no function of package net.")
	check.Hint(t, "unix.Socket, unix.Connect, unix.Poll; netip, for the text of an address, is not package net.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	prog.WantStdout(c.From() + " " + ln.Addr() + "\n")
	prog.WantExit(0)
	check.Without(t, "net")
}

func TestUsage(t *testing.T) {
	check.Points(t, 1)
	check.Only(t, "linux", "darwin")
	check.Hidden(t)
	check.Describe(t, "No address, names, and wrong arguments: the word usage on stderr, nothing on stdout, exit code 2.")
	check.Hint(t, "Look at all addresses before you connect to the first. netip.ParseAddrPort knows no names.")
	for _, args := range [][]string{
		{},
		{"localhost:7"},
		{"127.0.0.1"},
		{"127.0.0.1:70000"},
		{closed, "socket"},
		{"-t", "0", closed},
		{"-t", "soon", closed},
	} {
		prog := check.Run(t, args...)
		prog.WantStderr("usage")
		prog.WantExit(2)
	}
}
