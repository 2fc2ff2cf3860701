package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"sockets/runner/check"
	"sockets/runner/peer"
)

func TestMain(m *testing.M) { check.Main(m, "portscan") }

// A server is the check's, at a port.
type server struct {
	*check.Listener
	host, port string
}

func listen(t *testing.T) server {
	t.Helper()
	ln := check.Listen(t)
	host, port := split(t, ln.Addr())
	return server{ln, host, port}
}

func split(t *testing.T, addr string) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

func TestBanner(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "A server greets with a line that ends with CR LF, and then waits.")
	check.Hint(t, "A line is whole when its newline has come: don't read to the end, which is far.")
	s := listen(t)
	prog := check.Run(t, s.host, "30s", s.port)
	s.Accept().Send("220 mail.lab.test ESMTP\r\n")
	prog.WantStdout(s.port + ` open "220 mail.lab.test ESMTP"` + "\n")
	prog.WantExit(0)
}

func TestFirstLine(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "Three lines come at once; another server's first line is empty.")
	check.Hint(t, "Cut at the first newline. An empty line is a greeting too, and has quotes.")
	three, empty := listen(t), listen(t)
	prog := check.Run(t, three.host, "30s", three.port, empty.port)
	three.Accept().Send("220-one\n220-two\n220 three\n")
	empty.Accept().Send("\r\nlater\r\n")
	prog.WantStdout(three.port + ` open "220-one"` + "\n" + empty.port + ` open ""` + "\n")
	prog.WantExit(0)
}

func TestClosed(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Nobody listens at the port: the connection is refused, at once.")
	check.Hint(t, "errors.Is tells whether Dial's error is syscall.ECONNREFUSED.")
	prog := check.Run(t, "127.0.0.1", "30s", "1")
	prog.WantStdout("1 closed\n")
	prog.WantExit(0)
}

func TestFiltered(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Nobody answers at the port, as behind a firewall; WAIT is 300 ms.")
	check.Hint(t, "Without a timeout of yours, the kernel's is two minutes: see net.DialTimeout, and the Timeout method of net.Error.")
	host, port := split(t, check.Mute(t))
	prog := check.Run(t, host, "300ms", port)
	prog.WantStdout(port + " filtered\n")
	prog.WantExit(0)
}

func TestSilent(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "A server takes the connection and says nothing; WAIT is 300 ms.")
	check.Hint(t, "Reading needs a deadline as well. A port that does not speak is open all the same.")
	s := listen(t)
	prog := check.Run(t, s.host, "300ms", s.port)
	s.Accept()
	prog.WantStdout(s.port + " open -\n")
	prog.WantExit(0)
}

func TestBannerInPieces(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The greeting arrives one byte a segment, for more than a second.")
	check.Deadline(t, 15*time.Second) // each byte also waits to be acknowledged
	check.Hint(t, "A read may bring a single byte: go on until the newline has come.")
	s := listen(t)
	s.Meet(peer.Exchange{Send: [][]byte{[]byte("220 byte after byte\r\n")}, Way: peer.Drip{Pause: 50 * time.Millisecond}})
	prog := check.Run(t, s.host, "30s", s.port)
	prog.WantStdout(s.port + ` open "220 byte after byte"` + "\n")
	prog.WantExit(0)
}

func TestPartOfLine(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "A server sends the beginning of a line, and no more; WAIT is 1 s.")
	check.Hint(t, "When the deadline passes, what has come is the greeting.")
	s := listen(t)
	prog := check.Run(t, s.host, "1s", s.port)
	s.Accept().Send("220 not a li")
	prog.WantStdout(s.port + ` open "220 not a li"` + "\n")
	prog.WantExit(0)
}

func TestEndsEarly(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "One server closes at once, another after a few bytes without a newline.")
	check.Hint(t, "io.EOF ends a greeting as a newline does. With nothing before it there is none.")
	none, some := listen(t), listen(t)
	prog := check.Run(t, none.host, "30s", none.port, some.port)
	none.Accept().HalfClose()
	c := some.Accept()
	c.Send("bye")
	c.HalfClose()
	prog.WantStdout(none.port + " open -\n" + some.port + ` open "bye"` + "\n")
	prog.WantExit(0)
}

func TestLongBanner(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "1 MiB arrives without a newline, and then nothing: 80 bytes are enough.")
	check.Hint(t, "Bound what you read, and stop when you have it: the newline may never come.")
	s := listen(t)
	s.Meet(peer.Exchange{Way: peer.Flood{N: 1 << 20}})
	prog := check.Run(t, s.host, "30s", s.port)
	prog.WantStdout(s.port + ` open "` + strings.Repeat("A", 80) + `"` + "\n")
	prog.WantExit(0)
}

func TestEightyBytes(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "Lines of 79, 80 and 81 bytes, with LF and with CR LF; in one the 80th byte is a CR.")
	check.Hint(t, "The 80 bytes are the line's, without its end: to see that, you must read 82.")
	long := letters(t, 81)
	lines := []string{long[:79] + "\r\n", long[:80] + "\n", long[:80] + "\r\n", long + "\r\n", long[:79] + "\rx\n"}
	var servers []server
	var ports []string
	for range lines {
		s := listen(t)
		servers, ports = append(servers, s), append(ports, s.port)
	}
	prog := check.Run(t, append([]string{servers[0].host, "30s"}, ports...)...)
	var want strings.Builder
	for i, line := range lines {
		servers[i].Accept().Send(line)
		line = strings.TrimRight(line, "\r\n")
		fmt.Fprintf(&want, "%s open %q\n", ports[i], line[:min(len(line), 80)])
	}
	prog.WantStdout(want.String())
	prog.WantExit(0)
}

func TestEscapes(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Greetings hold what a terminal obeys, bytes that are no text, quotes, and CR.")
	check.Hint(t, "Never print a stranger's bytes as they are: %q quotes them.")
	a, b := listen(t), listen(t)
	prog := check.Run(t, a.host, "30s", a.port, b.port)
	a.Accept().Send("\x1b[2J\x1b]0;owned\x07 hello\x00\r\n")
	b.Accept().Send("\x9b31m \xff \u202e\"gr\u00fc\u00df\" \\n\rx\n")
	prog.WantStdout(a.port + ` open "\x1b[2J\x1b]0;owned\a hello\x00"` + "\n" +
		b.port + ` open "\x9b31m \xff \u202e\"` + "gr\u00fc\u00df" + `\" \\n\rx"` + "\n")
	prog.WantExit(0)
}

func TestInOrder(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The first port given is the last to answer; the numbers are not sorted, and one comes twice.")
	check.Hint(t, "Keep each port's state at its place, and print when all are there.")
	fast, slow := listen(t), listen(t)
	prog := check.Run(t, fast.host, "1s", slow.port, fast.port, "1", slow.port)
	fast.Accept().Send("fast\n")
	slow.Accept()
	slow.Accept()
	prog.WantStdout(slow.port + " open -\n" + fast.port + ` open "fast"` + "\n1 closed\n" + slow.port + " open -\n")
	prog.WantExit(0)
}

func TestManyPorts(t *testing.T) {
	check.Points(t, 3)
	check.Describe(t, "40 ports: one never answers, 20 are silent, and 19 greet once all others are connected. WAIT is 4 s.")
	check.Hint(t, "Give each port a goroutine, and wait for all of them: sync.WaitGroup.")
	host, mute := split(t, check.Mute(t))
	servers := make([]server, 39)
	args := []string{host, "4s", mute}
	for i := range servers {
		servers[i] = listen(t)
		args = append(args, servers[i].port)
	}
	check.Deadline(t, 3*time.Second) // before it gives up the first
	prog := check.Run(t, args...)
	conns := make([]*check.Conn, len(servers))
	for i, s := range servers {
		conns[i] = s.Accept()
	}
	var want strings.Builder
	want.WriteString(mute + " filtered\n")
	for i, s := range servers {
		state := "-"
		if i%2 == 1 {
			state = fmt.Sprintf("%q", fmt.Sprint("220 number ", i))
			conns[i].Send(fmt.Sprintf("220 number %d\r\n", i))
		}
		fmt.Fprintf(&want, "%s open %s\n", s.port, state)
	}
	check.Deadline(t, 10*time.Second)
	prog.WantStdout(want.String())
	prog.WantExit(0)
}

func TestWaitIsForAll(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "A digit every 200 ms, and no newline, for 15 s; WAIT is 1 s. So the greeting is short.")
	check.Hint(t, "Set the deadline once, not before each read: or every byte extends it.")
	check.Deadline(t, 10*time.Second)
	s := listen(t)
	s.Meet(peer.Exchange{Send: [][]byte{[]byte(strings.Repeat("1", 75))}, Way: peer.Drip{Pause: 200 * time.Millisecond}})
	prog := check.Run(t, s.host, "1s", s.port)
	prog.WantStdout(s.port + ` open "`)
	prog.WantNumber(1, 999_999_999_999_999_999) // no more digits than in 3.6 s
	prog.WantStdout("\"\n")
	prog.WantExit(0)
}

func TestColonsInHost(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "The host is an IPv6 address.")
	check.Hint(t, "net.JoinHostPort puts a host with colons into brackets.")
	prog := check.Run(t, "::ffff:127.0.0.1", "30s", "1") // of IPv4, so it is everywhere
	prog.WantStdout("1 closed\n")
	prog.WantExit(0)
}

func TestNoWay(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "The host is 255.255.255.255, to which there is no way: no port of it has a state.")
	check.Hint(t, "Only refused means closed, and only a timeout filtered. All else is an error.")
	prog := check.Run(t, "255.255.255.255", "1s", "80")
	prog.WantStderr("")
	prog.WantExit(1)
}

func TestUsage(t *testing.T) {
	check.Points(t, 1)
	check.Hidden(t)
	check.Describe(t, "Wrong arguments: the word usage on stderr, nothing on stdout, exit code 2.")
	check.Hint(t, "Look at len(os.Args), at time.ParseDuration, and at what strconv.ParseUint makes of a port.")
	for _, line := range []string{"", "127.0.0.1 1s", "127.0.0.1 1 1", "127.0.0.1 0s 1", "127.0.0.1 1s 0", "127.0.0.1 1s 1 65536", "127.0.0.1 1s http"} {
		prog := check.Run(t, strings.Fields(line)...)
		prog.WantStderr("usage")
		prog.WantExit(2)
	}
}

// letters is n letters, from the run's seed.
func letters(t *testing.T, n int) string {
	t.Helper()
	random := check.Seed(t)
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(random.IntN(26))
	}
	return string(b)
}
