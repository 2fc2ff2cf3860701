package page

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/yuin/goldmark/ast"

	"sockets/runner/lesson"
	"sockets/runner/source"
)

// Where a lesson keeps its exercise, and the page of it.
const (
	taskFile     = "exercise/task.md"
	solutionFile = "solution/main.go"
	exercisePage = "exercise.html"
)

// An exercise is the task that goes with a lesson. It has a page of its own.
type exercise struct {
	name     string // the program to be written: "linereader"
	blocks   []block
	solution *program
}

// exercise reads the lesson's task, if it has one, and gives the page a section
// that leads to it.
func (b *builder) exercise() {
	file := filepath.Join(b.Lesson.Dir, filepath.FromSlash(taskFile))
	src, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		b.mistakes.Add(file, 0, "the task can't be read: "+reason(err), "it is a text file")
		return
	}
	// Its lines are counted, and its links resolved, as those of a commentary
	// without front matter.
	task := &lesson.Lesson{Number: b.Lesson.Number, Title: b.Lesson.Title, Dir: b.Lesson.Dir, Runs: b.Lesson.Runs, Source: src}
	t := &builder{Page: &Page{Lesson: task, programs: b.programs, ids: map[string]bool{"main": true}}, src: src}
	e := &exercise{}
	t.task(e)
	for _, m := range t.mistakes {
		b.mistakes.Add(file, m.Line, m.What, m.Right)
	}
	if e.solution, err = solution(b.Lesson.Dir); err != nil {
		b.mistakes.Add(filepath.Join(b.Lesson.Dir, filepath.FromSlash(solutionFile)), 0, err.Error(), "an exercise has a solution there")
		return
	}
	b.Page.exercise = e
	b.links = append(b.links, t.links...)
	if b.section("Exercise") == nil {
		at := slices.IndexFunc(b.sections, func(s *section) bool { return rank(s.title) > rank("Exercise") })
		if at < 0 {
			at = len(b.sections)
		}
		b.sections = slices.Insert(b.sections, at, &section{title: "Exercise", id: b.id("Exercise")})
	}
}

// task reads the text: paragraphs, tables, and headings of the third level.
func (b *builder) task(e *exercise) {
	doc := b.parseMarkdown()
	b.forbid(doc)
	s := &section{title: "Exercise"}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			b.mistake(n.Pos(), "a heading of the second level", "a task's headings are ###: it has one section, its own")
			continue
		}
		b.add(s, n)
	}
	for _, bl := range s.blocks {
		if bl.cell != nil {
			b.mistakes.Add(b.Lesson.CommentaryPath(), 1, "a cell in a task", "a task says what is to be written; a lesson's page shows what ran")
		}
	}
	if e.name = firstCode(doc, b.src); e.name == "" {
		b.mistake(0, "the task names no program", "its first `code` is the name of the program to be written")
	}
	e.blocks = s.blocks
}

// firstCode is the text of the first code span.
func firstCode(doc ast.Node, src []byte) (text string) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker returns no error
		if n.Kind() != ast.KindCodeSpan || !entering {
			return ast.WalkContinue, nil
		}
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				text += string(t.Segment.Value(src))
			}
		}
		return ast.WalkStop, nil
	})
	return text
}

func solution(dir string) (*program, error) {
	src, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(solutionFile)))
	if err != nil {
		return nil, fmt.Errorf("the solution can't be read: %s", reason(err))
	}
	f, err := source.Parse(solutionFile, src)
	if err != nil {
		return nil, err
	}
	return &program{file: f}, nil
}

// What the template sees of an exercise, on its own page and in the lesson's.
type exerciseView struct {
	Name   string
	Lesson *lesson.Lesson
	Blocks []blockView
	Lines  []template.HTML // of the solution
}

// exercise writes the exercise's page, if the lesson has one.
func (w *writer) exercise(r *rendering) error {
	v, l := r.exerciseView(), r.page.Lesson
	if v == nil {
		return nil
	}
	return w.page(l.Number+"/"+exercisePage, layoutView{
		Kind: "exercise", Title: l.Number + " Exercise: " + v.Name, Lesson: l, Body: *v,
		Description: "The exercise of lesson " + l.Number + ", " + l.Title + ": write " + v.Name,
	})
}

// exerciseView is the exercise for its template; nil if there is none.
func (r *rendering) exerciseView() *exerciseView {
	e := r.page.exercise
	if e == nil {
		return nil
	}
	v := &exerciseView{Name: e.name, Lesson: r.page.Lesson, Blocks: r.blocks(e.blocks)}
	for _, line := range e.solution.code() {
		v.Lines = append(v.Lines, template.HTML(line)) //nolint:gosec // highlight escapes
	}
	e.solution.lines = nil
	return v
}

// search is the exercise as a place to be found.
func (e *exercise) search(l *lesson.Lesson) []searchEntry {
	if e == nil {
		return nil
	}
	top := section{title: "Exercise: " + e.name, blocks: e.blocks}
	entry := top.entry(l.Number+" "+l.Title, l.Number+"/"+exercisePage)
	entry.Href = l.Number + "/" + exercisePage
	return []searchEntry{entry}
}
