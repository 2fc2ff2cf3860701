package ladder

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"sockets/runner/recording"
)

// slope is how much later a delayed frame arrives than it left.
const slope = 14

// row writes a frame: its arrow, what it says, and its call.
func (l *ladder) row(d *drawing, w row) {
	f := w.Frame
	facts, notes := w.texts()
	fits := room(d.end - d.kernel - 12)
	if len(l.flows) > 1 && w.flow >= 0 {
		fits -= 4 // for the letter, twice, so that the text stays in the middle
	}
	if f.Lost || forged(f) {
		fits = fits * 7 / 10
	}
	lines := wrap(facts, fits)
	facts, rest := lines[:1], lines[1:]
	said := wrap(notes, fits)
	call := l.callTexts(d.geometry, w)

	y := d.y + above
	late := strings.HasPrefix(f.Fault, "delayed")
	under := y
	if late {
		under += slope
	}
	d.add(`<g class="%s"%s>`, l.classes(w, late), l.data(w))
	middle := d.arrow(w, y, under)
	l.letter(d, w, y-6)
	d.text("ld-label", "middle", middle, y-6, facts[0])
	at := under
	for _, text := range rest {
		at += line
		d.text("ld-label", "middle", middle, at, text)
	}
	for _, text := range said {
		at += line
		d.text("ld-note", "middle", middle, at, text)
	}
	// A call's text is level with its end of the arrow.
	beside := y + 4
	if late && f.Dir == recording.In {
		beside = under + 4
	}
	d.wait(w, beside-4)
	for _, text := range call {
		x := d.program - 9
		if text.anchor == "start" {
			x = 2
		}
		d.text(text.class, text.anchor, x, beside+text.line*line, text.text)
		at = max(at, beside-4+text.line*line)
	}
	d.add("</g>")
	d.y = at + below
}

func (l *ladder) classes(w row, late bool) string {
	f := w.Frame
	classes := []string{"ld-row", "ld-" + f.Dir}
	for _, c := range []struct {
		name string
		is   bool
	}{
		{"ld-host", dashed(w)},
		{"ld-lost", f.Lost},
		{"ld-made", forged(f)},
		{"ld-late", late},
		{"ld-fold", w.folded != nil},
	} {
		if c.is {
			classes = append(classes, c.name)
		}
	}
	if w.flow >= 0 {
		classes = append(classes, color(w.flow))
	}
	return strings.Join(classes, " ")
}

// forged reports whether the wire made the frame.
func forged(f *recording.Frame) bool {
	return f.Fault == "duplicate" || f.Fault == "reset by the wire"
}

// data is the row's data attributes.
func (l *ladder) data(w row) string {
	text := fmt.Sprintf(` data-frame="%s"`, escape(fmt.Sprintf("%s:%d", l.run, w.Frame.N)))
	if w.Frame.Call > 0 {
		text += fmt.Sprintf(` data-call="%s"`, escape(fmt.Sprintf("%s:%d", l.run, w.Frame.Call)))
	}
	if w.At != nil {
		text += fmt.Sprintf(` data-line="%s"`, escape(fmt.Sprintf("%s:%s:%d", l.run, w.At.File, w.At.Line)))
	}
	if w.count > 1 {
		text += fmt.Sprintf(` data-count="%d"`, w.count)
	}
	return text
}

// arrow writes the frame's way: across the wire from y to under, or a part of
// it; and from the program to its kernel, or back, if a call is tied to it.
// It returns where the text belongs: the middle of what it wrote on the wire.
func (d *drawing) arrow(w row, y, under int) int {
	f := w.Frame
	from, to, join := d.kernel, d.end, y
	if f.Dir == recording.In {
		from, to, join = d.end, d.kernel, under
	}
	ahead := 1
	if to < from {
		ahead = -1
	}
	switch {
	case f.Lost:
		to = from + (to-from)*7/10
	case forged(f):
		from += (to - from) * 3 / 10
	}
	d.add(`<path class="ld-shaft" d="M%d %dL%d %d"/>`, from, y, to-ahead, under)
	if f.Lost {
		d.add(`<path class="ld-cross" d="M%d %dl10 10m0 -10l-10 10"/>`, to-5, under-5)
	} else {
		d.tip("ld-tip", to, under, ahead)
	}
	if forged(f) {
		d.dot(from, y)
	}
	switch {
	case f.Dir == recording.In && f.Call > 0:
		d.add(`<path class="ld-join" d="M%d %dH%d"/>`, d.kernel, join, d.program+1)
		d.tip("ld-took", d.program, join, -1)
	case f.Call > 0 && !alone(f):
		d.add(`<path class="ld-join" d="M%d %dH%d"/>`, d.program, join, d.kernel)
		d.dot(d.program, join)
	}
	return (from + to) / 2
}

func (d *drawing) dot(x, y int) {
	d.add(`<circle class="ld-dot" cx="%d" cy="%d" r="3.5"/>`, x, y)
}

func (d *drawing) tip(class string, x, y, ahead int) {
	d.add(`<path class="%s" d="M%d %dl%d -4v8z"/>`, class, x, y, -8*ahead)
}

// letter writes the letter of the frame's connection where the frame begins.
func (l *ladder) letter(d *drawing, w row, y int) {
	switch {
	case len(l.flows) < 2 || w.flow < 0:
	case w.Frame.Dir == recording.Out:
		d.text("ld-letter", "start", d.kernel+6, y, letter(w.flow))
	default:
		d.text("ld-letter", "end", d.end-6, y, letter(w.flow))
	}
}

// A said is a text at the program.
type said struct {
	class, anchor, text string
	line                int // from 0
}

// callTexts is what stands at the program: the call, its line and, if it is
// another than before, its goroutine.
func (l *ladder) callTexts(g geometry, w row) []said {
	if w.call == "" {
		return nil
	}
	fits := room(g.program - 11)
	name, result, _ := strings.Cut(w.call, " = ")
	words := []string{name}
	if result != "" {
		words = append(words, "= "+result)
		if len(words[1]) > fits {
			words[1] = result
		}
	}
	var all []said
	for i, text := range wrap(words, fits) {
		all = append(all, said{"ld-call", "end", text, i})
	}
	if w.At == nil {
		return all
	}
	at, next := fmt.Sprintf("line %d", w.At.Line), len(all)
	if l.manyFiles {
		at = fmt.Sprintf("%s:%d", w.At.File, w.At.Line)
	}
	if g.short {
		all = append(all, said{"ld-line", "end", cut(at, fits), next})
		if w.who != "" {
			all = append(all, said{"ld-line", "end", cut(w.who, fits), next + 1})
		}
		return all
	}
	if next == 1 && utf8.RuneCountInString(at+" "+all[0].text) <= fits {
		next = 0
	}
	all = append(all, said{"ld-line", "start", cut(at, fits), next})
	if w.who != "" {
		all = append(all, said{"ld-line", "start", cut(w.who, fits), next + 1})
	}
	return all
}
