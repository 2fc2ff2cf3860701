// Package page turns a lesson's commentary and the recordings of its runs into
// HTML. The whole of it is
//
//	commentary --Parse--> Page      sections, prose and cells; every mistake found
//	Pages + recordings --Write-->   the site: a file a page, sources, indexes
//
// A link that stands alone in its paragraph and points to a file of the lesson
// is a cell; the file decides its kind:
//
//	[Create the socket](main.go#main:unix.Socket)        code, with what each line did
//	[Refused](main.go#main:unix.Connect "refused")       the same, in the run named by the title
//	[It hangs](pitfalls/hang/main.go#main)               code of a broken variant
//	[What it printed](recordings/main.jsonl)             all that a run printed, and how it ended
//	[The error](recordings/main.jsonl#printed:refused)   the one paragraph of it with this text
//	[Its calls](recordings/main.jsonl#kernel)            the system calls of the whole run
//	[On the wire](recordings/main.jsonl#wire)            the frames of the whole run
//
// Numbers in prose can come from a run: {{calls "main:io.Copy" "read"}} is how
// often those lines made that call, {{frames "main:unix.Connect"}} how many frames
// their calls put on the wire; a last argument names another run than main.
//
// Commentaries are not trusted: raw HTML, images and links that lead anywhere
// but to https, this site or a file of the lesson are mistakes, and nothing of
// them reaches a page. Mistakes are collected, never only the first.
//
// The package starts nothing and makes no recordings. What a page looks like is
// in folder site: templates, style and script.
package page

import (
	"errors"
	"fmt"
	"go/scanner"
	"os"
	"path/filepath"

	"sockets/runner/lesson"
	"sockets/runner/source"
)

// A Page is a lesson's commentary, understood.
type Page struct {
	Lesson   *lesson.Lesson
	sections []*section
	programs map[string]*program // by path below the lesson, "main.go"
	terms    []term
	links    []crossLink
	ids      map[string]bool
	exercise *exercise // nil if there is none
}

// A section is one part of the page, under a heading of the second level.
type section struct {
	id, title string
	heading   prose // of a part of a section
	line      int
	blocks    []block
}

// A block is exactly one of prose, a heading of the third level, and a cell.
type block struct {
	prose   *prose
	heading *heading
	cell    *cell
	rule    bool // a line of asterisks, where it means something
}

type heading struct {
	id   string
	text string
	html prose
	line int
}

// A term is defined in section Terms, and collected for the whole site.
type term struct {
	id, name string
	html     prose // as the page has it
	meaning  prose // as a page at the root of the site has it
}

// A program is a source file of the lesson.
type program struct {
	file  *source.File
	lines []string        // highlighted, one a line of the file
	shown []source.Region // by the cells of the page
}

// Parse reads the commentary of the lesson. With mistakes the page is what could
// be understood.
func Parse(l *lesson.Lesson) (*Page, lesson.Mistakes) {
	p := &Page{Lesson: l, programs: make(map[string]*program), ids: make(map[string]bool)}
	b := &builder{Page: p, src: l.Commentary()}
	b.program("main.go", 0)
	b.build()
	b.exercise()
	return p, b.mistakes
}

// A builder fills a Page and keeps what is wrong.
type builder struct {
	*Page
	src      []byte
	mistakes lesson.Mistakes
	anchors  []anchor
}

// mistake notes what is wrong at the byte offset of the commentary.
func (b *builder) mistake(offset int, what, right string) {
	b.mistakes.Add(b.Lesson.CommentaryPath(), b.Lesson.LineAt(offset), what, right)
}

// program is the named source file of the lesson; nil, and a mistake, if there
// is none.
func (b *builder) program(name string, offset int) *program {
	if p, ok := b.programs[name]; ok {
		return p
	}
	b.programs[name] = nil
	path := filepath.Join(b.Lesson.Dir, filepath.FromSlash(name))
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("not a regular file")
	}
	var src []byte
	if err == nil {
		src, err = os.ReadFile(path)
	}
	if err != nil {
		b.mistake(offset, "the program "+name+" can't be read: "+reason(err), "it lies below the lesson's directory")
		return nil
	}
	f, err := source.Parse(name, src)
	var wrong scanner.ErrorList
	switch {
	case errors.As(err, &wrong):
		b.mistakes.Add(path, wrong[0].Pos.Line, fmt.Sprintf("column %d: %s", wrong[0].Pos.Column, wrong[0].Msg), "a program that the go command accepts")
		return nil
	case err != nil:
		b.mistake(offset, err.Error(), "a program that the go command accepts")
		return nil
	}
	p := &program{file: f}
	b.programs[name] = p
	return p
}

// Unshown is the declarations of main.go that no cell shows, as mistakes.
func (p *Page) Unshown() lesson.Mistakes {
	var ms lesson.Mistakes
	main := p.programs["main.go"]
	if main == nil {
		return nil
	}
	seen := make(map[source.Region]bool)
	for _, d := range main.file.Decls() {
		if seen[d.Region] || main.shows(d.Region) {
			continue
		}
		seen[d.Region] = true
		ms.Add(filepath.Join(p.Lesson.Dir, "main.go"), d.Region.Start, "no cell of the page shows "+d.Name,
			fmt.Sprintf("lesson.md has a cell for it: [What it is](main.go#%s)", d.Name))
	}
	return ms
}

// shows reports whether any cell shows a line of the region.
func (p *program) shows(r source.Region) bool {
	for _, s := range p.shown {
		if s.Start <= r.End && r.Start <= s.End {
			return true
		}
	}
	return false
}
