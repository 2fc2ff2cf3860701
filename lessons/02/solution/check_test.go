package main

import (
	"fmt"
	"strings"
	"testing"

	"sockets/runner/check"
)

func TestMain(m *testing.M) { check.Main(m, "target") }

// gives runs the program on inputs, each followed by the line that it must give.
func gives(t *testing.T, pairs ...string) {
	t.Helper()
	var in, want strings.Builder
	code := 0
	for i := 0; i < len(pairs); i += 2 {
		in.WriteString(pairs[i] + "\n")
		want.WriteString(pairs[i+1] + "\n")
		if pairs[i+1] == rejected {
			code = 1
		}
	}
	check.Stdin(t, in.String())
	prog := check.Run(t)
	prog.WantStdout(want.String())
	if code == 1 {
		prog.WantStderr("")
	}
	prog.WantExit(code)
}

const rejected = "rejected"

// rejects runs the program on inputs that it must reject.
func rejects(t *testing.T, inputs ...string) {
	t.Helper()
	var pairs []string
	for _, in := range inputs {
		pairs = append(pairs, in, rejected)
	}
	gives(t, pairs...)
}

func TestBareHost(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Hosts without a scheme, with and without a port and a path.")
	check.Hint(t, "Without a scheme it is http: write that before it, and parse then.")
	gives(t,
		"www.lab.test", "tcp www.lab.test 80 /",
		"www.lab.test:8080", "tcp www.lab.test 8080 /",
		"www.lab.test/a/b.html", "tcp www.lab.test 80 /a/b.html",
		"localhost:80/x", "tcp localhost 80 /x",
		"www.lab.test.", "tcp www.lab.test. 80 /",
	)
}

func TestDefaultPort(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "URLs of the four schemes, some in capitals, some with an empty port.")
	check.Hint(t, "The scheme tells the default port. A colon with nothing behind it leaves the port out.")
	gives(t,
		"http://www.lab.test/", "tcp www.lab.test 80 /",
		"https://www.lab.test/", "tcp www.lab.test 443 /",
		"gopher://gopher.lab.test/0/about", "tcp gopher.lab.test 70 /0/about",
		"ftp://ftp.lab.test/pub/file", "tcp ftp.lab.test 21 /pub/file",
		"HTTPS://www.lab.test/A", "tcp www.lab.test 443 /A",
		"https://www.lab.test:/", "tcp www.lab.test 443 /",
	)
}

func TestExplicitPort(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "URLs with a port that is not the scheme's.")
	check.Hint(t, "A port that is given beats the scheme's.")
	gives(t,
		"https://www.lab.test:80/", "tcp www.lab.test 80 /",
		"http://www.lab.test:443/", "tcp www.lab.test 443 /",
		"gopher://gopher.lab.test:7070/1", "tcp gopher.lab.test 7070 /1",
		"http://www.lab.test:1", "tcp www.lab.test 1 /",
		"http://www.lab.test:65535", "tcp www.lab.test 65535 /",
	)
}

func TestIPv4(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "The host is an IPv4 address: the network is tcp4. Some names only look like one.")
	check.Hint(t, "netip.ParseAddr tells an address from a name.")
	gives(t,
		"127.0.0.1", "tcp4 127.0.0.1 80 /",
		"https://192.0.2.80/x", "tcp4 192.0.2.80 443 /x",
		"192.0.2.80:8080/x", "tcp4 192.0.2.80 8080 /x",
		"1.2.3.4.lab.test", "tcp 1.2.3.4.lab.test 80 /",
	)
}

func TestIPv6(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "The host is an IPv6 address: the network is tcp6, and the brackets go.")
	check.Hint(t, "The last colon need not be the port's: u.Hostname and u.Port know.")
	gives(t,
		"[::1]:8080", "tcp6 ::1 8080 /",
		"[::1]", "tcp6 ::1 80 /",
		"https://[2001:db8::7f]/a?b", "tcp6 2001:db8::7f 443 /a?b",
		"gopher://[2001:db8::70]:7070", "tcp6 2001:db8::70 7070 /",
	)
}

func TestZone(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "IPv6 addresses with a zone, for which a URL has %25: to dial, it is %.")
	check.Hint(t, "url.Parse decodes the host. The target is not to be decoded.")
	gives(t,
		"http://[fe80::1%25lo]/%25", "tcp6 fe80::1%lo 80 /%25",
		"[fe80::1%25lo]:8080", "tcp6 fe80::1%lo 8080 /",
	)
}

func TestQuery(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "URLs with a query, with and without a path; some queries are empty.")
	check.Hint(t, "u.Path has no query: see what u.RequestURI gives.")
	gives(t,
		"http://www.lab.test/search?q=a+b&n=10", "tcp www.lab.test 80 /search?q=a+b&n=10",
		"www.lab.test?q=1", "tcp www.lab.test 80 /?q=1",
		"www.lab.test/a?", "tcp www.lab.test 80 /a?",
		"www.lab.test/a?b?c/d", "tcp www.lab.test 80 /a?b?c/d",
		"www.lab.test/a?z=1&a=2&z=0", "tcp www.lab.test 80 /a?z=1&a=2&z=0",
	)
}

func TestAsItStands(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Paths and queries with percent signs, two slashes, dots and a semicolon.")
	check.Hint(t, "The target is opaque to you: what you decode, clean or sort is another one.")
	gives(t,
		"http://www.lab.test/a%20b?c=%26d", "tcp www.lab.test 80 /a%20b?c=%26d",
		"http://www.lab.test/a%2Fb", "tcp www.lab.test 80 /a%2Fb",
		"http://www.lab.test//a//b/", "tcp www.lab.test 80 //a//b/",
		"http://www.lab.test/a/../b/.", "tcp www.lab.test 80 /a/../b/.",
		"http://www.lab.test/a;b=1,2", "tcp www.lab.test 80 /a;b=1,2",
	)
}

func TestFragment(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "URLs with a fragment, one that holds a question mark.")
	check.Hint(t, "What follows # is for the client, and is never sent.")
	gives(t,
		"http://www.lab.test/a?b=c#d", "tcp www.lab.test 80 /a?b=c",
		"http://www.lab.test/a#b?c", "tcp www.lab.test 80 /a",
		"www.lab.test#top", "tcp www.lab.test 80 /",
	)
}

func TestURLInQuery(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "No scheme, but a query or a path that holds another URL.")
	check.Hint(t, "A scheme ends at the first colon, and has no slash, ? or # in it.")
	gives(t,
		"www.lab.test/go?to=https://other.test/", "tcp www.lab.test 80 /go?to=https://other.test/",
		"www.lab.test:8080/http://other.test/", "tcp www.lab.test 8080 /http://other.test/",
		"www.lab.test?gopher://other.test", "tcp www.lab.test 80 /?gopher://other.test",
	)
}

func TestUser(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "Before an @ stands a user, whom some choose to look like a host.")
	check.Hint(t, "u.Hostname is the host alone. Whoever cuts at the first colon dials the wrong one.")
	gives(t,
		"http://user:secret@www.lab.test/", "tcp www.lab.test 80 /",
		"http://www.lab.test:80@192.0.2.1/", "tcp4 192.0.2.1 80 /",
		"https://www.lab.test@other.test:8443/", "tcp other.test 8443 /",
	)
}

func TestBadPort(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Ports that are none: 70000, 65536, 0, below 0, words.")
	check.Hint(t, "url.Parse wants digits only. The range is yours to check: strconv.ParseUint with 16 bits.")
	rejects(t, "http://www.lab.test:70000/", "www.lab.test:65536", "www.lab.test:0",
		"www.lab.test:-1", "www.lab.test:http", "[::1]:70000", "www.lab.test:80:80")
}

func TestNoHost(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Inputs without a host; one is an empty line.")
	check.Hint(t, "url.Parse allows an empty host, and net.Dial takes it for this machine.")
	rejects(t, "http://", "https:///etc/passwd", ":8080", "", "/a/b", "?q", "http://user@/")
}

func TestSpaces(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Spaces and tabs, before, behind and in every part.")
	check.Hint(t, "url.Parse lets some pass. In a request line a space would end the target.")
	rejects(t, "http://www.lab.test/a b", "http://www.lab.test/?a b", "http://www.lab.test/#a b", "www lab.test",
		" www.lab.test", "www.lab.test ", "www.lab.test/a\tb", "http://www.lab.test/ HTTP/1.0")
}

func TestBadBrackets(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "IPv6 without brackets, and brackets without IPv6.")
	check.Hint(t, "url.Parse rejects all of these: look at its error, and take nothing apart by hand.")
	rejects(t, "::1", "http://2001:db8::7f/", "2001:db8::7:80", "[::1", "[www.lab.test]:80", "[::1]x", "[::g]:80", "[]:80")
}

func TestUnknownScheme(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "Schemes that the task does not name, with a port and without.")
	check.Hint(t, "For a scheme that you don't know you have no default, and no protocol to speak.")
	rejects(t, "gophers://gopher.lab.test/", "file://www.lab.test/etc/passwd", "htp://www.lab.test:80/", "://www.lab.test/")
}

func TestGoesOn(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "Good inputs before, between and behind bad ones.")
	check.Hint(t, "One bad line costs one line. Remember it for the exit code, and go on.")
	gives(t,
		"www.lab.test", "tcp www.lab.test 80 /",
		"www.lab.test:70000", rejected,
		"192.0.2.1/a", "tcp4 192.0.2.1 80 /a",
		"http://", rejected,
		"https://[::1]", "tcp6 ::1 443 /",
	)
}

func TestLastLine(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "The last input has no newline.")
	check.Hint(t, "bufio.Scanner gives such a line as any other; ReadString gives it with io.EOF.")
	check.Stdin(t, "www.lab.test/1\nwww.lab.test/2")
	prog := check.Run(t)
	prog.WantStdout("tcp www.lab.test 80 /1\ntcp www.lab.test 80 /2\n")
	prog.WantExit(0)
}

func TestLongLine(t *testing.T) {
	check.Points(t, 1)
	check.Describe(t, "A URL of 100,000 bytes, and one behind it.")
	check.Hint(t, "bufio.Scanner gives up at 64 KiB, unless you give it a larger Buffer.")
	long := "/" + strings.Repeat("long/", 20_000)
	gives(t, "www.lab.test"+long, "tcp www.lab.test 80 "+long, "www.lab.test/b", "tcp www.lab.test 80 /b")
}

func TestFortyInputs(t *testing.T) {
	check.Points(t, 3)
	check.Describe(t, "40 inputs, made at random from schemes, hosts, ports, paths and queries.")
	check.Hint(t, "Each part is there or not, whatever the others are: let url.Parse take them apart.")
	random := check.Seed(t)
	ports := map[string]int{"": 80, "ftp": 21, "gopher": 70, "http": 80, "https": 443}
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	word := func() string { return fmt.Sprintf("%c%x", 'g'+random.IntN(20), random.Uint32()) }
	var pairs []string
	for range 40 {
		scheme, network, host := pick("", "ftp", "gopher", "http", "https"), "tcp", word()+".test"
		port, request := ports[scheme], "/"
		in := ""
		if scheme != "" {
			in = scheme + "://"
		}
		switch random.IntN(4) {
		case 0:
			network, host = "tcp4", fmt.Sprintf("192.0.2.%d", random.IntN(256))
			in += host
		case 1:
			network, host = "tcp6", fmt.Sprintf("2001:db8::%x:1", 1+random.IntN(65535))
			in += "[" + host + "]"
		default:
			in += host
		}
		if random.IntN(2) == 0 {
			port = 1 + random.IntN(65535)
			in += fmt.Sprint(":", port)
		}
		if tail := pick("", "/"+word(), "/"+word()+"/%20"+word(), "/?"+word()+"="+word(), "/"+word()+"?"+word()); tail != "" {
			request = tail
			in += tail
		}
		pairs = append(pairs, in+pick("", "", "#"+word()), fmt.Sprintf("%s %s %d %s", network, host, port, request))
	}
	gives(t, pairs...)
}

func TestUsage(t *testing.T) {
	check.Points(t, 1)
	check.Hidden(t)
	check.Describe(t, "An argument, where there is to be none: the word usage on stderr, exit code 2.")
	check.Hint(t, "Look at len(os.Args) before you read stdin.")
	check.Stdin(t, "www.lab.test\n")
	for _, args := range [][]string{{"www.lab.test"}, {"-"}, {""}} {
		prog := check.Run(t, args...)
		prog.WantStderr("usage")
		prog.WantExit(2)
	}
}
