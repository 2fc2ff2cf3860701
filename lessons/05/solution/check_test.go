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
	c.Send("one\nthree\n")
	c.Close()
	prog.WantStdout(`3 "one"` + "\n" + `5 "three"` + "\nend\n")
	prog.WantExit(0)
}

func TestOneByteAtATime(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Three lines arrive one byte a segment, and are printed whole.")
	check.Hint(t, "A read may bring less than a line: go on reading until the newline has come.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	ln.Accept().Meet(peer.Answer{Send: [][]byte{[]byte("a line\nin pieces\r\n!\n")}, Way: peer.Drip{Pause: 7 * time.Millisecond}})
	prog.WantStdout(`6 "a line"` + "\n" + `9 "in pieces"` + "\n" + `1 "!"` + "\nend\n")
	prog.WantExit(0)
}

func TestLineEnds(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Lines end with LF or CR LF, some are empty, some hold CR or end with spaces.")
	check.Hint(t, "Take off one LF, then one CR if there is one: no more, and nothing else.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	c.Send("lf\ncrlf\r\n\n\r\na\rb\ntwo\r\r\n  spaces \t\n")
	c.Close()
	prog.WantStdout(strings.Join([]string{`2 "lf"`, `4 "crlf"`, `0 ""`, `0 ""`, `3 "a\rb"`, `4 "two\r"`, `10 "  spaces \t"`, "end\n"}, "\n"))
	prog.WantExit(0)
}

func TestLastLine(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The server closes without a newline at the end; what came is a line.")
	check.Hint(t, "When Read says io.EOF, look at what you have kept before you stop.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	c.Send("whole\nnot whole")
	c.Close()
	prog.WantStdout(`5 "whole"` + "\n" + `9 "not whole"` + "\nend\n")
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
	line := letters(t, 100)
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr(), "100")
	ln.Accept().Meet(peer.Answer{Send: [][]byte{[]byte(line + "\r"), []byte("\n" + line + "\n")}})
	prog.WantStdout(fmt.Sprintf("100 %q\n100 %q\nend\n", line, line))
	prog.WantExit(0)
}

func TestLineTooLong(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "A line of MAX + 1 bytes is an error: it is not cut, and not two lines.")
	check.Hint(t, "Whoever cuts a line makes two of one. Return an error, and have main say it.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr(), "100")
	c := ln.Accept()
	c.Send("fine\n" + letters(t, 101) + "\nnever read\n")
	c.Close()
	prog.WantStdout(`4 "fine"` + "\n")
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
	c.Send("fine\n" + letters(t, 4097))
	prog.WantStdout(`4 "fine"` + "\n")
	prog.WantStderr("")
	prog.WantExit(1)
}

func TestFewReads(t *testing.T) {
	check.Points(t, 2)
	check.Traced(t)
	check.Describe(t, "50 lines of 100 bytes are on their way at once; 60 reads are more than enough.")
	check.Hint(t, "Ask for much at once, and hand out lines from what you got.")
	line := letters(t, 99)
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	c.Send(strings.Repeat(line+"\n", 50))
	c.Close()
	prog.WantStdout(strings.Repeat(fmt.Sprintf("99 %q\n", line), 50) + "end\n")
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
	c.Send("a\x00b\x00\nc\n")
	c.Close()
	prog.WantStdout(`4 "a\x00b\x00"` + "\n" + `1 "c"` + "\nend\n")
	prog.WantExit(0)
}

func TestResetMidLine(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The connection is reset in the middle of a line: an error, not an end.")
	check.Hint(t, "io.EOF is the only error that means the end. All others are to be reported.")
	ln := check.Listen(t)
	prog := check.Run(t, ln.Addr())
	c := ln.Accept()
	c.Send("whole\nnot wh")
	prog.WantStdout(`5 "whole"` + "\n")
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

// letters is a line of n letters, from the run's seed.
func letters(t *testing.T, n int) string {
	t.Helper()
	random := check.Seed(t)
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(random.IntN(26))
	}
	return string(b)
}
