package frame

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/recording"
)

const (
	tcp4 = "TCP 192.0.2.10:50001 > 192.0.2.80:80"
	udp4 = "UDP 192.0.2.10:50001 > 192.0.2.80:9"
)

// made is calls from lines like "FD | name(args) = result", numbered from 1.
func made(t *testing.T, lines ...string) []recording.Call {
	t.Helper()
	s := &sample{wire: newWire(t, 1)}
	for _, line := range lines {
		fd, text, ok := strings.Cut(line, " | ")
		if !ok {
			t.Fatalf("%q is not FD | call", line)
		}
		s.call(1, fd, text)
	}
	return s.calls
}

// tied says of each frame its call and label, in a few words.
func tied(frames []recording.Frame) string {
	var words []string
	for _, f := range frames {
		what := f.Flags
		if what == "" {
			what = f.Proto
		}
		if f.Len > 0 {
			what += fmt.Sprintf("+%d", f.Len)
		}
		word := fmt.Sprintf("%s %s:%d", f.Dir, what, f.Call)
		if f.ByHost != "" {
			word += " [" + f.ByHost + "]"
		}
		words = append(words, word)
	}
	return strings.Join(words, "\n")
}

func TestTieCalls(t *testing.T) {
	const shaken = "out SYN:1\nin SYN,ACK:1 [SYN,ACK]\nout ACK:0 [ACK]\n"
	connect := "TCP | connect(3, {AF_INET, 192.0.2.80:80}, 16) = 0"
	for _, c := range []struct {
		name  string
		build func(w *wire)
		calls []string
		want  string
	}{
		{"data by bytes", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.out("PA", "hello")
			c.out("PA", "world")
			c.in("PA", "0123456789")
			c.in("PA", "abc")
			c.in("FA")
		}, []string{
			connect,
			tcp4 + " | write(3, \"hello\", 5) = 5",
			tcp4 + " | write(3, \"w\", 5) = -1 EAGAIN",
			tcp4 + " | writev(3, [...], 2) = 5",
			tcp4 + " | recvfrom(3, \"0123\", 4, MSG_PEEK, NULL, NULL) = 4",
			tcp4 + " | read(3, \"0123456789ab\", 12) = 12",
			tcp4 + " | read(3, \"c\", 12) = 1",
			tcp4 + " | read(3, \"\", 12) = 0",
		}, shaken + "out PSH,ACK+5:2\nout PSH,ACK+5:4\nin PSH,ACK+10:5\nin PSH,ACK+3:6\nin FIN,ACK:8"},
		{"refused, not blocking", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.out("S")
			c.isn[1] = 0
			c.in("RA")
		}, []string{
			"TCP | connect(3, {AF_INET, 192.0.2.80:80}, 16) = -1 EINPROGRESS",
			tcp4 + " | getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0",
		}, "out SYN:1\nin RST,ACK:2 [RST: nobody listens]"},
		{"reset by the peer", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.in("RA")
		}, []string{connect, tcp4 + " | read(3, ..., 12) = -1 ECONNRESET"}, shaken + "in RST,ACK:2"},
		{"closed with unread input", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.in("PA", "hello")
			c.out("RA")
		}, []string{connect, tcp4 + " | read(3, \"hel\", 3) = 3", tcp4 + " | close(3) = 0"}, shaken + "in PSH,ACK+5:2\nout RST,ACK:3 [RST: closed with unread input]"},
		{"closed with no time to linger", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.in("PA", "hello")
			c.out("RA")
		}, []string{connect, tcp4 + " | read(3, \"hello\", 9) = 5", tcp4 + " | close(3) = 0"}, shaken + "in PSH,ACK+5:2\nout RST,ACK:3"},
		{"exit", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.out("FA").Call = 2
		}, []string{connect, " | exit_group(0) = ?"}, shaken + "out FIN,ACK:2 [FIN at exit]"},
		{"exit while it waits", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.window[0]++
			c.out("A").Call = 2
			c.out("FA").Call = 3
		}, []string{connect, tcp4 + " | read(3, ..., 9) = ?", "TCP 127.0.0.1:8080, listening | accept4(4, ..., ..., 0) = ?"}, shaken + "out ACK:2 [window update]\nout FIN,ACK:0 [FIN at exit]"},
		{"exit with another's reset", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.out("RA")
		}, []string{connect, tcp4 + " | read(3, ..., 9) = -1 EAGAIN"}, shaken + "out RST,ACK:0 [RST at exit]"},
		{"shutdown, then close", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.out("FA")
		}, []string{connect, tcp4 + " | shutdown(3, SHUT_WR) = 0", tcp4 + " | close(3) = 0"}, shaken + "out FIN,ACK:2"},
		{"the last of two descriptors", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			c.out("FA")
		}, []string{connect, tcp4 + " | fcntl(3, F_DUPFD_CLOEXEC, 0) = 4", tcp4 + " | close(3) = 0", tcp4 + " | close(4) = 0"}, shaken + "out FIN,ACK:4"},
		{"retransmitted", func(w *wire) {
			c := w.talk(false, w.port(), 80)
			c.shake()
			drop(c.out("PA", "hello"))
			c.at(1, recording.Out, "PA", []byte("hello"))
			drop(c.in("PA", "hi"))
			c.at(1, recording.In, "PA", []byte("hi"))
		}, []string{connect, tcp4 + " | write(3, \"hello\", 5) = 5", tcp4 + " | read(3, \"hi\", 5) = 2"}, shaken + "out PSH,ACK+5:2\nout PSH,ACK+5:2 [retransmission]\nin PSH,ACK+2:0\nin PSH,ACK+2:3 [retransmission]"},
		{"accepted", func(w *wire) {
			c := w.talk(false, 8080, 41000)
			c.in("S")
			c.out("SA")
			c.in("A")
			c.in("PA", "hi")
		}, []string{
			"MPTCP [::]:8080 > 192.0.2.80:50001 | accept4(3, {AF_INET6, [::ffff:192.0.2.80]:50001}, [28], 0) = 4",
			"TCP [::]:8080 > [::ffff:192.0.2.80]:50001 | read(4, \"hi\", 9) = 2",
		}, "in SYN:1\nout SYN,ACK:0 [SYN,ACK]\nin ACK:0 [ACK]\nin PSH,ACK+2:2"},
		{"the same endpoints again", func(w *wire) {
			port := w.port()
			for range 2 {
				c := w.talk(false, port, 80)
				c.shake()
				c.out("PA", "hi")
				c.out("RA")
			}
		}, []string{
			connect, tcp4 + " | write(3, \"hi\", 2) = 2", tcp4 + " | close(3) = 0",
			connect, tcp4 + " | write(3, \"hi\", 2) = 2", tcp4 + " | close(3) = 0",
		}, shaken + "out PSH,ACK+2:2\nout RST,ACK:3\nout SYN:4\nin SYN,ACK:4 [SYN,ACK]\nout ACK:0 [ACK]\nout PSH,ACK+2:5\nout RST,ACK:6"},
		{"datagrams", func(w *wire) {
			port := w.port()
			w.udp(recording.Out, false, port, 9, []byte("one"))
			w.udp(recording.Out, false, port, 9, []byte("three"))
			w.udp(recording.In, false, 9, port, []byte("back"))
		}, []string{
			"UDP | sendto(3, \"one\", 3, 0, {AF_INET, 192.0.2.80:9}, 16) = 3",
			udp4 + " | write(3, \"three\", 5) = 5",
			"UDP 0.0.0.0:50001 | recvfrom(3, \"back\", 512, 0, {AF_INET, 192.0.2.80:9}, [16]) = 4",
		}, "out UDP+3:1\nout UDP+5:2\nin UDP+4:3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWire(t, 5)
			c.build(w)
			frames := Decode(w.raws, new(Ports))
			Tie(frames, made(t, c.calls...))
			if diff := cmp.Diff(c.want, tied(frames)); diff != "" {
				t.Errorf("Tie (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTieUnreachable(t *testing.T) {
	frames := []recording.Frame{
		{Dir: recording.Out, Proto: "UDP", From: "192.0.2.10:50001", To: "192.0.2.80:9", Len: 2, Summary: "2 bytes"},
		{Dir: recording.In, Proto: "ICMP", From: "192.0.2.80", To: "192.0.2.10", Summary: "port unreachable (UDP 192.0.2.10:50001 > 192.0.2.80:9)", ByHost: "nobody listens"},
		{Dir: recording.Out, Proto: "ICMP", From: "192.0.2.10", To: "192.0.2.80", Len: 8, Summary: "echo request id 1 seq 1, 8 bytes"},
		{Dir: recording.In, Proto: "ICMP", From: "192.0.2.80", To: "192.0.2.10", Len: 8, Summary: "echo reply id 1 seq 1, 8 bytes", ByHost: "echo reply"},
	}
	Tie(frames, made(
		t,
		udp4+" | write(3, \"hi\", 2) = 2",
		udp4+" | read(3, ..., 9) = -1 ECONNREFUSED",
		"raw ICMP | sendto(4, <08 00>, 16, 0, {AF_INET, 192.0.2.80:0}, 16) = 16",
		"raw ICMP | recvfrom(4, <45 00>, 512, 0, {AF_INET, 192.0.2.80:0}, [16]) = 36",
	))
	want := "out UDP+2:1\nin ICMP:2 [nobody listens]\nout ICMP+8:3\nin ICMP+8:4 [echo reply]"
	if diff := cmp.Diff(want, tied(frames)); diff != "" {
		t.Errorf("Tie (-want +got):\n%s", diff)
	}
}

func TestTieSamples(t *testing.T) {
	for _, c := range []struct {
		build func(*testing.T) *recording.Recording
		want  string
	}{
		{sampleHTTP, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0 call 2
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK] dropped
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0 [retransmission] call 2 +1000 ms
4 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [retransmission] call 2
5 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
6 out TCP 192.0.2.10:50001 > 192.0.2.80:80: PSH,ACK seq 1 ack 1, 18 bytes call 3
7 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 1 ack 19 [ACK]
8 in TCP 192.0.2.80:80 > 192.0.2.10:50001: PSH,ACK seq 1 ack 19, 52 bytes call 4
9 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 19 ack 53 [ACK]
10 in TCP 192.0.2.80:80 > 192.0.2.10:50001: FIN,ACK seq 53 ack 19 call 5
11 out TCP 192.0.2.10:50001 > 192.0.2.80:80: FIN,ACK seq 19 ack 54 call 6
12 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 54 ack 20 [ACK]
`},
		{sampleRefused, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:81: SYN seq 0 call 2
2 in TCP 192.0.2.80:81 > 192.0.2.10:50001: RST,ACK seq 1 ack 1 [RST: nobody listens] call 2
`},
	} {
		var got []recording.Frame
		for _, e := range c.build(t).Events {
			if e.Frame != nil {
				got = append(got, *e.Frame)
			}
		}
		if diff := cmp.Diff(c.want, lines(got)); diff != "" {
			t.Errorf("Tie (-want +got):\n%s", diff)
		}
	}
}
