package ladder

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sockets/runner/recording"
)

// shortRun is how many frames of a run of data are still drawn one by one;
// of a longer one, the first and the last few are.
const (
	shortRun = 8
	endsOf   = 2
)

func newLadder(r *recording.Recording, names map[string]string) *ladder {
	if names == nil {
		names = r.Header.Hosts
	}
	l := &ladder{run: r.Header.Run, names: names}
	calls := made(r)
	files, goroutines := make(map[string]bool), make(map[int]bool)
	var frames []row
	for _, e := range r.Events {
		if e.Frame == nil {
			continue
		}
		e = placed(e, calls)
		l.frames += e.Times()
		if e.Frame.Lost {
			l.lost += e.Times()
		}
		if e.At != nil {
			files[e.At.File], goroutines[e.Goroutine] = true, true
		}
		frames = append(frames, row{Event: e, count: e.Times(), flow: l.flowOf(e.Frame)})
	}
	l.manyFiles = len(files) > 1
	label(frames, calls)
	if len(goroutines) > 1 {
		introduce(frames)
	}
	for len(frames) > 0 {
		if ms := frames[0].Frame.Millis; ms > 0 {
			l.rows = append(l.rows, row{pause: ms})
		}
		n := l.fold(frames)
		frames = frames[n:]
	}
	return l
}

// made is the calls of the run by their IDs.
func made(r *recording.Recording) map[int]recording.Event {
	calls := make(map[int]recording.Event)
	for _, e := range r.Events {
		if e.Call != nil {
			calls[e.Call.ID] = e
		}
	}
	return calls
}

// placed is a frame's event with the line and goroutine of its call, where it
// has none itself.
func placed(e recording.Event, calls map[int]recording.Event) recording.Event {
	if call, ok := calls[e.Frame.Call]; ok && e.At == nil {
		e.At, e.Inherited, e.Goroutine = call.At, call.Inherited, call.Goroutine
	}
	return e
}

// flowOf is the place of the frame's flow among the flows, -1 if it is chatter
// between hosts.
func (l *ladder) flowOf(f *recording.Frame) int {
	if f.ByHost == "chatter" {
		return -1
	}
	w := flow{f.Proto, f.From, f.To}
	if f.Dir == recording.In {
		w.local, w.peer = f.To, f.From
	}
	// An error belongs to the flow of the datagram that it quotes.
	if m := quoted.FindStringSubmatch(f.Summary); m != nil && strings.HasPrefix(f.Proto, "ICMP") {
		for _, q := range []flow{{m[1], m[2], m[3]}, {m[1], m[3], m[2]}} {
			if slices.Contains(l.flows, q) {
				w = q
			}
		}
	}
	i := slices.Index(l.flows, w)
	if i < 0 {
		i = len(l.flows)
		l.flows = append(l.flows, w)
	}
	return i
}

// quoted is how package frame says which datagram an ICMP error is about.
var quoted = regexp.MustCompile(`\(([A-Za-z0-9]+) (\S+) > (\S+)\)$`)

// label gives each call to the row that tells of it: the first frame that it
// sent and the last that it took.
func label(rows []row, calls map[int]recording.Event) {
	sent, took := make(map[int]int), make(map[int]int)
	for i := len(rows) - 1; i >= 0; i-- {
		f := rows[i].Frame
		if f.Dir == recording.Out && alone(f) {
			continue
		}
		if f.Dir == recording.Out {
			sent[f.Call] = i
		} else if _, ok := took[f.Call]; !ok {
			took[f.Call] = i
		}
	}
	for id, e := range calls {
		c := e.Call
		out, sends := sent[id]
		in, takes := took[id]
		whole := outcome(c)
		switch {
		case sends && takes && c.Errno == "EINPROGRESS":
			rows[out].call, rows[in].call = whole, "connected"
		case sends && takes:
			rows[out].call, rows[in].call = c.Name, whole
			rows[out].waits, rows[in].waits = true, true
		case sends:
			rows[out].call = whole
		case takes:
			rows[in].call = whole
		}
	}
}

// outcome is the call's name and what it returned. What a connect came to that
// did not block is in SO_ERROR.
func outcome(c *recording.Call) string {
	switch {
	case c.Result == "?":
		return c.Name
	case c.Errno != "":
		return c.Name + " = " + c.Errno
	case c.Name == "getsockopt" && len(c.Args) > 3 && c.Args[2] == "SO_ERROR":
		return "SO_ERROR = " + strings.Trim(c.Args[3], "[]")
	}
	return c.Name + " = " + c.Result
}

// alone reports whether the kernel sent the frame without the call that it is
// from: later, or as a side effect.
func alone(f *recording.Frame) bool {
	return f.ByHost == "retransmission" || f.ByHost == "window update"
}

// introduce names the goroutine of a call where it is another than before.
func introduce(rows []row) {
	last := 0
	for i := range rows {
		if w := &rows[i]; w.call != "" && w.Goroutine != last && w.Goroutine != 0 {
			w.who = fmt.Sprintf("goroutine %d", w.Goroutine)
			last = w.Goroutine
		}
	}
}

// fold adds the rows of the first frames, one or a run of them, and returns
// how many those were.
func (l *ladder) fold(frames []row) int {
	n := 1
	if frames[0].flow < 0 {
		for n < len(frames) && frames[n].flow < 0 && frames[n].Frame.Millis == 0 {
			n++
		}
		if n > 1 {
			l.rows = append(l.rows, chatter(frames[:n]))
			return n
		}
	} else if plainData(frames[0].Frame) {
		first := frames[0].Frame
		for n < len(frames) && frames[n].flow == frames[0].flow && frames[n].Frame.Millis == 0 && ongoing(first.Dir, frames[n].Frame) {
			n++
		}
		if n > shortRun {
			l.rows = append(l.rows, frames[:endsOf]...)
			l.rows = append(l.rows, middle(frames[endsOf:n-endsOf], first.Dir))
			l.rows = append(l.rows, frames[n-endsOf:n]...)
			return n
		}
	}
	l.rows = append(l.rows, frames[0])
	return 1
}

// plainData reports whether the frame is a segment with data and nothing
// notable.
func plainData(f *recording.Frame) bool {
	return f.Proto == "TCP" && f.Len > 0 && !f.Lost && f.Fault == "" && f.ByHost == "" && !strings.ContainsAny(f.Flags, "SFR")
}

// ongoing reports whether the frame continues data in the direction: more of
// it, or an ACK of it.
func ongoing(dir string, f *recording.Frame) bool {
	if f.Dir == dir {
		return plainData(f)
	}
	return f.Proto == "TCP" && f.Len == 0 && f.Flags == "ACK" && !f.Lost && f.Fault == "" && (f.ByHost == "ACK" || f.ByHost == "window update")
}

// middle is one row for a run of data and ACKs.
func middle(rows []row, dir string) row {
	var segments, size, acks, count int
	m := row{flow: rows[0].flow}
	for _, w := range rows {
		count += w.count
		if w.Frame.Dir != dir {
			acks += w.count
			continue
		}
		if m.Frame == nil {
			m.Event = w.Event
		}
		segments += w.count
		size += w.Frame.Len * w.count
	}
	if m.Frame == nil {
		m.Event = rows[0].Event
	}
	m.count = count
	m.folded = []string{"+ " + thousands(segments) + " segments,", bytesOf(size)}
	if acks > 0 {
		m.folded[1] += ","
		m.folded = append(m.folded, fmt.Sprintf("%s ACKs", thousands(acks)))
	}
	if acks == 1 {
		m.folded[2] = "1 ACK"
	}
	for _, w := range rows {
		if w.call != "" {
			m.call, m.who = w.call, w.who
		}
	}
	return m
}

// chatter is one row for what hosts tell each other about themselves.
func chatter(rows []row) row {
	c := row{Event: rows[0].Event, flow: -1}
	var protos []string
	for _, w := range rows {
		c.count += w.count
		if !slices.Contains(protos, w.Frame.Proto) {
			protos = append(protos, w.Frame.Proto)
		}
	}
	c.folded = []string{fmt.Sprintf("%d frames of", c.count), strings.Join(protos, " and ")}
	return c
}
