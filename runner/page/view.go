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
	}
)

// Any reports whether the cell shows anything that its lines did.
func (l layers) Any() bool { return l.Printed || l.Kernel || l.Wire }

func (l *layers) add(o layers) {
	l.Printed, l.Kernel, l.Wire = l.Printed || o.Printed, l.Kernel || o.Kernel, l.Wire || o.Wire
}

const maxPrinted = 40 // lines of output attached to one line of code

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
			l.Printed = printed(e.outputs, maxPrinted)
			l.Kernel = r.calls(t, e.calls)
			l.Wire = r.frames(t, e.frames)
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
				rows[i-1].Text += visible(whole)
			} else {
				row := outputRow{Text: visible(whole), Stderr: e.Output.Stream == recording.Stderr, Times: times}
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

// calls is the events' calls, folded; nil if there are none.
func (r *rendering) calls(t *trace, events []recording.Event) *kernelView {
	if len(events) == 0 {
		return nil
	}
	v := new(kernelView)
	for _, e := range events {
		v.Count += e.Times()
	}
	for _, f := range fold(events) {
		if f.more > 0 {
			row := callRow{More: f.more, Of: f.of}
			if f.event.Call != nil {
				row.Name = f.event.Call.Name
			}
			v.Rows = append(v.Rows, row)
			continue
		}
		v.Rows = append(v.Rows, r.call(t, f.event))
	}
	v.sayOnce()
	return v
}

// sayOnce leaves out of a row what the row above says already: what its
// descriptor is, that it is on another goroutine.
func (v *kernelView) sayOnce() {
	for i := len(v.Rows) - 1; i > 0; i-- {
		row, above := &v.Rows[i], v.Rows[i-1]
		if row.FD == above.FD {
			row.FD = ""
		}
		if above.Inherited && row.Line == above.Line && row.Goroutine == above.Goroutine {
			row.Inherited = false
		}
	}
}

func (r *rendering) call(t *trace, e recording.Event) callRow {
	c := e.Call
	row := callRow{
		ID: c.ID, Key: callKey(t.Header.Run, c.ID), Name: c.Name, Args: visible(strings.Join(c.Args, ", ")),
		Result: c.Result, Errno: c.Errno, FD: c.FD, Note: c.Note, Millis: c.Millis,
		Times: e.Times(), Inherited: e.Inherited, Goroutine: e.Goroutine,
	}
	if at, ok := place(e); ok {
		row.Line, row.Href, row.Where = lineKey(t.Header.Run, at), sourceHref(at), where(at)
	}
	return row
}

// frames is the events' frames; nil if there are none.
func (r *rendering) frames(t *trace, events []recording.Event) *wireView {
	if len(events) == 0 {
		return nil
	}
	v := new(wireView)
	for _, e := range events {
		v.Count += e.Times()
		if len(v.Rows) == maxRows {
			continue
		}
		row := frameRow{Frame: e.Frame, Key: callKey(t.Header.Run, e.Frame.Call), Out: e.Frame.Dir == recording.Out, Times: e.Times()}
		if at, ok := t.placeOf(e); ok {
			row.Line, row.Href, row.Where = lineKey(t.Header.Run, at), sourceHref(at), where(at)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
