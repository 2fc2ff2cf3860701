// Package ladder draws the frames of a run as a ladder: the program at the
// left, its kernel, the wire, and the peer at the right; time goes down. Each
// frame is an arrow across the wire, at its own height, with its flags, numbers
// and length; joined to it, at the left, is the call that sent it or took it.
//
//   - A frame that the kernel sent by itself is dashed and says why.
//   - A lost frame ends on the wire, in a cross; what the wire made (a duplicate,
//     a forged reset) begins on the wire, with a dot; a late frame slopes.
//   - A pause is a break in the lifelines, with its length.
//   - Of a long run of data one way and ACKs the other, the middle is one thick
//     arrow that says how many it stands for.
//   - Where there are several connections, each has a letter.
//
// [Draw] returns two inline SVGs of the same rows, for wide and narrow screens,
// of which style.css shows one. They hold classes and attributes only, no style
// and no script, so that they work under a strict Content-Security-Policy:
//
//	svg.ld             both; .ld-wide and .ld-narrow one each
//	.ld-band           the wire, behind everything
//	.ld-life, .ld-pause   a lifeline, and the part of it that stands for a pause
//	.ld-head, .ld-name    the names on top
//	g.ld-row           a frame or several; the classes below are within one
//	  .ld-out .ld-in      its direction
//	  .ld-host            sent by the kernel itself
//	  .ld-lost .ld-made .ld-late .ld-fold   as said above
//	  .ld-c1 to .ld-c6    its connection, for colour; the letter says it too
//	  .ld-shaft .ld-tip .ld-cross .ld-dot   the arrow
//	  .ld-join .ld-took   from the program to its kernel; the tip of the way back
//	  .ld-label .ld-note .ld-letter  text on the wire
//	  .ld-call .ld-line   text at the program
//	.ld-wait           on the program's lifeline: a call that waits for a frame
//	.ld-gap            the length of a pause
//
// A row has data-frame, data-call and data-line, each with the run's name first
// ("main:3", "main:2", "main:main.go:18"), so that a page can light what belongs
// together, and data-count where it stands for more than one frame.
//
// [Text] is the drawing for a terminal, [Table] the same as text. The package reads a recording and nothing else.
package ladder

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sockets/runner/recording"
)

// Options say how to draw; the zero value is fine where one page has one ladder.
type Options struct {
	Prefix string            // of the drawing's ids, unique on its page
	Names  map[string]string // of addresses: "192.0.2.80": "www.lab.test"; nil takes the recording's
}

// Draw is the ladder of the run, two SVG elements, or "" if it has no frames.
func Draw(r *recording.Recording, o Options) string {
	l := newLadder(r, o.Names)
	if l.frames == 0 {
		return ""
	}
	o.Prefix = cmp.Or(o.Prefix, "ladder")
	return l.draw(wide, o.Prefix+"-w") + "\n" + l.draw(narrow, o.Prefix+"-n")
}

// A ladder is what is drawn, whatever the width.
type ladder struct {
	run    string
	frames int
	lost   int
	rows   []row
	flows  []flow
	names  map[string]string
	// Whether labels must say in which file.
	manyFiles bool
}

// A flow is a connection or, of UDP and ICMP, a pair of endpoints.
type flow struct{ proto, local, peer string }

// A row is what stands at one height: a frame, several, or a pause.
type row struct {
	recording.Event          // the frame, or the first of several
	flow            int      // its place in the ladder's flows
	count           int      // of frames
	folded          []string // what it says if it stands for several
	pause           int64    // in milliseconds; then it has no frame
	call            string   // what the call says, "" if another row does
	who             string   // its goroutine, if that is another than the call's before
	waits           bool     // whether the call begins or ends here and waits in between
}

// texts returns what an arrow says, word by word where a line may break: the
// facts, and what is notable about it.
func (w row) texts() (facts, notes []string) {
	f := w.Frame
	switch {
	case w.folded != nil:
		return w.folded, nil
	case f.Proto == "TCP" && f.Flags != "":
		facts = append(facts, f.Flags, fmt.Sprintf("seq %d", f.Seq))
		if strings.Contains(f.Flags, "ACK") {
			facts = append(facts, fmt.Sprintf("ack %d", f.Ack))
		}
		if f.Len > 0 {
			facts[len(facts)-1] += ","
			facts = append(facts, bytesOf(f.Len))
		}
	default:
		text := f.Summary
		if f.Proto != "ARP" && !strings.HasPrefix(text, "DNS") {
			text = f.Proto + " " + text
		}
		facts = strings.Fields(text)
	}
	var said []string
	if f.Fault != "" {
		said = append(said, f.Fault)
	}
	if f.ByHost != "" && f.ByHost != f.Flags {
		said = append(said, f.ByHost)
	}
	return facts, strings.Fields(strings.Join(said, ", "))
}

// bytesOf is the length in words, with commas.
func bytesOf(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return thousands(n) + " bytes"
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// seconds is a pause in words: "200 ms", "1.0 s".
func seconds(ms int64) string {
	if ms < 1000 {
		return fmt.Sprintf("%d ms", ms)
	}
	return fmt.Sprintf("%d.%d s", ms/1000, ms%1000/100)
}

// named is the endpoint with the name of its address.
func (l *ladder) named(endpoint string) string {
	host, port := split(endpoint)
	if name, ok := l.names[host]; ok {
		return name + port
	}
	return endpoint
}

// split cuts an endpoint into its address, without brackets, and ":port", or
// "" where it has none.
func split(endpoint string) (host, port string) {
	i := strings.LastIndexByte(endpoint, ':')
	if i > 0 && (strings.Count(endpoint, ":") == 1 || endpoint[i-1] == ']') {
		return strings.Trim(endpoint[:i], "[]"), endpoint[i:]
	}
	return endpoint, ""
}

// peer is the name of the other end: the endpoint or, if there are several, the
// host or how many hosts there are.
func (l *ladder) peer() string {
	endpoints, hosts := make(map[string]bool), make(map[string]bool)
	for _, f := range l.flows {
		name := l.named(f.peer)
		host, _ := split(name)
		endpoints[name], hosts[host] = true, true
	}
	switch {
	case len(hosts) == 0:
		return "its peer"
	case len(endpoints) == 1:
		return slices.Collect(maps.Keys(endpoints))[0]
	case len(hosts) == 1:
		return slices.Collect(maps.Keys(hosts))[0]
	}
	return fmt.Sprintf("%d peers", len(hosts))
}
