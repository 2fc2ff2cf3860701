package terminal

import (
	"fmt"
	"slices"
	"strings"

	"sockets/runner/recording"
)

// How many lines a kind of event has under a line of the program, at most: more
// is counted.
const (
	maxOutputs = 10
	maxFrames  = 12
	maxCalls   = 12
	// A pattern of so many calls, by name, that goes on is written so often.
	maxPeriod, repeats = 12, 2
)

// events writes what a line of the program did.
func (p *page) events(did *lineEvents) {
	p.outputs(did.outputs)
	p.calls(did.calls)
	p.frames(did.frames)
}

// margin stands before each annotation, and then its kind; indent is both.
const (
	margin = "     :   "
	indent = len(margin) + 9
)

// said writes one annotation.
func (p *page) said(s style, kind string, spans ...span) {
	p.line(append([]span{{faint, margin}, {s, fmt.Sprintf("%-9s", kind)}}, spans...)...)
}

// times is " x 8,046", or "" for once.
func times(n int) string {
	if n < 2 {
		return ""
	}
	return " x " + thousands(n)
}

func (p *page) outputs(events []recording.Event) {
	lines := 0
	more := 0
	for _, e := range events {
		kind, style := "printed", printed
		if e.Output.Stream == recording.Stderr {
			kind, style = "stderr", wrong
		}
		for text := range strings.Lines(e.Output.Text) {
			if lines++; lines > maxOutputs {
				more += e.Times()
				continue
			}
			p.said(style, kind, span{plain, escape(strings.TrimSuffix(text, "\n"))}, span{faint, times(e.Times())})
		}
	}
	if more > 0 {
		p.said(printed, "", span{faint, "and " + count(more, "more line")})
	}
}

func (p *page) calls(events []recording.Event) {
	lines, inherited := 0, false
	for i := 0; i < len(events); {
		if lines >= maxCalls && i < len(events)-1 {
			p.said(kernel, "", span{faint, "and " + count(total(events[i:]), "more call")})
			return
		}
		lines++
		if e := events[i]; e.Inherited != inherited {
			inherited = e.Inherited
			p.whose(inherited)
		}
		if n := alike(events[i:]); n > 2 {
			p.group(events[i : i+n])
			i += n
			continue
		}
		period, n := pattern(events[i:])
		if n <= repeats+1 {
			period, n = 1, 1
		}
		shown := events[i : i+min(n, repeats)*period]
		for _, e := range shown {
			p.call(e)
			p.note(e.Call.Note)
		}
		if rest := events[i+len(shown) : i+n*period]; len(rest) > 0 {
			p.more(rest, period)
		}
		lines += len(shown) - 1
		i += n * period
	}
}

// whose says which goroutine made the calls that follow.
func (p *page) whose(inherited bool) {
	text := "and the line itself:"
	if inherited {
		text = "on goroutines that this line started:"
	}
	p.said(kernel, "kernel", span{faint, text})
}

// total is how many times the events happened.
func total(events []recording.Event) int {
	n := 0
	for _, e := range events {
		n += e.Times()
	}
	return n
}

// alike is how many of the first calls have the same note.
func alike(events []recording.Event) int {
	n := 0
	for n < len(events) && events[n].Call.Note != "" && events[n].Call.Note == events[0].Call.Note && events[n].Inherited == events[0].Inherited {
		n++
	}
	return n
}

// group writes calls that were made for the same reason, which the note is.
func (p *page) group(events []recording.Event) {
	var names []string
	for _, e := range events {
		if !slices.Contains(names, e.Call.Name) {
			names = append(names, e.Call.Name)
		}
	}
	p.said(kernel, "kernel", span{plain, count(total(events), "call") + ": " + escape(strings.Join(names, ", "))})
	p.note(events[0].Call.Note)
}

// note writes a sentence, in several lines if need be, the first time that it is
// said.
func (p *page) note(text string) {
	if text == "" || p.noted[text] {
		return
	}
	p.noted[text] = true
	room := p.width - indent
	line := ""
	for _, word := range strings.Fields(escape(text)) {
		if line != "" && p.width > 0 && columns(line+" "+word) > room {
			p.said(kernel, "", span{faint, line})
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	p.said(kernel, "", span{faint, line})
}

// pattern finds the shortest run of calls, by name, that comes again at once,
// and how often it is there.
func pattern(events []recording.Event) (period, n int) {
	for period = 1; period <= maxPeriod; period++ {
		n = 1
		for same(events, period, n) {
			n++
		}
		if n > repeats+1 {
			return period, n
		}
	}
	return 1, 1
}

// same reports whether the n-th repetition of the first calls is there.
func same(events []recording.Event, period, n int) bool {
	if period*(n+1) > len(events) {
		return false
	}
	for i := range period {
		a, b := events[i], events[i+period*n]
		if a.Call.Name != b.Call.Name || a.Call.Errno != b.Call.Errno || a.Inherited != b.Inherited {
			return false
		}
	}
	return true
}

// more counts the calls of a pattern that are not written.
func (p *page) more(events []recording.Event, period int) {
	var names []string
	for _, e := range events[:period] {
		names = append(names, e.Call.Name)
	}
	text := fmt.Sprintf(" x %s more", thousands(total(events)))
	if period > 1 {
		text = fmt.Sprintf(" and so on: %s more", thousands(total(events)))
	}
	p.said(kernel, "", span{plain, escape(strings.Join(names, ", "))}, span{faint, text})
}

// call writes a call. Where it is too long, its arguments are cut and not its
// result; what its descriptor is is there only whole.
func (p *page) call(e recording.Event) {
	c := e.Call
	result := span{plain, escape(c.Result)}
	if c.Errno != "" {
		result = span{wrong, escape(c.Result + " " + c.Errno)}
	}
	after := []span{{plain, ") = "}, result, {faint, times(e.Times())}}
	if c.Millis > 0 {
		after = append(after, span{faint, "  " + seconds(c.Millis)})
	}
	name, args := escape(c.Name)+"(", escape(strings.Join(c.Args, ", "))
	left := p.width - indent - columns(name)
	for _, s := range after {
		left -= columns(s.text)
	}
	if p.width > 0 && columns(args) > left && left > 0 {
		args = fit(args, left-1) + "…"
	}
	left -= columns(args)
	if what := "  " + escape(c.FD); c.FD != "" && (p.width == 0 || columns(what) <= left) {
		after = append(after, span{faint, what})
	}
	p.said(kernel, "kernel", append([]span{{plain, name + args}}, after...)...)
}

func (p *page) frames(events []recording.Event) {
	for i, e := range events {
		if i == maxFrames-1 && len(events) > maxFrames {
			size := 0
			for _, e := range events[i:] {
				size += e.Frame.Len * e.Times()
			}
			p.said(wire, "", span{faint, fmt.Sprintf("and %s, %s", count(total(events[i:]), "more frame"), count(size, "byte"))})
			return
		}
		p.frame(e)
	}
}

func (p *page) frame(e recording.Event) {
	f := e.Frame
	arrow := "< "
	if f.Dir == recording.Out {
		arrow = "> "
	}
	text := f.Summary
	if f.Proto != "TCP" && !strings.HasPrefix(text, "DNS") {
		text = f.Proto + " " + text
	}
	spans := []span{{wire, arrow}, {plain, escape(text)}, {faint, times(e.Times())}}
	if f.Fault != "" {
		spans = append(spans, span{wrong, "  " + escape(f.Fault)})
	}
	if f.ByHost != "" {
		spans = append(spans, span{faint, "  " + escape(f.By())})
	}
	if f.Millis > 0 {
		spans = append(spans, span{faint, "  after " + seconds(f.Millis)})
	}
	p.said(wire, "wire", spans...)
}
