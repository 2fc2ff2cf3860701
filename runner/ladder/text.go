package ladder

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"sockets/runner/recording"
)

// Text is the ladder as plain text of that width, for a terminal, or "" if the
// run has no frames. The arrows of frames that the kernel sent by itself are
// broken, that of a lost one ends in an X, that of one which the wire made begins
// in a *. A width below 50 is taken for 50, and 0 for 80.
func Text(r *recording.Recording, o Options, width int) string {
	l := newLadder(r, o.Names)
	if l.frames == 0 {
		return ""
	}
	if width == 0 {
		width = 80
	}
	width = max(width, 50)
	t := text{left: 26}
	if width < 72 {
		t.left = 15
	}
	t.band = width - t.left - len(noJoin) - 2
	var b strings.Builder
	if len(l.flows) > 1 {
		for i, f := range l.flows {
			legend := fmt.Sprintf("%s  %s %s to %s", letter(i), f.proto, l.named(f.local), l.named(f.peer))
			b.WriteString(printable(cut(legend, width)) + "\n")
		}
	}
	indent := strings.Repeat(" ", max(t.left-len("program")+1, 0))
	head := indent + "program kernel"
	peer := cut(l.peer(), width-utf8.RuneCountInString(head)-1)
	gap := strings.Repeat(" ", max(width-utf8.RuneCountInString(head+peer), 1))
	b.WriteString(head + gap + printable(peer) + "\n")
	for i, w := range l.rows {
		switch {
		case w.pause == 0:
			b.WriteString(strings.TrimRight(t.row(l, w), " ") + "\n")
		case i > 0:
			fmt.Fprintf(&b, "%*s.%s.\n", t.left+len(noJoin), "", center(seconds(w.pause)+" later", t.band))
		}
	}
	return b.String()
}

// A text is the measures of a ladder as text: of what stands at the program,
// and of the wire.
type text struct{ left, band int }

// Between the program and its kernel.
const (
	noJoin   = "   "
	outJoin  = "o--"
	takeJoin = "<--"
)

func (t text) row(l *ladder, w row) string {
	f := w.Frame
	call := ""
	if w.call != "" {
		call = w.call
		if w.At != nil {
			call = fmt.Sprintf("%d %s", w.At.Line, call)
		}
	}
	call = printable(cut(call, t.left-1))
	join := noJoin
	switch {
	case f.Call == 0:
	case f.Dir == recording.In:
		join = takeJoin
	case !alone(f):
		join = outJoin
	}
	label, more := t.label(l, w)
	pad := strings.Repeat(" ", t.left-1-utf8.RuneCountInString(call))
	line := pad + call + " " + join + "|" + t.arrow(w, label) + "|"
	if more != "" {
		line += fmt.Sprintf("\n%*s|%s|", t.left+len(noJoin), "", center(more, t.band))
	}
	return line
}

// part is how much of the wire the frame's arrow is on.
func (t text) part(f *recording.Frame) int {
	if f.Lost || forged(f) {
		return t.band * 8 / 10
	}
	return t.band
}

// label is what stands in the frame's arrow and, where that is too short, below it.
func (t text) label(l *ladder, w row) (label, more string) {
	const ends = 6 // of the arrow, with spaces
	facts, notes := w.texts()
	if len(l.flows) > 1 && w.flow >= 0 {
		facts = append([]string{letter(w.flow)}, facts...)
	}
	fits := t.part(w.Frame) - ends
	size := func(words []string) int { return utf8.RuneCountInString(strings.Join(words, " ")) }
	n := len(facts)
	for n > 1 && size(facts[:n]) > fits {
		n--
	}
	label, more = strings.TrimSuffix(strings.Join(facts[:n], " "), ","), strings.Join(facts[n:], " ")
	if len(notes) > 0 {
		notes := "(" + strings.Join(notes, " ") + ")"
		if more == "" && utf8.RuneCountInString(label+" "+notes) <= fits {
			label += " " + notes
		} else {
			more = strings.TrimSpace(more + " " + notes)
		}
	}
	return printable(cut(label, fits)), printable(cut(more, t.band))
}

// arrow is the frame on the wire, with the label in it.
func (t text) arrow(w row, label string) string {
	f := w.Frame
	out := f.Dir == recording.Out
	part := t.part(f)
	ends := map[bool][2]string{true: {"--", ">"}, false: {"<-", "-"}}[out]
	switch {
	case f.Lost && out:
		ends[1] = "X"
	case f.Lost:
		ends[0] = "X-"
	case forged(f) && out:
		ends[0] = "*-"
	case forged(f):
		ends[1] = "*"
	}
	fill := strings.Repeat(map[bool]string{true: "- ", false: "--"}[dashed(w)], t.band)
	if w.folded != nil {
		fill = strings.Repeat("=", t.band)
	}
	n := part - len(ends[0]) - len(ends[1]) - utf8.RuneCountInString(label) - 2
	arrow := ends[0] + " " + label + " " + fill[:max(n, 0)] + ends[1]
	rest := strings.Repeat(" ", t.band-part)
	// What was lost ends, and what the wire made begins, short of the far side.
	if f.Lost == out {
		return arrow + rest
	}
	return rest + arrow
}

// dashed reports whether the kernel sent the row's frames by itself.
func dashed(w row) bool {
	return w.Frame.ByHost != "" && w.folded == nil || w.Frame.ByHost == "chatter"
}

func center(s string, n int) string {
	before := (n - utf8.RuneCountInString(s)) / 2
	return strings.Repeat(" ", before) + s + strings.Repeat(" ", n-before-utf8.RuneCountInString(s))
}
