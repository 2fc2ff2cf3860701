// Package terminal writes a recording for somebody at a terminal: the lines of
// the program and, under each, what it printed, the calls it made and the
// frames those put on the wire.
//
//	18 | if err := unix.Connect(fd, addr); err != nil {
//	   :   printed  connected
//	   :   kernel   connect(3, {AF_INET, 192.0.2.80:80}, 16) = 0  1.0 s
//	   :   wire     > SYN seq 0
//
// No line is longer than the terminal is wide: what does not fit is cut, with
// an ellipsis; the arguments of a call before its result. Repetitions are folded
// and counted, and a note is written once. What a program or its peer
// sent cannot move the cursor or change a colour: control characters, and those
// that turn the direction of text, are written as escapes.
//
// The package finds no terminal and asks for no width, and it draws no ladder:
// it is given the text of one (package ladder has it).
package terminal

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sockets/runner/recording"
)

// Options say how to write.
type Options struct {
	Width int    // of the terminal; 0 cuts nothing
	Color bool   // whether it understands colours
	Wire  string // the ladder as text, written at the end if it is not empty
}

// Write writes the program's lines with what they did. source has the text of
// its files by name, as [recording.Place] has them; what was done by lines that
// it lacks comes after those that it has.
func Write(w io.Writer, source map[string][]byte, r *recording.Recording, o Options) error {
	p := &page{width: o.Width, color: o.Color, noted: make(map[string]bool)}
	p.head(r)
	at := byLine(r)
	for _, file := range order(source, r.Header.Program) {
		p.file(file, string(source[file]), at)
	}
	p.elsewhere(at)
	p.end(r)
	if o.Wire != "" {
		p.blank()
		for line := range strings.Lines(o.Wire) {
			p.line(span{plain, strings.TrimSuffix(line, "\n")})
		}
	}
	if _, err := io.WriteString(w, p.String()); err != nil {
		return fmt.Errorf("write the run: %w", err)
	}
	return nil
}

// order is the names of the files, the program's own first.
func order(source map[string][]byte, program string) []string {
	return slices.SortedFunc(maps.Keys(source), func(a, b string) int {
		own := func(name string) int {
			if name == program || strings.HasPrefix(name, program+"/") || name == "main.go" && program == "" {
				return 0
			}
			return 1
		}
		if d := own(a) - own(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// lineEvents is what a line did, each kind in order.
type lineEvents struct {
	outputs, calls, frames []recording.Event
}

// byLine sorts the events by the line that caused them. Those of no line have
// the zero place. A frame of a call belongs to the call's line.
func byLine(r *recording.Recording) map[recording.Place]*lineEvents {
	calls := make(map[int]*recording.Place)
	for _, e := range r.Events {
		if e.Call != nil {
			calls[e.Call.ID] = e.At
		}
	}
	at := make(map[recording.Place]*lineEvents)
	for _, e := range r.Events {
		place := e.At
		if place == nil && e.Frame != nil {
			place = calls[e.Frame.Call]
		}
		var key recording.Place
		if place != nil {
			key = recording.Place{File: place.File, Line: place.Line}
		}
		l := at[key]
		if l == nil {
			l = new(lineEvents)
			at[key] = l
		}
		switch {
		case e.Output != nil:
			l.outputs = append(l.outputs, e)
		case e.Call != nil:
			l.calls = append(l.calls, e)
		case e.Frame != nil:
			l.frames = append(l.frames, e)
		}
	}
	return at
}

// Of a file longer than wholeFile lines, only the lines that did something are
// written, with so many around them; nothing if none did.
const (
	wholeFile = 120
	around    = 2
)

// file writes a file's lines and what they did, and takes that out of at.
func (p *page) file(name, text string, at map[recording.Place]*lineEvents) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	does := func(n int) bool { return at[recording.Place{File: name, Line: n}] != nil }
	near := func(n int) bool {
		for i := n - around; i <= n+around; i++ {
			if does(i) {
				return true
			}
		}
		return false
	}
	if len(lines) > wholeFile && !slices.ContainsFunc(slices.Collect(maps.Keys(at)), func(k recording.Place) bool { return k.File == name }) {
		return
	}
	p.blank()
	p.line(span{strong, escape(name)})
	skipped := false
	for i, line := range lines {
		n := i + 1
		if len(lines) > wholeFile && !near(n) {
			skipped = true
			continue
		}
		if skipped {
			p.line(span{faint, "   ..."})
			skipped = false
		}
		p.line(span{faint, fmt.Sprintf("%4d | ", n)}, span{plain, escape(line)})
		key := recording.Place{File: name, Line: n}
		if did := at[key]; did != nil {
			p.events(did)
			delete(at, key)
		}
	}
}

// elsewhere writes what was done by lines whose text is not there, and by none.
func (p *page) elsewhere(at map[recording.Place]*lineEvents) {
	keys := slices.SortedFunc(maps.Keys(at), func(a, b recording.Place) int {
		if d := strings.Compare(a.File, b.File); d != 0 {
			return d
		}
		return a.Line - b.Line
	})
	for _, key := range keys {
		p.blank()
		name := "by no line of the program"
		if key.File != "" {
			name = fmt.Sprintf("%s:%d", escape(key.File), key.Line)
		}
		p.line(span{strong, name})
		p.events(at[key])
	}
}

func (p *page) head(r *recording.Recording) {
	h := r.Header
	var calls, frames int
	for _, e := range r.Events {
		if e.Call != nil {
			calls += e.Times()
		}
		if e.Frame != nil {
			frames += e.Times()
		}
	}
	what := h.Program
	if h.Lesson != "" {
		what = "lesson " + h.Lesson + ", " + h.Program
	}
	if h.Run != "" && h.Run != "main" {
		what += ", run " + h.Run
	}
	if len(h.Args) > 0 {
		what += " " + strings.Join(h.Args, " ")
	}
	var counts []string
	if h.Level != recording.LevelOutput {
		counts = append(counts, count(calls, "call"))
	}
	if h.Level == recording.LevelFull {
		counts = append(counts, count(frames, "frame"))
	}
	text := escape(what)
	if counts != nil {
		text += ": " + strings.Join(counts, ", ")
	}
	p.line(span{strong, text})
}

// end says how the program ended and what is not shown.
func (p *page) end(r *recording.Recording) {
	h := r.Header
	p.blank()
	if h.Hidden > 0 {
		p.line(span{faint, count(h.Hidden, "call") + " that no line of the program made: left out"})
	}
	if h.Dropped > 0 {
		p.line(span{faint, count(h.Dropped, "call") + " came after the last that is kept: left out"})
	}
	switch h.Level {
	case recording.LevelOutput:
		p.line(span{faint, "level output: neither calls nor frames; see runner doctor"})
	case recording.LevelCalls:
		p.line(span{faint, "level calls: no frames; see runner doctor"})
	}
	style, text := plain, ""
	switch end := h.End; {
	case end.Deadline != "":
		style, text = wrong, "still running after "+end.Deadline+", stopped"
		for i, at := range end.Waiting {
			text += map[bool]string{true: "; it waited at ", false: ", "}[i == 0] + fmt.Sprintf("%s:%d", at.File, at.Line)
		}
	case end.Cut:
		style, text = wrong, "it printed too much and was stopped"
	case end.Signal != "":
		style, text = wrong, "killed by "+end.Signal
	default:
		text = fmt.Sprintf("exit code %d", end.Exit)
		if end.Exit != 0 {
			style = wrong
		}
	}
	p.line(span{style, escape(text)})
}
