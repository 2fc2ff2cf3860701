package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sockets/runner/check"
	"sockets/runner/peer"
)

func TestMain(m *testing.M) { check.Main(m, "get") }

func TestRequest(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The request is a request line, a Host field with the port, and an empty line, each ended by CR LF; nothing follows.")
	check.Hint(t, "Print your request with %q, and compare it with that of the lesson.")
	ln := check.Listen(t)
	prog := check.Run(t, "http://"+ln.Addr()+"/a/page.html")
	c := ln.Accept()
	c.WantHead("GET /a/page.html HTTP/1.0", "Host: "+ln.Addr())
	page := newWords(t)(20)
	c.Send("HTTP/1.0 200 OK\r\n\r\n" + page)
	c.HalfClose()
	prog.WantStdout(page)
	prog.WantExit(0)
	c.WantEOF()
}

func TestTarget(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "URLs with a query, with nothing but a query, with nothing behind the host, with a fragment: the target of the request is right.")
	check.Hint(t, "url.URL has a method for it: RequestURI. An empty path becomes /; a fragment stays at home.")
	ln, word := check.Listen(t), newWords(t)
	query, path := word(5), word(5)
	for _, u := range []struct{ behind, target string }{
		{"/find?q=a%20" + query + "&n=1", "/find?q=a%20" + query + "&n=1"},
		{"?" + query, "/?" + query},
		{"", "/"},
		{"/a%2F" + path + "#part", "/a%2F" + path},
	} {
		prog := check.Run(t, "http://"+ln.Addr()+u.behind)
		c := ln.Accept()
		c.WantHead("GET " + u.target + " HTTP/1.0")
		page := word(8)
		c.Send("HTTP/1.0 200 OK\r\n\r\n" + page)
		c.Close()
		prog.WantStdout(page)
		prog.WantExit(0)
	}
}

func TestBrackets(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "The host is an address of IPv6; the Host field has it in brackets, with the port.")
	check.Hint(t, "The Host of a url.URL has the brackets, as Host needs them; net.JoinHostPort puts them round its Hostname.")
	ln := check.Listen6(t)
	prog := check.Run(t, "http://"+ln.Addr()+"/")
	c := ln.Accept()
	c.WantHead("GET / HTTP/1.0", "Host: "+ln.Addr())
	page := newWords(t)(20)
	c.Send("HTTP/1.0 200 OK\r\n\r\n" + page)
	c.Close()
	prog.WantStdout(page)
	prog.WantExit(0)
}

func TestToTheEnd(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "A page without a length comes in two segments, with empty lines, NUL, and no newline at its end; then the server closes.")
	check.Hint(t, "Without Content-Length the page ends where the connection ends. Copy bytes; it need not be lines.")
	prog, c := ask(t, check.Listen(t))
	word := newWords(t)
	first, second := "\r\n"+word(3)+"\r\n\r\n", "\x00"+word(3)+"\n\n"+word(5)
	c.Send("HTTP/1.0 200 OK\r\nServer: x\r\n\r\n" + first)
	prog.WantStdout(first)
	c.Send(second)
	c.Close()
	prog.WantStdout(second)
	prog.WantExit(0)
}

func TestKeptOpen(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The reply is HTTP/1.1 with a Content-Length, and the connection stays open: the program must exit at once.")
	check.Hint(t, "Read as many bytes as Content-Length says, and no more.")
	prog, c := ask(t, check.Listen(t))
	word := newWords(t)
	page := word(4) + "\n" + word(4) + "\r\n\n"
	c.Send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + page)
	prog.WantStdout(page)
	prog.WantExit(0)
}

func TestBytesBehind(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "More bytes follow the page, in the same segment: they are not part of it.")
	check.Hint(t, "A buffer may hold more than the page. io.LimitReader and io.CopyN stop in time.")
	prog, c := ask(t, check.Listen(t))
	word := newWords(t)
	page := word(5)
	c.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + page + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" + word(6))
	prog.WantStdout(page)
	prog.WantExit(0)
}

func TestNoPage(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Length 0, 204, and 304 with a length: there is no page, and the connection stays open.")
	check.Hint(t, "A reply of 204 or 304 ends with its header, whatever the fields say (RFC 9112, section 6.3).")
	ln, word := check.Listen(t), newWords(t)
	for _, reply := range []struct{ status, field string }{
		{"HTTP/1.1 200 ", "Content-Length: 0"},
		{"HTTP/1.1 204 ", "Server: x"},
		{"HTTP/1.1 304 ", "Content-Length: 5"},
	} {
		status := reply.status + word(7)
		prog, c := ask(t, ln)
		c.Send(status + "\r\n" + reply.field + "\r\n\r\n")
		prog.WantStderr(status)
		prog.WantExit(0)
	}
}

func TestOneByteAtATime(t *testing.T) {
	check.Points(t, 2)
	check.Deadline(t, 20*time.Second)
	check.Describe(t, "The reply comes one byte a segment.")
	check.Hint(t, "A read brings what has come so far: part of a line, part of a page. Read on.")
	prog, c := ask(t, check.Listen(t))
	page := newWords(t)(16)
	c.Meet(peer.Answer{
		Send: [][]byte{[]byte("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 16\r\n\r\n" + page)},
		Way:  peer.Drip{Pause: 5 * time.Millisecond},
	})
	prog.WantStdout(page)
	prog.WantExit(0)
}

func TestAsItComes(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "Half of the page comes; the other half only when the program has printed the first.")
	check.Hint(t, "io.Copy writes what each read brings; io.ReadAll waits for the end.")
	prog, c := ask(t, check.Listen(t))
	word := newWords(t)
	first, other := word(5), word(5)
	c.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + first)
	prog.WantStdout(first)
	c.Send(other)
	c.Close()
	prog.WantStdout(other)
	prog.WantExit(0)
}

func TestStatus(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The status line goes to stderr, whole, also without a reason; a page of 404 is a page.")
	check.Hint(t, "HTTP has worked if a reply came, whatever it says: exit with 0.")
	ln, word := check.Listen(t), newWords(t)
	for _, line := range []string{"HTTP/1.1 404 Not " + word(5) + ", " + word(5), "HTTP/1.0 500", "HTTP/1.1 299 "} {
		prog, c := ask(t, ln)
		page := word(6)
		c.Send(line + "\r\nContent-Length: 6\r\n\r\n" + page)
		c.Close()
		prog.WantStdout(page)
		prog.WantStderr(line)
		prog.WantExit(0)
	}
}

func TestFieldNames(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Names of fields in capitals or not, values with spaces around or without; other fields whose names or values look alike.")
	check.Hint(t, "Cut a field at its first colon. Compare names with strings.EqualFold, and trim the value.")
	ln, word := check.Listen(t), newWords(t)
	for _, field := range []string{"content-length:4", "CONTENT-LENGTH: \t4 ", "Content-length:  4"} {
		prog, c := ask(t, ln)
		page := word(4)
		c.Send("HTTP/1.1 200 OK\r\nX-Content-Length: 2\r\n" + field + "\r\nX-Say: Content-Length: 3\r\n\r\n" + page)
		prog.WantStdout(page)
		prog.WantExit(0)
	}
}

func TestBadLength(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Content-Length is no number of digits, too large, or there are two that differ: refused, and nothing printed.")
	check.Hint(t, "strconv.ParseUint takes no sign, and knows how large a number may be. Don't drop its error.")
	ln := check.Listen(t)
	whole(t, ln)
	for _, field := range []string{
		"Content-Length: -1", "Content-Length: +4", "Content-Length: 4x", "Content-Length:",
		"Content-Length: 99999999999999999999", "Content-Length: 4\r\nContent-Length: 2",
	} {
		prog, c := ask(t, ln)
		c.Send("HTTP/1.1 200 OK\r\n" + field + "\r\n\r\npage")
		c.Close()
		prog.WantExit(1)
		prog.WantStderr("get:")
	}
}

func TestEarlyEnd(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The server closes after 9 bytes of 10: what came is printed, and it is an error.")
	check.Hint(t, "io.CopyN says io.EOF if it got less. io.Copy from an io.LimitReader does not: count.")
	prog, c := ask(t, check.Listen(t))
	part := newWords(t)(9)
	c.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + part)
	c.Close()
	prog.WantStdout(part)
	prog.WantExit(1)
	prog.WantStderr("get:")
}

func TestHeaderEnds(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The server closes at once, in the status line, in a field, and before the empty line: an error each time.")
	check.Hint(t, "A header has ended when its empty line has come. An io.EOF before that is an error.")
	ln := check.Listen(t)
	whole(t, ln)
	for _, part := range []string{"", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\nServer: x", "HTTP/1.1 200 OK\r\nServer: x\r\n"} {
		prog, c := ask(t, ln)
		c.Send(part)
		c.Close()
		prog.WantExit(1)
		prog.WantStderr("get:")
	}
}

func TestReset(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The connection is reset in a page without a length: an error, not an end.")
	check.Hint(t, "io.EOF is the only error that means the end. io.Copy returns all others; look.")
	prog, c := ask(t, check.Listen(t))
	part := newWords(t)(7)
	c.Send("HTTP/1.0 200 OK\r\n\r\n" + part)
	prog.WantStdout(part)
	c.Reset()
	prog.WantExit(1)
	prog.WantStderr("get:")
}

func TestTenMebibytes(t *testing.T) {
	check.Points(t, 2)
	check.Deadline(t, 30*time.Second)
	check.Output(t, 11<<20)
	check.Describe(t, "A page of 10 MiB, all bytes at random, comes through unchanged.")
	check.Hint(t, "Read in a loop until Content-Length is reached, and write what each read brought, buf[:n].")
	page := peer.Garbage{Seed: check.Seed(t).Uint64(), N: 10 << 20}.Bytes()
	prog, c := ask(t, check.Listen(t))
	c.Send(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(page)))
	c.Send(string(page))
	c.Close()
	prog.WantStdout(string(page))
	prog.WantExit(0)
}

func TestLongHeader(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "A header of 60,000 bytes, with a field of 20,000 among them, is taken.")
	check.Hint(t, "Some of bufio's ways to read a line give up sooner, or give you a part of it: ReadLine, Scanner.")
	prog, c := ask(t, check.Listen(t))
	page := newWords(t)(4)
	c.Send("HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 20_000) + "\r\n" +
		strings.Repeat("X-Short: "+strings.Repeat("y", 89)+"\r\n", 400) + "Content-Length: 4\r\n\r\n" + page)
	c.Close()
	prog.WantStdout(page)
	prog.WantExit(0)
}

func TestHeaderTooLong(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "A header of 1 MiB, in 10,000 fields, and then a page: refused, nothing printed.")
	check.Hint(t, "Count the bytes of the header, not only those of a line.")
	ln := check.Listen(t)
	whole(t, ln)
	prog, c := ask(t, ln)
	c.Send("HTTP/1.0 200 OK\r\n" + strings.Repeat("X-More: "+strings.Repeat("y", 95)+"\r\n", 10_000) + "\r\npage")
	c.HalfClose()
	prog.WantExit(1)
	prog.WantStderr("get:")
}

func TestEndlessLine(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "1 MiB comes without a newline, and then nothing: the program must not wait for more.")
	check.Hint(t, "ReadString collects until the newline, however long that takes. ReadSlice stops when its buffer is full.")
	ln := check.Listen(t)
	whole(t, ln)
	for _, start := range []string{"", "HTTP/1.1 200 OK\r\nX-Long: "} {
		prog, c := ask(t, ln)
		c.Send(start + strings.Repeat("x", 1<<20))
		prog.WantExit(1)
		prog.WantStderr("get:")
	}
}

func TestNoStatusLine(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "What answers is no web server: its first line is that of SSH, nearly right, or noise. Refused, nothing printed.")
	check.Hint(t, "Look at the whole line: HTTP/, digit, period, digit, space, three digits, and then nothing or a space.")
	noise := strings.ReplaceAll(string(peer.Garbage{Seed: check.Seed(t).Uint64(), N: 200}.Bytes()), "\n", "N")
	ln := check.Listen(t)
	whole(t, ln)
	for _, line := range []string{
		"SSH-2.0-OpenSSH_9.6", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 OK 200", "HTTP 200 OK", "\x00" + noise,
	} {
		prog, c := ask(t, ln)
		c.Send(line + "\r\nContent-Length: 4\r\n\r\npage")
		c.HalfClose()
		prog.WantExit(1)
		prog.WantStderr("get:")
	}
}

func TestChunks(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "A server sends chunks to a client of HTTP/1.0, which it must not: refused, nothing printed.")
	check.Hint(t, "Look for Transfer-Encoding among the fields, in capitals or not; taking chunks apart is not asked for yet.")
	ln := check.Listen(t)
	whole(t, ln)
	for _, fields := range []string{"Transfer-Encoding: chunked", "Content-Length: 14\r\ntransfer-encoding:CHUNKED"} {
		prog, c := ask(t, ln)
		c.Send("HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n4\r\npage\r\n0\r\n\r\n")
		c.HalfClose()
		prog.WantExit(1)
		prog.WantStderr("get:")
	}
}

func TestRefused(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "Nobody listens at the address: an error on stderr, and exit code 1.")
	check.Hint(t, "net.Dial returns an error; print it on stderr.")
	prog := check.Run(t, "http://127.0.0.1:1/")
	prog.WantStderr("refused")
	prog.WantExit(1)
}

func TestUsage(t *testing.T) {
	check.Points(t, 1)
	check.Hidden(t)
	check.Describe(t, "No URL, two of them, another scheme, no host, a line break inside: the word usage on stderr, nothing on stdout, exit code 2.")
	check.Hint(t, "Look at len(os.Args), at the error of url.Parse, and at the URL's Scheme and Hostname.")
	url := "http://127.0.0.1:1/"
	for _, args := range [][]string{{}, {url, url}, {"https://127.0.0.1:1/"}, {"127.0.0.1"}, {"http://:1/"}, {url + "\r\nX: y"}} {
		prog := check.Run(t, args...)
		prog.WantStderr("usage")
		prog.WantExit(2)
	}
}

// ask starts the program, and reads its request.
func ask(t *testing.T, ln *check.Listener) (*check.Program, *check.Conn) {
	t.Helper()
	prog := check.Run(t, "http://"+ln.Addr()+"/")
	c := ln.Accept()
	c.WantHead("")
	return prog, c
}

// whole gives the program a reply that it must take: one that refuses all is not
// careful.
func whole(t *testing.T, ln *check.Listener) {
	t.Helper()
	prog, c := ask(t, ln)
	page := newWords(t)(8)
	c.Send("HTTP/1.0 200 OK\r\nServer: x\r\n\r\n" + page)
	c.Close()
	prog.WantStdout(page)
	prog.WantExit(0)
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
