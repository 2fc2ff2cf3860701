package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sockets/runner/check"
	"sockets/runner/peer"
)

func TestMain(m *testing.M) { check.Main(m, "linereader") }

func TestTwoLinesInOneSegment(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Two lines arrive in one segment, and then the end; both lines are printed.")
	check.Hint(t, "A read may bring more than one line: what is behind the first belongs to the next call.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	word := newWords(t)
	one, two := word(3), word(5)
	c.Send(one + "\n" + two + "\n")
	c.Close()
	prog.WantStdout(printed(one, two) + "end\n")
	prog.WantExit(0)
}

func TestOneByteAtATime(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Three lines arrive one byte a segment, and are printed whole.")
	check.Hint(t, "A read may bring less than a line: go on reading until the newline has come.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	word := newWords(t)
	one, two, three := word(6), word(9), word(1)
	text := one + "\n" + two + "\r\n" + three + "\n"
	ln.Accept().Meet(peer.Answer{Send: [][]byte{[]byte(text)}, Way: peer.Drip{Pause: 7 * time.Millisecond}})
	prog.WantStdout(printed(one, two, three) + "end\n")
	prog.WantExit(0)
}

func TestLineEnds(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Lines end with LF or CR LF, some are empty, some hold CR or end with spaces.")
	check.Hint(t, "Take off one LF, then one CR if there is one: no more, and nothing else.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	word := newWords(t)
	lf, crlf, inside, two, spaces := word(2), word(4), word(1)+"\r"+word(1), word(3)+"\r", "  "+word(6)+" \t"
	c.Send(lf + "\n" + crlf + "\r\n" + "\n" + "\r\n" + inside + "\n" + two + "\r\n" + spaces + "\n")
	c.Close()
	prog.WantStdout(printed(lf, crlf, "", "", inside, two, spaces) + "end\n")
	prog.WantExit(0)
}

func TestLastLine(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The server closes without a newline at the end; what came is a line.")
	check.Hint(t, "When Read says io.EOF, look at what you have kept before you stop.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	word := newWords(t)
	whole, last := word(5), word(9)
	c.Send(whole + "\n" + last)
	c.Close()
	prog.WantStdout(printed(whole, last) + "end\n")
	prog.WantExit(0)
}

func TestNoLines(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "The server closes at once: there is no line, not even an empty one.")
	check.Hint(t, "An end with nothing before it is only the end.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	ln.Accept().Close()
	prog.WantStdout("end\n")
	prog.WantExit(0)
}

func TestLongestLine(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Two lines of exactly MAX bytes, one with LF, one with CR LF, are lines.")
	check.Hint(t, "MAX bounds the line without its end; the end may take two bytes more.")
	line := newWords(t)(100)
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr(), "100")
	ln.Accept().Meet(peer.Answer{Send: [][]byte{[]byte(line + "\r"), []byte("\n" + line + "\n")}})
	prog.WantStdout(printed(line, line) + "end\n")
	prog.WantExit(0)
}

func TestLineTooLong(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "A line of MAX + 1 bytes is an error: it is not cut, and not two lines.")
	check.Hint(t, "Whoever cuts a line makes two of one. Return an error, and have main say it.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr(), "100")
	c := ln.Accept()
	word := newWords(t)
	fine := word(4)
	c.Send(fine + "\n" + word(101) + "\n" + word(7) + "\n")
	c.Close()
	prog.WantStdout(printed(fine))
	prog.WantStderr("")
	prog.WantExit(1)
}

func TestTooLongAtOnce(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "4,097 bytes arrive, no newline, and then nothing: the program must not wait for more.")
	check.Hint(t, "Compare with MAX after each read, not when the newline has come: it may never come.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	word := newWords(t)
	fine := word(4)
	c.Send(fine + "\n" + word(4097))
	prog.WantStdout(printed(fine))
	prog.WantStderr("")
	prog.WantExit(1)
}

func TestFewReads(t *testing.T) {
	check.Points(t, 2)
	check.Traced(t)
	check.Describe(t, "50 lines of 100 bytes are on their way at once; 60 reads are more than enough.")
	check.Hint(t, "Ask for much at once, and hand out lines from what you got.")
	line := newWords(t)(99)
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	c.Send(strings.Repeat(line+"\n", 50))
	c.Close()
	prog.WantStdout(strings.Repeat(printed(line), 50) + "end\n")
	prog.WantExit(0)
	prog.WantReads(60)
}

func TestNULBytes(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "A line holds NUL bytes; they are bytes like any other.")
	check.Hint(t, "A string of Go has a length, and ends nowhere else.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	word := newWords(t)
	nul, next := word(1)+"\x00"+word(1)+"\x00", word(1)
	c.Send(nul + "\n" + next + "\n")
	c.Close()
	prog.WantStdout(printed(nul, next) + "end\n")
	prog.WantExit(0)
}

func TestResetMidLine(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The connection is reset in the middle of a line: an error, not an end.")
	check.Hint(t, "io.EOF is the only error that means the end. All others are to be reported.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	word := newWords(t)
	whole := word(5)
	c.Send(whole + "\n" + word(6))
	prog.WantStdout(printed(whole))
	c.Reset()
	prog.WantStderr("")
	prog.WantExit(1)
}

func TestRefused(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "Nobody listens at the address: an error on stderr, and exit code 1.")
	check.Hint(t, "net.Dial returns an error; print it on stderr.")
	prog := check.Run(t, "127.0.0.1:1")
	prog.WantStderr("refused")
	prog.WantExit(1)
}

func TestUsage(t *testing.T) {
	check.Points(t, 1)
	check.Hidden(t)
	check.Describe(t, "Wrong arguments: the word usage on stderr, nothing on stdout, exit code 2.")
	check.Hint(t, "Look at len(os.Args), and at the error of strconv.Atoi.")
	for _, args := range [][]string{{}, {"127.0.0.1:1", "0"}, {"127.0.0.1:1", "ten"}, {"127.0.0.1:1", "1", "2"}} {
		prog := check.Run(t, args...)
		prog.WantStderr("usage")
		prog.WantExit(2)
	}
}

// newWords gives words of so many letters, from the run's seed: no answer is the
// same in two runs.
func newWords(t *testing.T) func(n int) string {
	t.Helper()
	random := check.Seed(t)
	return func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = 'a' + byte(random.IntN(26))
		}
		return string(b)
	}
}

// printed is what the program must print for these lines.
func printed(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%d %q\n", len(l), l)
	}
	return b.String()
}
