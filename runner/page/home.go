package page

import (
	"cmp"
	"slices"

	"sockets/runner/lesson"
)

// What templates see of the home page.
type (
	homeView struct {
		Show  *showView
		Parts []partView
		First *lesson.Lesson
		Ready int // lessons that are there
		Take  []Download
	}
	partView struct {
		Title, Intro string
		Lessons      []stopView
	}
	stopView struct {
		Number, Title string
		Lesson        *lesson.Lesson // nil if it is to come
	}
	// A showView is a few lines of a real program with what they did.
	showView struct {
		Lesson *lesson.Lesson
		Code   codeView
		Rows   []outputRow // what the run printed, where lines do not tell
	}
)

func (w *writer) home() layoutView {
	v := homeView{Ready: len(w.Pages), Show: w.show()}
	if w.Downloads != nil {
		v.Take = w.Downloads("")
	}
	there := make(map[string]*lesson.Lesson)
	for _, p := range w.Pages {
		there[p.Lesson.Number] = p.Lesson
	}
	if len(w.Pages) > 0 {
		v.First = w.Pages[0].Lesson
	}
	for _, part := range plan {
		pv := partView{Title: part.Title, Intro: part.Intro}
		for _, l := range part.Lessons {
			s := stopView{Number: l.Number, Title: l.Title, Lesson: there[l.Number]}
			if s.Lesson != nil {
				s.Title = s.Lesson.Title
				delete(there, l.Number)
			}
			pv.Lessons = append(pv.Lessons, s)
		}
		v.Parts = append(v.Parts, pv)
	}
	if extra := w.beyond(there); len(extra.Lessons) > 0 {
		v.Parts = append(v.Parts, extra)
	}
	return layoutView{
		Kind: "home", Title: "Sockets, line by line", Here: "home",
		Description: "Network programming in Go: what every line printed, asked of the kernel and put on the wire, from a real run.", Body: v,
	}
}

// beyond is the lessons that are there and that the plan does not know.
func (w *writer) beyond(there map[string]*lesson.Lesson) partView {
	v := partView{Title: "More"}
	for _, l := range there {
		v.Lessons = append(v.Lessons, stopView{l.Number, l.Title, l})
	}
	slices.SortFunc(v.Lessons, func(a, b stopView) int { return cmp.Compare(a.Number, b.Number) })
	return v
}

// show is the cell of the site that tells most in a few lines: one whose lines
// printed something, called the kernel and put frames on the wire, if there is
// one; else the first part of the first program and what its run printed.
func (w *writer) show() *showView {
	best, score := (*showView)(nil), 0
	for _, p := range w.Pages {
		r := newRendering(w.Site, p)
		for _, s := range p.sections {
			if s.title != "The program" {
				continue
			}
			for _, b := range s.blocks {
				if b.cell == nil || b.cell.kind != codeCell {
					continue
				}
				if n := r.worth(b.cell); n > score {
					best, score = &showView{Lesson: p.Lesson, Code: r.code(b.cell)}, n
				}
			}
		}
		if best != nil && !best.Code.Layers.Any() && best.Lesson == p.Lesson {
			rows := outputRows(r.trace("main").outputs(), "")
			best.Rows = rows[:min(len(rows), 6)]
		}
	}
	if best == nil {
		return nil
	}
	best.Code.move(best.Lesson.Number + "/")
	return best
}

// worth is how well the cell serves as the first thing a stranger sees: all
// three layers, in a few lines of code and a few rows below them.
func (r *rendering) worth(c *cell) int {
	const goodLines, goodRows = 6, 8
	lines := c.region.End - c.region.Start + 1
	if lines < 3 || lines > 14 || !c.run.Main() {
		return 0
	}
	var outputs, calls, frames int
	t := r.trace("main")
	for at, e := range t.lines {
		if at.File != c.file || at.Line < c.region.Start || at.Line > c.region.End {
			continue
		}
		outputs += len(outputRows(e.outputs, ""))
		calls += len(e.calls)
		frames += len(e.frames)
	}
	score := 100 // the first cell that is short enough is better than none
	for _, n := range []int{outputs, calls, frames} {
		if n > 0 {
			score += 1000
		}
	}
	return max(1, score-20*distance(outputs+calls+frames, goodRows)-10*distance(lines, goodLines))
}

func distance(a, b int) int { return max(a-b, b-a) }

// move makes the cell's links lead from another folder, and unfolds it.
func (v *codeView) move(prefix string) {
	for i := range v.Lines {
		l := &v.Lines[i]
		l.unfold()
		l.Href = prefix + l.Href
		if l.Kernel != nil {
			for j := range l.Kernel.Rows {
				l.Kernel.Rows[j].Href = prefix + l.Kernel.Rows[j].Href
			}
		}
		if l.Wire != nil {
			for j := range l.Wire.Rows {
				l.Wire.Rows[j].Href = prefix + l.Wire.Rows[j].Href
			}
		}
	}
}

// unfold opens what the line did.
func (l *lineView) unfold() {
	if l.Kernel != nil {
		l.Kernel.Open = true
	}
	if l.Wire != nil {
		l.Wire.Open = true
	}
}
