package run

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sockets/runner/recording"
)

// callsOf is what two runs of one program have in common of their system calls: a
// line of the program at a time, and in it one text a call. Left out is what the
// kernel and the runtime settle anew each time:
//
//   - in how many pieces a stream arrived or was taken: neighbours that read, or
//     write, the same descriptor are one, with the sum of their bytes;
//   - rounds that came to nothing (EAGAIN, EINTR), and the poller's own calls;
//   - which of a line's goroutines came first, if several stood there;
//   - the ports of our own that the kernel chose: it may choose one twice;
//   - at which number descriptors begin.
func callsOf(events []recording.Event) []string {
	spots := make(map[recording.Place]*spot)
	var fds descriptors
	for _, e := range events {
		if e.Call == nil {
			continue
		}
		fds.saw(e.Call)
		if polls(e.Call) {
			continue
		}
		e.Call = fds.call(e.Call)
		var at recording.Place
		if e.At != nil {
			at = recording.Place{File: e.At.File, Line: e.At.Line}
		}
		if spots[at] == nil {
			spots[at] = &spot{at: at, goroutines: make(map[int]bool)}
		}
		spots[at].add(e)
	}
	var all []*spot
	for _, s := range spots {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *spot) int {
		return cmp.Or(cmp.Compare(a.at.File, b.at.File), cmp.Compare(a.at.Line, b.at.Line))
	})
	var texts []string
	for _, s := range all {
		texts = append(texts, s.texts()...)
	}
	return texts
}

// A spot is a line of a program and the calls it made.
type spot struct {
	at         recording.Place
	goroutines map[int]bool
	made       []made
}

// A made is a call, or several that moved bytes of one descriptor.
type made struct {
	what  string // "read 3", or the whole text of a call that moved none
	moved bool
	bytes int
}

func (s *spot) add(e recording.Event) {
	s.goroutines[e.Goroutine] = true
	m := essence(e.Call)
	m.bytes *= e.Times()
	if n := len(s.made); n > 0 && m.moved && s.made[n-1].moved && s.made[n-1].what == m.what {
		s.made[n-1].bytes += m.bytes
		return
	}
	s.made = append(s.made, m)
	for range e.Times() - 1 {
		if !m.moved {
			s.made = append(s.made, m)
		}
	}
}

func (s *spot) texts() []string {
	var texts []string
	for _, m := range s.made {
		text := m.what
		if m.moved {
			text = fmt.Sprintf("%s: %d bytes", m.what, m.bytes)
		}
		texts = append(texts, fmt.Sprintf("%s:%d %s", s.at.File, s.at.Line, text))
	}
	if len(s.goroutines) > 1 {
		slices.Sort(texts)
	}
	return texts
}

// essence is the call without what varies.
func essence(c *recording.Call) made {
	n, err := strconv.Atoi(c.Result)
	if verb := c.Moves(); verb != "" && err == nil && n > 0 && len(c.Args) > 0 {
		return made{what: verb + " " + c.Args[0], moved: true, bytes: n}
	}
	text := fmt.Sprintf("%s(%s) = %s", c.Name, strings.Join(c.Args, ", "), c.Result)
	if c.Errno != "" {
		text += " " + c.Errno
	}
	return made{what: hereEndpoint.ReplaceAllString(text, "{here}")}
}

// polls reports whether the call is a part of waiting.
func polls(c *recording.Call) bool {
	return strings.HasPrefix(c.Name, "epoll_") || c.Name == "futex" || c.Name == "nanosleep" ||
		c.Errno == "EAGAIN" || c.Errno == "EINTR"
}

// framesOf is what two runs have in common on the wire: of each direction of each
// connection what it carried, in order. Bytes count, not segments; what a host
// repeated, or acknowledged only, is left out, and so is the chatter of hosts. A
// connection is called by its peer and its number among those with that peer: the
// kernel may give one port to connections with several peers, or not.
func framesOf(events []recording.Event) []string {
	sent := make(map[string][]string)
	bytes := make(map[string]int) // since the last text
	here := make(numbers)
	flush := func(way string) {
		if n := bytes[way]; n > 0 {
			sent[way] = append(sent[way], fmt.Sprintf("%d bytes", n))
			bytes[way] = 0
		}
	}
	for _, e := range events {
		f := e.Frame
		if f == nil || f.From == "" || f.ByHost == "chatter" || f.ByHost == "retransmission" {
			continue
		}
		way := f.Proto + " " + here.number(f.From, f.To) + " > " + here.number(f.To, f.From)
		if f.Proto != "TCP" {
			sent[way] = append(sent[way], f.Summary+f.Fault)
			continue
		}
		if !f.Lost {
			bytes[way] += f.Len * e.Times()
		}
		if marks := marks(f); marks != "" {
			flush(way)
			sent[way] = append(sent[way], marks)
		}
	}
	var texts []string
	for way := range bytes {
		flush(way)
	}
	for way, what := range sent {
		texts = append(texts, way+": "+strings.Join(what, ", "))
	}
	slices.Sort(texts)
	return texts
}

// numbers counts, for each peer, the endpoints of ours that it saw.
type numbers map[string][]string

// number is the endpoint with its number for the peer in place of its port, if it
// is one of ours.
func (ns numbers) number(endpoint, peer string) string {
	host := strings.LastIndex(endpoint, ":")
	if hereEndpoint.FindString(endpoint) != endpoint || host < 0 {
		return endpoint
	}
	if !slices.Contains(ns[peer], endpoint) {
		ns[peer] = append(ns[peer], endpoint)
	}
	return fmt.Sprintf("%s #%d", endpoint[:host], slices.Index(ns[peer], endpoint)+1)
}

// marks is the flags of a segment that mean more than "here are bytes".
func marks(f *recording.Frame) string {
	var kept []string
	for flag := range strings.SplitSeq(f.Flags, ",") {
		if flag == "SYN" || flag == "FIN" || flag == "RST" {
			kept = append(kept, flag)
		}
	}
	if f.Lost {
		kept = append(kept, "lost")
	}
	if f.Fault != "" {
		kept = append(kept, f.Fault)
	}
	return strings.Join(kept, " ")
}
