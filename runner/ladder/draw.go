package ladder

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// A geometry is the horizontal measures of a drawing, in units that are pixels
// at its natural size. Text is monospaced.
type geometry struct {
	class                       string
	width, program, kernel, end int // of the drawing; of the lifelines
	wire                        int // the middle of the word "wire"
	short                       bool
}

var (
	wide   = geometry{class: "ld-wide", width: 760, program: 240, kernel: 306, end: 704, wire: 505}
	narrow = geometry{class: "ld-narrow", width: 360, program: 98, kernel: 126, end: 346, wire: 208, short: true}
)

// Vertical measures.
const (
	char    = 7.25 // the width of a character of the size 12
	line    = 15   // from text to text
	above   = 24   // from a row's top to its arrow
	below   = 10   // from its arrow, or the text below, to its bottom
	pauseAt = 34   // the height of a pause
)

// room is how many characters fit into that many units.
func room(units int) int { return int(float64(units) / char) }

// A drawing is an SVG being written.
type drawing struct {
	geometry
	strings.Builder
	y     int
	began map[int]int // where a call that waits began, by its ID
	waits [][2]int    // from where to where calls waited
}

// wait notes that the row's call begins or ends to wait at y.
func (d *drawing) wait(w row, y int) {
	if !w.waits {
		return
	}
	if from, ok := d.began[w.Frame.Call]; ok {
		d.waits = append(d.waits, [2]int{from, y})
		return
	}
	d.began[w.Frame.Call] = y
}

func (d *drawing) add(format string, args ...any) {
	fmt.Fprintf(&d.Builder, format+"\n", args...)
}

func (d *drawing) text(class, anchor string, x, y int, text string) {
	d.add(`<text class="%s" x="%d" y="%d" text-anchor="%s">%s</text>`, class, x, y, anchor, escape(text))
}

// draw is the ladder as one SVG element.
func (l *ladder) draw(g geometry, id string) string {
	d := &drawing{geometry: g}
	l.head(d)
	top := d.y
	var pauses []int // where they begin
	rows := &drawing{geometry: g, y: top, began: make(map[int]int)}
	for i, w := range l.rows {
		if w.pause == 0 {
			l.row(rows, w)
			continue
		}
		if i > 0 {
			pauses = append(pauses, rows.y)
			rows.text("ld-gap", "middle", (g.kernel+g.end)/2, rows.y+pauseAt/2+4, seconds(w.pause)+" later")
			rows.y += pauseAt
		}
	}
	d.y = rows.y + below
	d.lifelines(top, pauses)
	for _, w := range rows.waits {
		d.add(`<path class="ld-wait" d="M%d %dV%d"/>`, d.program, w[0], w[1])
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="ld %s" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="%s-t %s-d">`+"\n", g.class, g.width, d.y, g.width, d.y, id, id)
	fmt.Fprintf(&out, "<title id=\"%s-t\">%s</title>\n<desc id=\"%s-d\">%s</desc>\n", id, escape(l.title()), id, escape(l.describe()))
	out.WriteString(d.String())
	out.WriteString(rows.String())
	out.WriteString("</svg>")
	return out.String()
}

func (l *ladder) title() string {
	return fmt.Sprintf("The wire in the run %s, between the program and %s", l.run, l.peer())
}

func (l *ladder) describe() string {
	text := fmt.Sprintf("%s frames", thousands(l.frames))
	if l.frames == 1 {
		text = "1 frame"
	}
	if l.lost > 0 {
		text += fmt.Sprintf(", %s of them lost", thousands(l.lost))
	}
	return text + ", each an arrow, in order from top to bottom. The table has the same as text."
}

// head writes the names of the columns and, if there are several connections,
// those with their letters.
func (l *ladder) head(d *drawing) {
	if len(l.flows) > 1 {
		for i, f := range l.flows {
			d.y += line
			text := fmt.Sprintf("%s  %s %s to %s", letter(i), f.proto, l.named(f.local), l.named(f.peer))
			d.text("ld-name "+color(i), "start", 2, d.y, cut(text, room(d.width-4)))
		}
		d.y += 10
	}
	d.y += line
	d.text("ld-head", "end", d.program+4, d.y, "program")
	d.text("ld-head", "start", d.kernel-4, d.y, "kernel")
	d.text("ld-head", "middle", d.wire, d.y, "wire")
	d.text("ld-head", "end", d.width-2, d.y, cut(l.peer(), room(d.width-d.wire-20)))
	d.y += 8
}

// lifelines writes the band of the wire and the lines down to the drawing's end,
// with a break at each pause.
func (d *drawing) lifelines(top int, pauses []int) {
	d.add(`<rect class="ld-band" x="%d" y="%d" width="%d" height="%d"/>`, d.kernel, top, d.end-d.kernel, d.y-top)
	for _, x := range []int{d.program, d.kernel, d.end} {
		from := top
		for _, p := range pauses {
			d.add(`<path class="ld-life" d="M%d %dV%d"/>`, x, from, p)
			d.add(`<path class="ld-pause" d="M%d %dV%d"/>`, x, p+3, p+pauseAt-2)
			from = p + pauseAt
		}
		d.add(`<path class="ld-life" d="M%d %dV%d"/>`, x, from, d.y)
	}
}

func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letter(i/26-1) + letter(i%26)
}

func color(i int) string { return fmt.Sprintf("ld-c%d", i%6+1) }

// cut is the text, cut to so many characters with an ellipsis.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:max(n-1, 0)]) + "…"
}

// wrap lays words out in lines of so many characters, each word whole.
func wrap(words []string, n int) []string {
	var lines []string
	for _, word := range words {
		word = cut(word, n)
		if last := len(lines) - 1; last >= 0 && utf8.RuneCountInString(lines[last]+" "+word) <= n {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// escape is the text as it may stand in XML.
func escape(s string) string { return html.EscapeString(printable(s)) }

// printable is the text with "?" for what a terminal would obey and XML does not
// allow.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}
