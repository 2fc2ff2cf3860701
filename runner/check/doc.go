// Package check is the vocabulary of an exercise's checks: ordinary Go tests
// that read like the conversation they have with a program. It is the reference
// of who writes such checks, in lessons/NN/solution/check_test.go.
//
//	package main
//
//	func TestMain(m *testing.M) { check.Main(m, "linereader") }
//
//	func TestTwoLinesInOneSegment(t *testing.T) {
//		check.Points(t, 2)
//		check.Describe(t, "Two lines come at once; both are printed.")
//		check.Hint(t, "What a read brings beyond the line belongs to the next call.")
//		ln := check.Listen(t)
//		prog := check.Run(t, ln.Addr())
//		c := ln.Accept()
//		c.Send("one\ntwo\n")
//		c.Close()
//		prog.WantStdout("3 \"one\"\n3 \"two\"\nend\n")
//		prog.WantExit(0)
//	}
//
// Run by "go test", the checks build and judge the solution in their own folder,
// and say what they saw. "runner grade" runs the same checks on what others wrote.
//
// # How a check works
//
// The program runs in a private network and a cage, where the machine allows
// both; the check stays outside and is its peer. Nothing that the program writes
// is a verdict, and nothing that the check wants ever enters the cage: the check
// compares bytes. A check that only compared an exit code is refused, for a
// program that does nothing has one too.
//
// Every wait has a deadline: five seconds, or what [Deadline] says. The first
// thing that is not as it must be ends the check: its report has the conversation
// so far, what was wanted and what came, and the line of the program that was
// waiting. So a check has no code for failures, and calls no t.Error: what fails
// by that is our side, not the program.
//
// Checks are independent of each other and run at the same time. The words of one
// check are said one after the other, by the goroutine of its test.
//
// # The head of a check
//
// [Points] begins a check. [Describe] says in a sentence what it is about, for the
// page; [Hint] what may help who fails it; [Hidden] keeps all but the verdict from
// the student. The arguments of these are literals, as they are also read from the
// source. Then, where a check needs it, come [Deadline], [Stdin], [Output],
// [Traced], and [Only] for what not every system has.
//
// # The program is a client
//
// [Listen], [Listen6], [ListenUnix] and [ListenUDP] give an address that goes to
// the program as an argument of [Run]; [Mute] is one that never answers.
// [Listener.Accept] gives a [Conn], [UDPListener.Accept] a [UDP].
//
//	ln := check.Listen(t)
//	prog := check.Run(t, ln.Addr(), "/index.html")
//	c := ln.Accept()
//	c.WantHead("GET /index.html HTTP/1.0", "Host: www.lab.test")
//	c.Send("HTTP/1.0 200 OK\r\n\r\nhello")
//	c.Close()
//	prog.WantStdout("hello")
//	prog.WantExit(0)
//
// # The program is a server
//
// [Serve] chooses the address, which is the program's first argument, and waits
// for the line "listening HOST:PORT" on its stdout. [Program.Dial] gives a Conn,
// [Program.DialUDP] a UDP.
//
//	srv := check.Serve(t)
//	a, b := srv.Dial(), srv.Dial()
//	b.Send("hi\n")
//	b.Want("hi\n")
//	a.Send("yo\n")
//	a.Want("yo\n")
//	a.HalfClose()
//	a.WantEOF()
//
// Every exercise of a server has five standing checks, a line each. They take a
// short conversation in which the server shows that it works; see [Standing].
//
//	func hello(c *check.Conn) { c.Send("hi\n"); c.Want("hi\n") }
//
//	func TestDescriptors(t *testing.T) { check.ReturnsDescriptors(t, hello) }
//	func TestThreads(t *testing.T)     { check.KeepsThreads(t, hello) }
//	func TestMemory(t *testing.T)      { check.KeepsMemory(t, hello) }
//	func TestIdle(t *testing.T)        { check.StaysIdle(t, hello) }
//	func TestSIGTERM(t *testing.T)     { check.EndsOnSIGTERM(t, hello) }
//
// # Datagrams
//
// Each [UDP.Send] is a datagram, and each [UDP.Want] is about one. [ListenLossy]
// and [Program.DialLossy] put a wire between that loses, repeats and reorders them,
// the same way for the same seed. This client has to ask three times:
//
//	ln := check.ListenLossy(t, peer.Relay{Out: peer.Fault{First: 2}})
//	prog := check.Run(t, ln.Addr())
//	d := ln.Accept()
//	d.Want("question")
//	d.Send("answer")
//	prog.WantStdout("answer\n")
//
// Where repeats may come, [UDP.Await] passes over them; [UDP.WantAll] takes
// datagrams in any order, and [UDP.WantNothing] a silence.
//
// # Hostile peers
//
// [Conn.Meet] has a peer of package peer take the connection over, to its end: one
// byte a segment, all at once, a silence, an early end, a reset, a flood, garbage.
// [WantEnding] judges how that went, by names that do not depend on which of two
// things our kernel saw first: a server that answers and closes with input unread
// is peer.ResetAfter, each time.
//
//	srv := check.Serve(t)
//	r := srv.Dial().Meet(peer.Exchange{
//		Send: [][]byte{[]byte("hi\n")}, Way: peer.Drip{}, HalfClose: true, Want: []byte("hi\n"),
//	})
//	check.WantEnding(t, r, peer.Clean)
//
// # What the program prints, and how it ends
//
// [Program.WantStdout] and [Program.WantNumber] take stdout in order, each from
// where the last one ended; [Program.WantStderr] looks for a text anywhere.
// [Program.WantExit] wants the end, and nothing more on stdout. [Program.Signal]
// and [Program.SignalUntil] send signals; [Program.WantRunning] and
// [Program.WantRunFor] are for programs that must not give up too soon.
//
//	prog := check.Run(t, "one", "too", "many")
//	prog.WantStderr("usage")
//	prog.WantExit(2)
//
// # What the program uses
//
// [Program.WantDescriptors], [Program.WantSockets], [Program.WantThreads],
// [Program.WantPeak] and [Program.WantIdle] look at the running program from
// outside, by [Program.Usage].
//
//	before := srv.Usage().Descriptors()
//	srv.Dial().Reset()
//	srv.WantDescriptors(before)
//
// # System calls it must make, or must not
//
// After [Traced] the program's calls are counted, once it has ended:
// [Program.Called], [Program.NotCalled], [Program.CalledWith], [Program.WantCalls],
// [Program.WantReads]. Only calls that its own lines led to count, package net's on
// their behalf among them. A program that makes more than are kept, 20,000, fails
// what it may have hidden behind them. [Without] looks at what the program was made of instead.
//
//	check.Traced(t)
//	ln := check.Listen(t)
//	prog := check.Run(t, ln.Addr())
//	ln.Accept().Close()
//	prog.WantStdout("connected\n")
//	prog.WantExit(0)
//	prog.CalledWith("socket", "SOCK_NONBLOCK")
//	prog.Called("connect")
//	prog.NotCalled("bind")
//	check.Without(t, "net")
//
// # Chance
//
// [Seed] is where a check takes random numbers from. A report says the seed of its
// run, and "runner grade --seed" or the variable SOCKETS_SEED repeats it.
//
// # What it does not do
//
// It knows no lesson, gives no grade, and takes nothing that a program says for a
// verdict. Outcomes leave for the judge, package grade, by a descriptor of their
// own, never by stdout.
package check
