package page

import (
	"fmt"
	"html/template"
	"strings"

	"sockets/runner/ladder"
	"sockets/runner/lesson"
	"sockets/runner/recording"
)

// What templates see of a cell that shows a run.
type (
	runView struct {
		Caption template.HTML
		Run     string
		Command string // empty for a part of a transcript
		Note    string // the arguments, and the faults of the wire, where the command does not name them
		Rows    []outputRow
		More    int // rows that are not shown
		Silent  bool
		End     *endView
		Kernel  *kernelView
		Wire    *wireView
		Ladder  template.HTML
		Dashed  bool // an arrow of the ladder is: a kernel sent that frame by itself
		ID      string
		Files   []download
		All     string // the page with all frames, if this is not it
		Level   string // of the recording
		Dropped int    // calls that were not kept
		Loose   bool   // the run has no files: see Show
	}
	endView struct {
		Text    string
		Bad     bool
		Waiting []placeView
	}
	placeView struct{ Href, Where, Func string }
)

// transcript shows all that a run printed, and how it ended.
func (r *rendering) transcript(c *cell) runView {
	t := r.trace(c.run.Name)
	v := runView{
		Caption: c.caption.fill(r.answer), Run: c.run.Name,
		Silent: len(t.outputs()) == 0, End: end(t.Header.End),
	}
	if !r.alone {
		v.Files = t.downloads()
	}
	v.Command, v.Note = r.command(c, t)
	v.Rows = outputRows(t.outputs(), c.run.Name)
	if n := r.limits.transcript; len(v.Rows) > n {
		v.Rows, v.More = v.Rows[:n], len(v.Rows)-n
	}
	return v
}

// printedPart shows the one paragraph of a transcript that holds the text.
func (r *rendering) printedPart(c *cell) runView {
	t := r.trace(c.run.Name)
	v := runView{Caption: c.caption.fill(r.answer), Run: c.run.Name}
	var parts [][]outputRow
	rows := outputRows(t.outputs(), c.run.Name)
	for start := 0; start < len(rows); {
		end := start
		for end < len(rows) && strings.TrimSpace(rows[end].Text) != "" {
			end++
		}
		for _, row := range rows[start:end] {
			if strings.Contains(row.Text, c.text) {
				parts = append(parts, rows[start:end])
				break
			}
		}
		start = end + 1
	}
	if len(parts) != 1 {
		r.mistakes.Add(r.page.Lesson.CommentaryPath(), c.line,
			fmt.Sprintf("the run %s printed %d paragraphs with %q", c.run.Name, len(parts), c.text), "a text that exactly one paragraph of its output holds")
		return v
	}
	v.Rows = parts[0]
	return v
}

// outputs is the run's output, in order.
func (t *trace) outputs() []recording.Event {
	var all []recording.Event
	for _, e := range t.Events {
		if e.Output != nil {
			all = append(all, e)
		}
	}
	return all
}

// command is what a reader types to make the run. One that needs the lab at its
// place, or faults of the wire, is the runner's to make; note then says with
// which arguments, and what the wire did.
func (r *rendering) command(c *cell, t *trace) (command, note string) {
	faults := make([]string, len(c.run.Wire))
	for i, f := range c.run.Wire {
		faults[i] = f.String()
	}
	if declared(c.run) {
		var notes []string
		if args := quoted(t.Header.Args); len(args) > 0 {
			notes = append(notes, "with "+strings.Join(args, " "))
		}
		if len(faults) > 0 {
			notes = append(notes, "the wire: "+strings.Join(faults, ", "))
		}
		return fmt.Sprintf("go run ./runner run %s --name %s", r.page.Lesson.Number, c.run.Name), strings.Join(notes, "; ")
	}
	words := []string{"go run ./lessons/" + r.page.Lesson.Number}
	if c.run.Program != "main.go" {
		words[0] += "/" + c.run.Program
	}
	return strings.Join(append(words, quoted(t.Header.Args)...), " "), ""
}

// declared reports whether only the runner can make the run, from its
// declaration: it needs a service of the lab, or faults of the wire.
func declared(r lesson.Run) bool {
	return len(r.Wire) > 0 || strings.Contains(strings.Join(r.Args, " "), "{")
}

// quoted is the arguments as a shell wants them.
func quoted(args []string) []string {
	var words []string
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \t\n'\"$&|;<>()*?[]{}\\#~`!") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return words
}

// end says how a run ended.
func end(e recording.End) *endView {
	v := &endView{Bad: e.Exit != 0 || e.Signal != "" || e.Deadline != "" || e.Cut}
	switch {
	case e.Deadline != "":
		v.Text = "still going after " + e.Deadline + "; stopped"
		for _, p := range e.Waiting {
			at := recording.Place{File: p.File, Line: p.Line}
			v.Waiting = append(v.Waiting, placeView{sourceHref(at), where(at), p.Func})
		}
	case e.Cut:
		v.Text = "printed more than is kept; stopped"
	case e.Signal != "":
		v.Text = "ended by " + e.Signal
	default:
		v.Text = fmt.Sprintf("exit code %d", e.Exit)
	}
	return v
}

// kernel shows the calls of a whole run.
func (r *rendering) kernel(c *cell) runView {
	t := r.trace(c.run.Name)
	return runView{Caption: c.caption.fill(r.answer), Run: c.run.Name, Level: t.Header.Level, Kernel: r.calls(t, t.allCalls(), r.limits.ofRun), Dropped: t.Header.Dropped}
}

// wire shows the frames of a whole run.
func (r *rendering) wire(c *cell) runView {
	v := r.frameCell(c.run.Name)
	v.Caption = c.caption.fill(r.answer)
	return v
}

// wireLimits are how many frames may be on the page of a run's frames: the first
// that keeps it within pageBudget. The capture has all.
var wireLimits = []int{110, 70, 40, 20}

// frameCell is the ladder of a run, and its table: of the first frames, if they
// are many.
func (r *rendering) frameCell(run string) runView {
	_, frames := r.trace(run).has()
	if frames <= r.limits.frames*5/4 { // a few more are no reason for another page
		return r.frameView(run, frames)
	}
	v := r.frameView(run, r.limits.frames)
	if r.alone {
		return v
	}
	v.All = run + ".wire.html"
	r.wires[run] = true
	return v
}

// frameView is the first frames of a run, drawn and as a table.
func (r *rendering) frameView(run string, limit int) runView {
	t := r.trace(run)
	first, frames := t.first(limit)
	v := runView{Run: run, Level: t.Header.Level, Wire: r.frames(t, frames, firstOf(limit)), ID: r.unique("wire-" + run)}
	if v.Wire != nil {
		v.Ladder = drawn(first, v.ID)
		v.Dashed = strings.Contains(string(v.Ladder), `ld-host`)
	}
	return v
}

// first is the recording up to that many frames, and all its frames.
func (t *trace) first(limit int) (*recording.Recording, []recording.Event) {
	first := &recording.Recording{Header: t.Header}
	var frames []recording.Event
	for _, e := range t.Events {
		if e.Frame != nil {
			frames = append(frames, e)
		}
		if len(frames) <= limit {
			first.Events = append(first.Events, e)
		}
	}
	return first, frames
}

// drawn is the ladder of the recording's frames; the id is unique on the page.
func drawn(r *recording.Recording, id string) template.HTML {
	return template.HTML(ladder.Draw(r, ladder.Options{Prefix: id})) //nolint:gosec // ladder escapes
}

// sourceHref leads from a lesson's page to a line of its sources.
func sourceHref(at recording.Place) string { return fmt.Sprintf("%s.html#L%d", at.File, at.Line) }

func where(at recording.Place) string { return fmt.Sprintf("%s:%d", at.File, at.Line) }
