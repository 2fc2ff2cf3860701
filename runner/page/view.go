package page

import (
	"html/template"
	"strings"

	"sockets/runner/recording"
)

// What templates see of a code cell.
type (
	codeView struct {
		Caption template.HTML
		File    string
		Run     string // if it is not main
		Lines   []lineView
		Layers  layers
	}
	// layers says of which kinds anything is there.
	layers   struct{ Printed, Kernel, Wire bool }
	lineView struct {
		N       int
		Href    string
		Key     string
		HTML    template.HTML
		Printed *printedView
		Kernel  *kernelView
		Wire    *wireView
	}
	printedView struct {
		Count int // lines
		Rows  []outputRow
		More  int // lines that are not shown
	}
	outputRow struct {
		Text   string
		Stderr bool
		Times  int // 1, or how often it was printed in a row
		Key    string
		Href   string
		Where  string // "main.go:12"
	}
	kernelView struct {
		Open  bool
		Count int // calls
		Rows  []callRow
	}
	callRow struct {
		ID            int
		Key, Line     string
		Href, Where   string
		Name, Args    string
		Result, Errno string
		FD, Note      string
		Millis        int64
		Times         int
		Inherited     bool
		Goroutine     int
		More, Of      int // folded
		Noted         int // calls that the note is about, if several; Name has all their names
	}
	wireView struct {
		Open  bool
		Count int // frames
		Rows  []frameRow
	}
	frameRow struct {
		*recording.Frame
		Key, Line   string
		Href, Where string
		Out         bool
		Times       int
		More, Of    int // folded
	}
)

// Any reports whether the cell shows anything that its lines did.
func (l layers) Any() bool { return l.Printed || l.Kernel || l.Wire }

func (l *layers) add(o layers) {
	l.Printed, l.Kernel, l.Wire = l.Printed || o.Printed, l.Kernel || o.Kernel, l.Wire || o.Wire
}

// limits bound what a page shows: of each line its calls or frames and what it
// printed, of each run its frames, calls and what it printed.
type limits struct{ rows, printed, frames, calls, transcript int }

// A page is rendered with the first limits that keep it within pageBudget.
var (
	pageLimits = []limits{{20, 40, 24, 160, 400}, {14, 30, 12, 120, 250}, {9, 20, 8, 80, 120}, {5, 10, 8, 40, 60}, {5, 10, 4, 40, 60}, {3, 6, 3, 20, 30}}
	pageBudget = 100 << 10
)

// code shows the cell's lines with what each did in the cell's run.
func (r *rendering) code(c *cell) codeView {
	v := codeView{Caption: c.caption.fill(r.answer), File: c.file}
	if !c.run.Main() {
		v.Run = c.run.Name
	}
	t := r.trace(c.run.Name)
	code := c.program.code()
	for n := c.region.Start; n <= c.region.End; n++ {
		at := recording.Place{File: c.file, Line: n}
		l := lineView{N: n, Href: sourceHref(at), HTML: template.HTML(code[n-1])} //nolint:gosec // highlight escapes
		if e := t.lines[at]; e != nil {
			l.Key = lineKey(c.run.Name, at)
			l.Printed = printed(e.outputs, r.limits.printed)
			l.Kernel = r.calls(t, e.calls, r.limits.ofLine)
			l.Wire = r.frames(t, e.frames, r.limits.ofLine)
			v.Layers.add(layers{l.Printed != nil, l.Kernel != nil, l.Wire != nil})
		}
		v.Lines = append(v.Lines, l)
	}
	return v
}

// printed is the text of the events as lines; nil if there is none.
func printed(events []recording.Event, limit int) *printedView {
	rows := outputRows(events, "")
	if len(rows) == 0 {
		return nil
	}
	v := &printedView{Rows: rows}
	for i, row := range rows {
		v.Count += row.Times
		if i >= limit {
			v.More += row.Times
		}
	}
	v.Rows = rows[:min(len(rows), limit)]
	return v
}

// outputRows joins what was written piece by piece to lines. A line belongs to
// the line of code that began it.
func outputRows(events []recording.Event, run string) []outputRow {
	var rows []outputRow
	open := map[string]int{} // by stream, the row that has no newline yet, plus 1
	for _, e := range events {
		if e.Output == nil {
			continue
		}
		times := e.Times()
		text := e.Output.Text
		if times > 1 && (!strings.HasSuffix(text, "\n") || strings.Count(text, "\n") > 1) {
			text, times = strings.Repeat(text, times), 1
		}
		for line := range strings.Lines(text) {
			whole, ended := strings.CutSuffix(line, "\n")
			if i := open[e.Output.Stream]; i > 0 {
				rows[i-1].Text += whole
			} else {
				row := outputRow{Text: whole, Stderr: e.Output.Stream == recording.Stderr, Times: times}
				if at, ok := place(e); ok && run != "" {
					row.Key, row.Href, row.Where = lineKey(run, at), sourceHref(at), where(at)
				}
				rows = append(rows, row)
				open[e.Output.Stream] = len(rows)
			}
			if ended {
				open[e.Output.Stream] = 0
			}
		}
	}
	return rows
}

// calls is the events' calls, folded as folds does; nil if there are none.
func (r *rendering) calls(t *trace, events []recording.Event, folds func([]recording.Event) []folded) *kernelView {
	if len(events) == 0 {
		return nil
	}
	v := &kernelView{Count: total(events)}
	for _, f := range folds(events) {
		row := callRow{More: f.more, Of: f.of}
		switch {
		case f.more == 0:
			row = r.call(t, f.event)
			row.Noted = f.noted
			if f.noted > 0 {
				row.Name = strings.Join(f.names, ", ")
			}
		case f.event.Call != nil:
			row.Name = f.event.Call.Name
		}
		v.Rows = append(v.Rows, row)
	}
	v.sayOnce()
	return v
}

// sayOnce leaves out of a row what a row above says already: a note, what the
// descriptor is, that it is on another goroutine.
func (v *kernelView) sayOnce() {
	notes, fds := make(map[string]bool), make(map[string]string)
	inherited := 0 // the goroutine of the row above, if it was started by the line
	for i := range v.Rows {
		row := &v.Rows[i]
		if notes[row.Note] {
			row.Note = ""
		}
		notes[row.Note] = true
		number, _, _ := strings.Cut(row.Args, ",")
		if fds[number] == row.FD {
			row.FD = ""
		} else {
			fds[number] = row.FD
		}
		above := inherited
		if inherited = 0; row.Inherited {
			inherited, row.Inherited = row.Goroutine, row.Goroutine != above
		}
	}
}

// ofLine folds what belongs to one line.
func (l limits) ofLine(events []recording.Event) []folded { return fold(events, l.rows) }

// ofRun folds what belongs to a whole run.
func (l limits) ofRun(events []recording.Event) []folded { return fold(events, l.calls) }

// firstOf folds nothing, and keeps the first n.
func firstOf(n int) func([]recording.Event) []folded {
	return func(events []recording.Event) []folded {
		rows := make([]folded, min(n, len(events)))
		for i := range rows {
			rows[i].event = events[i]
		}
		return rows
	}
}

func (r *rendering) call(t *trace, e recording.Event) callRow {
	c := e.Call
	row := callRow{
		ID: c.ID, Key: callKey(t.Header.Run, c.ID), Name: c.Name, Args: strings.Join(c.Args, ", "),
		Result: c.Result, Errno: c.Errno, FD: c.FD, Note: c.Note, Millis: c.Millis,
		Times: e.Times(), Inherited: e.Inherited, Goroutine: e.Goroutine,
	}
	if at, ok := place(e); ok {
		row.Line, row.Href, row.Where = lineKey(t.Header.Run, at), sourceHref(at), where(at)
	}
	return row
}

// frames is the events' frames, folded as folds does; nil if there are none.
func (r *rendering) frames(t *trace, events []recording.Event, folds func([]recording.Event) []folded) *wireView {
	if len(events) == 0 {
		return nil
	}
	v := &wireView{Count: total(events)}
	for _, f := range folds(events) {
		if f.more > 0 {
			v.Rows = append(v.Rows, frameRow{More: f.more, Of: f.of})
			continue
		}
		e := f.event
		row := frameRow{Frame: e.Frame, Key: callKey(t.Header.Run, e.Frame.Call), Out: e.Frame.Dir == recording.Out, Times: e.Times()}
		if at, ok := t.placeOf(e); ok {
			row.Line, row.Href, row.Where = lineKey(t.Header.Run, at), sourceHref(at), where(at)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
