package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"sockets/runner/ladder"
)

// A Part is one piece of a lesson, in the order of its page, for formats that
// are made of cells. Exactly one of Heading, Prose, Snippet and Run is set.
type Part struct {
	Section string // the id of the section it stands in
	Fold    string // what the page folds it under: "Answer"; empty if it does not
	Heading *Heading
	Prose   template.HTML
	Snippet *Snippet
	Run     *Shown
}

// A Heading is a title of the second level or, within a section, the third.
type Heading struct {
	Level int
	ID    string
	HTML  template.HTML
}

// A Snippet is lines of a program, and what they did in one run.
type Snippet struct {
	Caption     template.HTML
	File        string
	First, Last int    // line
	Text        string // of the lines, with a newline at the end
	Run         string // empty if it is the program's own
	Printed     []Printed
	Did         []Did
}

// Printed is lines that went to one of the two streams, one after the other.
type Printed struct {
	Stderr bool
	Text   string
}

// Did is a call or a frame that a line caused, in words.
type Did struct {
	Line       int
	Layer      string // "kernel" or "wire"
	Text, Note string
}

// Shown is what a cell shows of a run.
type Shown struct {
	Kind     string // "transcript", "printed", "kernel", "wire" or, with a command and nothing else, "judge"
	Caption  template.HTML
	Run      string
	Command  string // that makes the run, as a reader types it
	Note     string // what the command does not say of the run
	Printed  []Printed
	End      string // how it ended; empty where the cell does not say
	Calls    []Did
	Frames   int
	Ladder   string // a drawing of the frames, as text of 80 columns
	Declared bool   // the run is made, or ended, by the runner and not by the program alone
}

// Parts is the whole lesson of the page. What its author got wrong, as far as it
// shows only beside the runs, is a lesson.Mistakes.
func (s *Site) Parts(p *Page) ([]Part, error) {
	r := s.whole(p)
	var parts []Part
	for _, v := range r.view().Sections {
		add := func(fold string, blocks []blockView) {
			for _, b := range blocks {
				if b.Exercise != nil {
					parts = append(parts, r.task(v.ID)...)
				}
				if part, ok := r.part(b); ok {
					part.Section, part.Fold = v.ID, fold
					parts = append(parts, part)
				}
			}
		}
		parts = append(parts, Part{Section: v.ID, Heading: &Heading{2, v.ID, template.HTML(template.HTMLEscapeString(v.Title))}}) //nolint:gosec // escaped
		add("", v.Blocks)
		add("Answer", v.Answer)
		for _, q := range v.Questions {
			parts = append(parts, Part{Section: v.ID, Heading: &Heading{3, q.ID, q.HTML}})
			add("Answer", q.Blocks)
		}
	}
	return parts, append(r.mistakes, s.crossLinks()...).Err()
}

// task is the lesson's exercise: what is to be written, and how it is judged. The
// solution is left to who looks for it.
func (r *rendering) task(section string) []Part {
	var parts []Part
	for _, b := range r.blocks(r.page.exercise.blocks) {
		if part, ok := r.part(b); ok {
			part.Section = section
			parts = append(parts, part)
		}
	}
	return append(parts, Part{Section: section, Run: &Shown{
		Kind: "judge", Caption: "Have it judged", Command: "go run ./runner grade " + r.page.Lesson.Number,
	}})
}

// part is the block as a part; ok is false for what only a page has.
func (r *rendering) part(b blockView) (p Part, ok bool) {
	switch {
	case b.Prose != "":
		p.Prose = b.Prose
	case b.Heading != nil:
		p.Heading = &Heading{3, b.Heading.ID, b.Heading.HTML}
	case b.Code != nil:
		p.Snippet = r.snippet(b.Code)
	case b.Transcript != nil:
		p.Run = r.shown("transcript", b.Transcript)
	case b.Printed != nil:
		p.Run = r.shown("printed", b.Printed)
	case b.Kernel != nil:
		p.Run = r.shown("kernel", b.Kernel)
	case b.Wires != nil:
		p.Run = r.shown("wire", b.Wires)
	default:
		return p, false
	}
	return p, true
}

func (r *rendering) snippet(v *codeView) *Snippet {
	first, last := v.Lines[0].N, v.Lines[len(v.Lines)-1].N
	lines := r.page.programs[v.File].file.Lines[first-1 : last]
	s := &Snippet{Caption: v.Caption, File: v.File, First: first, Last: last, Run: v.Run, Text: strings.Join(lines, "\n") + "\n"}
	for _, l := range v.Lines {
		if l.Printed != nil {
			s.Printed = append(s.Printed, printedRows(l.Printed.Rows, l.Printed.More)...)
		}
		if l.Kernel != nil {
			for _, c := range l.Kernel.Rows {
				text, note := c.text()
				s.Did = append(s.Did, Did{l.N, "kernel", text, note})
			}
		}
		if l.Wire != nil {
			for _, f := range l.Wire.Rows {
				s.Did = append(s.Did, Did{Line: l.N, Layer: "wire", Text: f.text()})
			}
		}
	}
	s.Printed = joined(s.Printed)
	return s
}

func (r *rendering) shown(kind string, v *runView) *Shown {
	run, _ := r.page.Lesson.Run(v.Run)
	s := &Shown{
		Kind: kind, Caption: v.Caption, Run: v.Run, Command: v.Command, Note: v.Note,
		Printed: joined(printedRows(v.Rows, v.More)), Declared: declared(run) || run.Expect.Deadline > 0,
	}
	if v.End != nil {
		s.End = v.End.text()
	}
	if v.Kernel != nil {
		for _, c := range v.Kernel.Rows {
			text, note := c.text()
			s.Calls = append(s.Calls, Did{Layer: "kernel", Text: text, Note: note})
		}
	}
	if v.Wire != nil {
		s.Frames = v.Wire.Count
		first, _ := r.trace(v.Run).first(r.limits.frames)
		s.Ladder = ladder.Text(first, ladder.Options{}, 80)
	}
	return s
}

// joined is the lines with neighbours of one stream made one.
func joined(all []Printed) []Printed {
	var out []Printed
	for _, p := range all {
		if n := len(out); n > 0 && out[n-1].Stderr == p.Stderr {
			out[n-1].Text += p.Text
			continue
		}
		out = append(out, p)
	}
	return slices.Clip(out)
}

// Program is the source of one of the lesson's programs.
func (p *Page) Program(name string) (string, error) {
	prog := p.programs[name]
	if prog == nil {
		return "", fmt.Errorf("lesson %s has no program %s", p.Lesson.Number, name)
	}
	return strings.Join(prog.file.Lines, "\n") + "\n", nil
}
