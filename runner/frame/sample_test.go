package frame

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sockets/runner/recording"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

// A sample is a run written by hand: what a program did, line by line, and
// what two hosts put on the wire for it. Package ladder, capture and terminal
// draw the same samples.
type sample struct {
	*wire
	header recording.Header
	events []recording.Event // frames are empty until the end
	calls  []recording.Call
	g      int
}

// call adds a call that the line made, written as strace does: name(args) = result.
func (s *sample) call(line int, fd, text string) *recording.Event {
	s.t.Helper()
	name, rest, ok := strings.Cut(text, "(")
	args, result, okay := strings.Cut(rest, ") = ")
	if !ok || !okay {
		s.t.Fatalf("%q is not like name(args) = result", text)
	}
	result, errno, _ := strings.Cut(result, " ")
	c := recording.Call{ID: len(s.calls) + 1, Name: name, Result: result, Errno: errno, FD: fd, Args: splitArgs(args)}
	s.calls = append(s.calls, c)
	s.events = append(s.events, recording.Event{At: place(line), Goroutine: s.g, Call: &c})
	return &s.events[len(s.events)-1]
}

// splitArgs cuts at the commas that stand in no brackets or quotes.
func splitArgs(args string) []string {
	var all []string
	depth, quoted, start := 0, false, 0
	for i, r := range args {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '{' || r == '[':
			depth++
		case r == '}' || r == ']':
			depth--
		case r == ',' && depth == 0:
			all = append(all, strings.TrimSpace(args[start:i]))
			start = i + 1
		}
	}
	return append(all, strings.TrimSpace(args[start:]))
}

func (s *sample) print(line int, stream, text string) {
	s.events = append(s.events, recording.Event{At: place(line), Goroutine: s.g, Output: &recording.Output{Stream: stream, Text: text}})
}

// frames adds events for the frames that were sent since the last time.
func (s *sample) frames() {
	have := 0
	for _, e := range s.events {
		if e.Frame != nil {
			have++
		}
	}
	for range len(s.raws) - have {
		s.events = append(s.events, recording.Event{Frame: &recording.Frame{}})
	}
}

func place(line int) *recording.Place {
	return &recording.Place{File: "main.go", Line: line, Func: "main.main"}
}

func (s *sample) recording() *recording.Recording {
	s.frames()
	decoded := Decode(s.raws, new(Ports))
	Tie(decoded, s.calls)
	at := make(map[int]recording.Event)
	for _, e := range s.events {
		if e.Call != nil {
			at[e.Call.ID] = e
		}
	}
	n := 0
	for i := range s.events {
		e := &s.events[i]
		if e.Frame == nil {
			continue
		}
		e.Frame = &decoded[n]
		n++
		if from, ok := at[e.Frame.Call]; ok {
			e.At, e.Goroutine, e.Inherited = from.At, from.Goroutine, from.Inherited
		}
	}
	return &recording.Recording{Header: s.header, Events: s.events}
}

func newSample(t *testing.T, run string) *sample {
	t.Helper()
	return &sample{wire: newWire(t, 11), g: 1, header: recording.Header{
		Lesson: "06", Run: run, Program: "main.go", Level: recording.LevelFull,
		Go: "go1.26.8", OS: "linux", Arch: "amd64", Kernel: "6.18", Hidden: 12,
	}}
}

const web = "TCP 192.0.2.10:50001 > 192.0.2.80:80"

// sampleHTTP is a GET whose first SYN,ACK is lost.
func sampleHTTP(t *testing.T) *recording.Recording {
	t.Helper()
	s := newSample(t, "main")
	c := s.talk(false, 40000, 80)
	s.call(14, "", "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3")
	s.call(18, web, "connect(3, {AF_INET, 192.0.2.80:80}, 16) = 0").Call.Millis = 1000
	c.out("S")
	drop(c.in("SA"))
	s.wait(time.Second)
	c.at(0, recording.Out, "S", nil)
	c.at(0, recording.In, "SA", nil)
	c.out("A")
	s.frames()
	s.print(18, recording.Stdout, "connected\n")
	s.call(24, web, "write(3, \"GET / HTTP/1.0\\r\\n\\r\\n\", 18) = 18")
	c.out("PA", "GET / HTTP/1.0\r\n\r\n")
	c.in("A")
	reply := "HTTP/1.0 200 OK\r\nServer: lab\r\n\r\nHello from the lab.\n"
	c.in("PA", reply)
	c.out("A")
	c.in("FA")
	s.frames()
	s.call(28, web, fmt.Sprintf("read(3, \"HTTP/1.0 200 OK\\r\\nServer: lab\\r\\n\"... (%[1]d bytes), 4096) = %[1]d", len(reply)))
	s.call(28, web, "read(3, \"\", 4096) = 0")
	s.print(31, recording.Stdout, reply)
	s.call(32, web, "close(3) = 0")
	c.out("FA")
	c.in("A")
	return s.recording()
}

// sampleRefused is a connect to a port where nobody listens.
func sampleRefused(t *testing.T) *recording.Recording {
	t.Helper()
	s := newSample(t, "refused")
	c := s.talk(false, 40000, 81)
	s.call(14, "", "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3")
	s.call(18, "TCP", "connect(3, {AF_INET, 192.0.2.80:81}, 16) = -1 ECONNREFUSED")
	c.out("S")
	c.isn[1] = 0
	c.in("RA")
	s.frames()
	s.print(20, recording.Stderr, "connect: connection refused\n")
	s.header.End.Exit = 1
	return s.recording()
}

// sampleLookup is a DNS lookup by two goroutines that the program did not
// start itself, then a reply of 8 KB over IPv6, then an end without a close.
func sampleLookup(t *testing.T) *recording.Recording {
	t.Helper()
	s := newSample(t, "lookup")
	answer := []dnsmessage.ResourceBody{&dnsmessage.AResource{A: [4]byte{192, 0, 2, 80}}, &dnsmessage.AAAAResource{AAAA: peer6.As16()}}
	for i, kind := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		port, fd := uint16(41000+i), fmt.Sprintf("UDP 192.0.2.10:%d > 192.0.2.80:53", 50001+i)
		query := message(t, uint16(s.rand.Uint32()), "www.lab.test.", kind)
		reply := message(t, uint16(query[0])<<8|uint16(query[1]), "www.lab.test.", kind, answer[i])
		from := len(s.events)
		s.g = 7 + i
		s.call(12, "", fmt.Sprintf("socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = %d", 3+i))
		s.call(12, fd, fmt.Sprintf("connect(%d, {AF_INET, 192.0.2.80:53}, 16) = 0", 3+i))
		s.call(12, fd, fmt.Sprintf("write(%d, <00 01 01 00>... (%[2]d bytes), %[2]d) = %[2]d", 3+i, len(query)))
		s.udp(recording.Out, false, port, 53, query)
		s.udp(recording.In, false, 53, port, reply)
		s.frames()
		s.call(12, fd, fmt.Sprintf("read(%d, <00 01 81 00>... (%[2]d bytes), 1232) = %[2]d", 3+i, len(reply)))
		s.call(12, fd, fmt.Sprintf("close(%d) = 0", 3+i))
		for i := range s.events[from:] {
			s.events[from+i].Inherited = true
		}
	}
	s.g = 1
	c := s.talk(true, 42000, 80)
	const v6 = "TCP [2001:db8::10]:50003 > [2001:db8::80]:80"
	s.call(12, "", "socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = 3")
	s.call(12, v6, "connect(3, {AF_INET6, [2001:db8::80]:80}, 28) = -1 EINPROGRESS")
	c.shake()
	s.frames()
	s.call(12, v6, "getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0").Call.Note = "a connect that does not block tells here how it went"
	s.call(17, v6, "write(3, \"GET /lines HTTP/1.0\\r\\n\\r\\n\", 23) = 23")
	c.out("PA", "GET /lines HTTP/1.0\r\n\r\n")
	c.in("A")
	body := bytes.Repeat([]byte("A line of the lab's server, and not a short one, of 72 bytes together.\r\n"), 112)
	for i, at := 0, 0; at < len(body); i++ {
		to, flags := min(at+1428, len(body)), "A"
		if to == len(body) {
			flags = "PA"
		}
		c.send(recording.In, flags, body[at:to])
		if i%2 == 1 {
			c.out("A")
		}
		at = to
	}
	c.in("FA")
	s.frames()
	s.call(21, v6, "read(3, \"A line of the lab's server, and \"..., 4096) = 4096")
	s.call(21, v6, fmt.Sprintf("read(3, \"t one, of 72 bytes together.\\r\\nA \"..., 4096) = %d", len(body)-4096))
	s.call(21, v6, "read(3, \"\", 4096) = 0")
	s.print(23, recording.Stdout, "112 lines\n")
	c.out("A")
	c.out("FA")
	c.in("A")
	s.header.Hidden = 58
	return s.recording()
}

// sampleServer is a server with two connections at once: one gets 24 segments
// and loses one of them, the other is closed before its input was read. One
// frame comes twice, one late.
func sampleServer(t *testing.T) *recording.Recording {
	t.Helper()
	s := newSample(t, "server")
	const listener = "TCP 192.0.2.10:8080, listening"
	fd := func(port int) string { return fmt.Sprintf("TCP 192.0.2.10:8080 > 192.0.2.80:%d", port) }
	accepted := func(line, fd, port int) {
		s.call(line, listener, fmt.Sprintf("accept4(3, {AF_INET, 192.0.2.80:%d}, [16], SOCK_CLOEXEC|SOCK_NONBLOCK) = %d", port, fd))
	}
	s.call(9, listener, "listen(3, 4096) = 0")
	one, two := s.talk(false, 8080, 41000), s.talk(false, 8080, 42000)
	for _, c := range []*talk{one, two} {
		c.in("S")
		c.out("SA")
		c.in("A")
	}
	s.frames()
	accepted(12, 4, 50001)
	accepted(12, 5, 50002)
	one.in("PA", "send\n")
	one.out("A")
	late := two.in("PA", strings.Repeat("x", 100))
	late.Fault = "delayed 200ms"
	s.wait(200 * time.Millisecond)
	late.At = s.at
	two.out("A")
	s.frames()
	s.g = 18
	s.call(21, fd(50001), "read(4, \"send\\n\", 512) = 5")
	s.call(24, fd(50001), fmt.Sprintf("write(4, \"%s\"..., 34752) = 34752", strings.Repeat("\\0", 8)))
	s.g = 19
	s.call(21, fd(50002), "read(5, \"xxxxxxxx\"..., 10) = 10")
	s.call(30, fd(50002), "close(5) = 0")
	two.out("RA")
	for i := range 24 {
		r := one.out("A", strings.Repeat("\x00", 1448))
		if i == 20 {
			drop(r)
		}
	}
	one.next[0] -= 4 * 1448
	one.in("A")
	one.next[0] += 4 * 1448
	s.wait(200 * time.Millisecond)
	one.at(1+20*1448, recording.Out, "A", bytes.Repeat([]byte{0}, 1448))
	one.in("A")
	s.twice()
	one.in("FA")
	s.frames()
	s.g = 18
	s.call(21, fd(50001), "read(4, \"\", 512) = 0")
	s.call(30, fd(50001), "close(4) = 0")
	one.out("FA")
	one.in("A")
	s.frames()
	s.header.End = recording.End{Exit: -1, Deadline: "2s", Waiting: []recording.Place{{File: "main.go", Line: 12, Func: "main.main"}}}
	return s.recording()
}

func TestSamples(t *testing.T) {
	for name, build := range map[string]func(*testing.T) *recording.Recording{
		"http": sampleHTTP, "refused": sampleRefused, "lookup": sampleLookup, "server": sampleServer,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := build(t).Encode()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".jsonl")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("the sample differs from %s (-want +got); -update rewrites it:\n%s", file, diff)
			}
		})
	}
}
