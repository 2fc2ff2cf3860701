package terminal

import (
	"fmt"
	"sockets/runner/recording"
	"strings"
)

// How many lines a kind of event has under a line of the program, at most: more
// is counted.
const (
	maxOutputs = 10
	maxFrames  = 12
	maxCalls   = 12
	// A pattern of calls that goes on is written so often.
	repeats = 2
)

// events writes what a line of the program did.
func (p *page) events(did *lineEvents) {
	p.outputs(did.outputs)
	p.calls(did.calls)
	p.frames(did.frames)
}

// said writes one annotation.
func (p *page) said(s style, kind string, spans ...span) {
	p.line(append([]span{{faint, "     :   "}, {s, fmt.Sprintf("%-9s", kind)}}, spans...)...)
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
	lines := 0
	for i := 0; i < len(events); {
		if lines >= maxCalls && i < len(events)-1 {
			left := 0
			for _, e := range events[i:] {
				left += e.Times()
			}
			p.said(kernel, "", span{faint, "and " + count(left, "more call")})
			return
		}
		period, n := pattern(events[i:])
		if n <= repeats+1 {
			p.call(events[i])
			i++
			lines++
			continue
		}
		for _, e := range events[i : i+period*repeats] {
			p.call(e)
			lines++
		}
		p.more(events[i+period*repeats:i+period*n], period)
		lines++
		i += period * n
	}
}

// pattern finds the shortest run of calls, by name, that comes again at once,
// and how often it is there.
func pattern(events []recording.Event) (period, n int) {
	for period = 1; period <= 4; period++ {
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
		if a.Call.Name != b.Call.Name || a.Call.FD != b.Call.FD || a.Call.Errno != b.Call.Errno {
			return false
		}
	}
	return true
}

// more counts the calls of a pattern that are not written.
func (p *page) more(events []recording.Event, period int) {
	total := 0
	for _, e := range events {
		total += e.Times()
	}
	var names []string
	for _, e := range events[:period] {
		names = append(names, e.Call.Name)
	}
	p.said(kernel, "", span{plain, escape(strings.Join(names, ", "))}, span{faint, goesOn(total, period)})
}

// goesOn is how many calls go on, in words.
func goesOn(total, period int) string {
	if period == 1 {
		return fmt.Sprintf(" x %s more", thousands(total))
	}
	return fmt.Sprintf(" and so on: %s more", thousands(total))
}

func (p *page) call(e recording.Event) {
	c := e.Call
	result := span{plain, c.Result}
	if c.Errno != "" {
		result = span{wrong, c.Result + " " + c.Errno}
	}
	spans := []span{{plain, escape(c.Name + "(" + strings.Join(c.Args, ", ") + ") = ")}, result, {faint, times(e.Times())}}
	if c.Millis > 0 {
		spans = append(spans, span{faint, "  " + seconds(c.Millis)})
	}
	if e.Inherited {
		spans = append(spans, span{faint, "  on a goroutine that this line started"})
	}
	if c.FD != "" {
		spans = append(spans, span{faint, "  " + escape(c.FD)})
	}
	p.said(kernel, "kernel", spans...)
	if c.Note != "" {
		p.said(kernel, "", span{faint, escape(c.Note)})
	}
}

func (p *page) frames(events []recording.Event) {
	for i, e := range events {
		if i == maxFrames-1 && len(events) > maxFrames {
			n, size := 0, 0
			for _, e := range events[i:] {
				n += e.Times()
				size += e.Frame.Len * e.Times()
			}
			p.said(wire, "", span{faint, fmt.Sprintf("and %s, %s", count(n, "more frame"), count(size, "byte"))})
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
		spans = append(spans, span{faint, "  by the kernel itself: " + escape(f.ByHost)})
	}
	if f.Millis > 0 {
		spans = append(spans, span{faint, "  after " + seconds(f.Millis)})
	}
	p.said(wire, "wire", spans...)
}
