package page

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"sockets/runner/lesson"
	"sockets/runner/recording"
	"sockets/runner/source"
)

// Parts are what a run left, as HTML for a page of its lesson: the same cells as
// the commentary's. A part is empty where the recording's level has none.
type Parts struct {
	Printed template.HTML // the transcript
	Lines   template.HTML // the program, with what each line did
	Kernel  template.HTML // the calls
	Wire    template.HTML // the ladder, and the frames as a table

	Calls, Frames, Rows int // how many calls, frames and lines of output there are
}

// A Showing is a run to be shown that no commentary speaks of.
type Showing struct {
	Lesson    *lesson.Lesson
	Recording *recording.Recording // its run's name is unique on the page
	Source    []byte               // of its program
	Note      string               // what else it was run with, in words
	Going     bool                 // it has not ended, and the recording is not whole
}

// showLimits bound what is shown of such a run, which is drawn again and again.
var showLimits = limits{rows: 20, printed: 40, frames: 60, calls: 160, transcript: 300}

// Show renders the run.
func Show(s Showing) (Parts, error) {
	all, err := templates()
	if err != nil {
		return Parts{}, err
	}
	name := s.Recording.Header.Run
	get := func(string, string) *recording.Recording { return s.Recording }
	r := newRendering(&Site{Recordings: get}, &Page{Lesson: s.Lesson})
	r.limits = showLimits
	t := r.trace(name)
	shown := shower{templates: all["lesson"]}
	var p Parts
	p.Calls, p.Frames = t.has()

	printed := r.loose("What it printed", t)
	printed.Rows = outputRows(t.outputs(), name)
	p.Rows = len(printed.Rows)
	if n := r.limits.transcript; p.Rows > n {
		printed.Rows, printed.More = printed.Rows[:n], p.Rows-n
	}
	printed.Command, printed.Note = strings.Join(slices.Concat([]string{s.Recording.Header.Program}, quoted(t.Header.Args)), " "), s.Note
	if !s.Going {
		printed.Silent, printed.End = p.Rows == 0, end(t.Header.End)
	}
	p.Printed = shown.cell("transcript", printed)
	if t.Header.Level == recording.LevelOutput {
		return p, shown.err
	}

	kernel := r.loose("What it asked of the kernel", t)
	kernel.Kernel = r.calls(t, t.allCalls(), r.limits.ofRun)
	kernel.Dropped = t.Header.Dropped
	p.Kernel = shown.cell("kernel-cell", kernel)
	p.Lines = shown.lines(r, s)
	if t.Header.Level == recording.LevelFull {
		wire := r.frameView(name, r.limits.frames)
		wire.Caption, wire.Loose = "What went over the wire", true
		p.Wire = shown.cell("wire-cell", wire)
	}
	return p, shown.err
}

// loose is a cell of the run.
func (r *rendering) loose(caption template.HTML, t *trace) runView {
	return runView{Caption: caption, Run: t.Header.Run, Level: t.Header.Level, Loose: true}
}

// allCalls is the calls of the whole run.
func (t *trace) allCalls() []recording.Event {
	return slices.DeleteFunc(slices.Clone(t.Events), func(e recording.Event) bool { return e.Call == nil })
}

// A shower renders cells by themselves, and keeps what went wrong first.
type shower struct {
	templates *template.Template
	err       error
}

func (s *shower) cell(name string, view any) template.HTML {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name, view); err != nil && s.err == nil {
		s.err = fmt.Errorf("render a run: %w", err)
	}
	return template.HTML(visible(b.Bytes())) //nolint:gosec // the template escapes
}

// lines is the whole program with what each of its lines did, nothing if the
// source can't be parsed.
func (s *shower) lines(r *rendering, of Showing) template.HTML {
	h := of.Recording.Header
	file := lesson.Run{Program: h.Program}.File()
	parsed, err := source.Parse(file, of.Source)
	if err != nil {
		return ""
	}
	c := &cell{
		kind: codeCell, caption: prose{html: []string{"What each line did"}}, run: lesson.Run{Name: h.Run}, file: file,
		program: &program{file: parsed}, region: source.Region{Start: 1, End: len(parsed.Lines)},
	}
	v := r.code(c)
	v.Run = "" // the caption of all the run's cells says it
	return s.cell("code", v)
}
