package frame

import (
	"strings"
	"time"

	"sockets/runner/recording"
)

// A decodeCase is frames, and a line for each that Decode makes of them.
type decodeCase struct {
	name  string
	build func(w *wire)
	want  string
}

// segmentCases are of TCP.
var segmentCases = []decodeCase{
	{"lost SYN,ACK", func(w *wire) {
		c := w.talk(false, w.port(), 80)
		c.out("S")
		drop(c.in("SA"))
		w.wait(time.Second)
		c.at(0, recording.Out, "S", nil)
		c.at(0, recording.In, "SA", nil)
		c.out("A")
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK] dropped
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0 [retransmission] +1000 ms
4 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [retransmission]
5 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
`},
	{"data and close", func(w *wire) {
		c := w.talk(true, w.port(), 80)
		c.shake()
		c.out("PA", "GET /\r\n")
		c.in("A")
		c.in("PA", "hello")
		c.in("FA")
		c.out("A")
		c.window[0]++
		c.out("A")
		c.out("FA")
		c.in("A")
	}, `1 out TCP [2001:db8::10]:50001 > [2001:db8::80]:80: SYN seq 0
2 in TCP [2001:db8::80]:80 > [2001:db8::10]:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
3 out TCP [2001:db8::10]:50001 > [2001:db8::80]:80: ACK seq 1 ack 1 [ACK]
4 out TCP [2001:db8::10]:50001 > [2001:db8::80]:80: PSH,ACK seq 1 ack 1, 7 bytes
5 in TCP [2001:db8::80]:80 > [2001:db8::10]:50001: ACK seq 1 ack 8 [ACK]
6 in TCP [2001:db8::80]:80 > [2001:db8::10]:50001: PSH,ACK seq 1 ack 8, 5 bytes
7 in TCP [2001:db8::80]:80 > [2001:db8::10]:50001: FIN,ACK seq 6 ack 8
8 out TCP [2001:db8::10]:50001 > [2001:db8::80]:80: ACK seq 8 ack 7 [ACK]
9 out TCP [2001:db8::10]:50001 > [2001:db8::80]:80: ACK seq 8 ack 7 [window update]
10 out TCP [2001:db8::10]:50001 > [2001:db8::80]:80: FIN,ACK seq 8 ack 7
11 in TCP [2001:db8::80]:80 > [2001:db8::10]:50001: ACK seq 7 ack 9 [ACK]
`},
	{"resets", func(w *wire) {
		c := w.talk(false, w.port(), 81)
		c.out("S")
		c.isn[1] = 0
		c.in("RA")
		late := w.talk(false, w.port(), 80)
		late.shake()
		late.out("FA")
		late.in("PA", "x")
		late.out("R")
		late.in("RA")
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:81: SYN seq 0
2 in TCP 192.0.2.80:81 > 192.0.2.10:50001: RST,ACK seq 1 ack 1 [RST: nobody listens]
3 out TCP 192.0.2.10:50002 > 192.0.2.80:80: SYN seq 0
4 in TCP 192.0.2.80:80 > 192.0.2.10:50002: SYN,ACK seq 0 ack 1 [SYN,ACK]
5 out TCP 192.0.2.10:50002 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
6 out TCP 192.0.2.10:50002 > 192.0.2.80:80: FIN,ACK seq 1 ack 1
7 in TCP 192.0.2.80:80 > 192.0.2.10:50002: PSH,ACK seq 1 ack 2, 1 byte
8 out TCP 192.0.2.10:50002 > 192.0.2.80:80: RST seq 2 [RST: data after close]
9 in TCP 192.0.2.80:80 > 192.0.2.10:50002: RST,ACK seq 2 ack 2
`},
	{"keep-alive and zero window", func(w *wire) {
		c := w.talk(false, w.port(), 80)
		c.shake()
		c.out("PA", "x")
		c.in("A")
		w.wait(15 * time.Second)
		c.at(1, recording.Out, "A", nil)
		c.in("A")
		c.window[1] = 0
		c.in("A")
		c.at(1, recording.Out, "A", nil)
		c.at(1, recording.Out, "PA", []byte("x"))
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
4 out TCP 192.0.2.10:50001 > 192.0.2.80:80: PSH,ACK seq 1 ack 1, 1 byte
5 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 1 ack 2 [ACK]
6 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [keep-alive] +15000 ms
7 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 1 ack 2 [ACK]
8 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 1 ack 2, window 0 [window update]
9 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [window probe]
10 out TCP 192.0.2.10:50001 > 192.0.2.80:80: PSH,ACK seq 1 ack 1, 1 byte [retransmission]
`},
	{"same endpoints again", func(w *wire) {
		port := w.port()
		w.talk(false, port, 80).shake()
		w.talk(false, port, 80).shake()
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
4 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
5 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
6 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
`},
	{"duplicate by the wire", func(w *wire) {
		c := w.talk(false, w.port(), 80)
		c.shake()
		c.out("PA", "x")
		w.twice()
		c.out("RA").Fault = "reset by the wire"
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
4 out TCP 192.0.2.10:50001 > 192.0.2.80:80: PSH,ACK seq 1 ack 1, 1 byte
5 out TCP 192.0.2.10:50001 > 192.0.2.80:80: PSH,ACK seq 1 ack 1, 1 byte duplicate
6 out TCP 192.0.2.10:50001 > 192.0.2.80:80: RST,ACK seq 2 ack 1 reset by the wire
`},
	{"late data after its retransmission", func(w *wire) {
		c := w.talk(false, w.port(), 80)
		c.shake()
		sent := w.at
		w.wait(200 * time.Millisecond)
		c.in("PA", "hello")
		late := c.at(1, recording.In, "PA", []byte("hello"))
		late.At, late.Fault = sent+time.Second, "delayed 1s"
		c.out("A")
		w.raws[len(w.raws)-1].At = late.At
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
4 in TCP 192.0.2.80:80 > 192.0.2.10:50001: PSH,ACK seq 1 ack 1, 5 bytes [retransmission] +200 ms
5 in TCP 192.0.2.80:80 > 192.0.2.10:50001: PSH,ACK seq 1 ack 1, 5 bytes +800 ms delayed 1s
6 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 6 [ACK]
`},
	{"a listener that has forgotten its answer", func(w *wire) {
		c := w.talk(false, w.port(), 80)
		c.out("S")
		drop(c.in("SA"))
		w.wait(time.Second)
		c.at(0, recording.Out, "S", nil)
		c.isn[1] += 12345
		c.at(0, recording.In, "SA", nil)
		c.out("A")
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK] dropped
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0 [retransmission] +1000 ms
4 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [retransmission]
5 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
`},
	{"full segments, cut at random", func(w *wire) {
		c := w.talk(false, w.port(), 80)
		c.shake()
		block := strings.Repeat("x", 1448)
		for range 3 {
			c.in([]string{"A", "PA"}[w.rand.IntN(2)], block)
		}
		c.in("PA", block)
		w.wait(time.Second)
		c.in("PA", "one")
		c.in("PA", "two")
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
4 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 1 ack 1, 1448 bytes
5 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 1449 ack 1, 1448 bytes
6 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 2897 ack 1, 1448 bytes
7 in TCP 192.0.2.80:80 > 192.0.2.10:50001: PSH,ACK seq 4345 ack 1, 1448 bytes
8 in TCP 192.0.2.80:80 > 192.0.2.10:50001: PSH,ACK seq 5793 ack 1, 3 bytes +1000 ms
9 in TCP 192.0.2.80:80 > 192.0.2.10:50001: PSH,ACK seq 5796 ack 1, 3 bytes
`},
	{"the same ACK again", func(w *wire) {
		c := w.talk(false, w.port(), 80)
		c.shake()
		drop(c.in("A", "one"))
		c.next[1] = 1
		c.out("A")
		c.out("A")
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
4 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 1 ack 1, 3 bytes dropped
5 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [duplicate ACK]
6 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [duplicate ACK]
`},
	{"data after a gap", func(w *wire) {
		c := w.talk(false, w.port(), 80)
		c.shake()
		c.in("A", "one")
		c.out("A")
		drop(c.in("A", "two"))
		c.in("A", "three")
		c.next[1] = 4
		c.window[0] = uint16(100 + w.rand.IntN(1000))
		c.out("A")
		c.next[1] = 12
		c.at(4, recording.In, "A", []byte("two"))
		c.window[0] = uint16(100 + w.rand.IntN(1000))
		c.out("A").Call = 7
	}, `1 out TCP 192.0.2.10:50001 > 192.0.2.80:80: SYN seq 0
2 in TCP 192.0.2.80:80 > 192.0.2.10:50001: SYN,ACK seq 0 ack 1 [SYN,ACK]
3 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 1 [ACK]
4 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 1 ack 1, 3 bytes
5 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 4 [ACK]
6 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 4 ack 1, 3 bytes dropped
7 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 7 ack 1, 5 bytes
8 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 4 [window update]
9 in TCP 192.0.2.80:80 > 192.0.2.10:50001: ACK seq 4 ack 1, 3 bytes [retransmission]
10 out TCP 192.0.2.10:50001 > 192.0.2.80:80: ACK seq 1 ack 12 [ACK]
`},
}
