package page

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"

	"sockets/runner/lesson"
	"sockets/runner/source"
)

type cellKind int

const (
	codeCell cellKind = iota
	transcriptCell
	printedCell // one paragraph of a transcript
	kernelCell
	wireCell
)

// A cell is one link that stands alone.
type cell struct {
	kind    cellKind
	caption prose
	run     lesson.Run
	line    int // of lesson.md

	program *program      // of a code cell
	file    string        // likewise
	region  source.Region // likewise
	text    string        // of a printed cell
}

// cellLink is the destination of a link if that is a file of the lesson and the
// link stands alone in its paragraph; else empty.
func (b *builder) cellLink(l *ast.Link) string {
	dest := string(l.Destination)
	p := l.Parent()
	if onlyLink(p) != l || p.Parent() == nil || p.Parent().Kind() != ast.KindDocument {
		return ""
	}
	file, _, _ := strings.Cut(dest, "#")
	if file == "" || strings.Contains(file, ":") || otherLesson.MatchString(file) {
		return ""
	}
	return dest
}

const cellRight = "a cell links main.go#FRAGMENT, pitfalls/NAME/main.go#FRAGMENT or recordings/NAME.jsonl, with #printed:TEXT, #kernel or #wire"

// cell reads the link as a cell; nil, and a mistake, if it is none.
func (b *builder) cell(l *ast.Link) *cell {
	file, fragment := split(string(l.Destination))
	c := &cell{line: b.Lesson.LineAt(l.Pos()), caption: b.inline(l), file: file}
	if b.text(l) == "" {
		b.mistake(l.Pos(), "a cell without words", "the link's text says what the reader sees")
	}
	clean := path.Clean(file) == file && !strings.HasPrefix(file, "/") && !strings.HasPrefix(file, "..")
	switch {
	case !clean:
		b.mistake(l.Pos(), fmt.Sprintf("the cell %q is not a file of the lesson", file), cellRight)
		return nil
	case sourceFile.MatchString(file):
		return b.codeCell(l, c, fragment)
	case recordingFile.MatchString(file):
		return b.runCell(l, c, fragment)
	}
	b.mistake(l.Pos(), fmt.Sprintf("there is no cell for %q", file), cellRight)
	return nil
}

// codeCell shows a region of a program, and what its lines did in one run.
func (b *builder) codeCell(l *ast.Link, c *cell, fragment string) *cell {
	c.kind = codeCell
	c.program = b.program(c.file, l.Pos())
	if c.program == nil {
		return nil
	}
	r, err := c.program.file.Find(fragment)
	if err != nil {
		f := fragmentMistake(err)
		b.mistake(l.Pos(), f.what, f.right)
		return nil
	}
	c.region = r
	c.program.shown = append(c.program.shown, r)
	name := string(l.Title)
	if name == "" {
		c.run = b.runOf(c.file)
		if c.run.Name == "" {
			b.mistake(l.Pos(), "no run is declared of "+c.file, "front matter: runs: - name: NAME, program: "+path.Dir(c.file))
			return nil
		}
		return c
	}
	var ok bool
	if c.run, ok = b.Lesson.Run(name); !ok {
		b.mistake(l.Pos(), "there is no run "+name, b.runsRight())
		return nil
	}
	if c.run.File() != c.file {
		b.mistake(l.Pos(), fmt.Sprintf("the run %s is of %s, not of %s", name, c.run.File(), c.file), "a run of the program that the cell shows")
		return nil
	}
	return c
}

// runOf is the first declared run of the program. What no run can show, such as
// the file for other systems, belongs to the run main.
func (b *builder) runOf(file string) lesson.Run {
	for _, r := range b.Lesson.Runs {
		if r.File() == file {
			return r
		}
	}
	if !strings.Contains(file, "/") && len(b.Lesson.Runs) > 0 {
		return b.Lesson.Runs[0]
	}
	return lesson.Run{}
}

// runCell shows what a run left.
func (b *builder) runCell(l *ast.Link, c *cell, fragment string) *cell {
	name := recordingFile.FindStringSubmatch(c.file)[1]
	var ok bool
	if c.run, ok = b.Lesson.Run(name); !ok {
		b.mistake(l.Pos(), "there is no run "+name, b.runsRight())
		return nil
	}
	if len(l.Title) > 0 {
		b.mistake(l.Pos(), fmt.Sprintf("a cell of a recording names a run, %q", l.Title), "the file's name is the run's")
	}
	text, isPrinted := strings.CutPrefix(fragment, "printed:")
	switch {
	case fragment == "":
		c.kind = transcriptCell
	case fragment == "kernel":
		c.kind = kernelCell
	case fragment == "wire":
		c.kind = wireCell
	case isPrinted && text != "":
		c.kind, c.text = printedCell, text
	default:
		b.mistake(l.Pos(), fmt.Sprintf("a recording has no #%s", fragment), "#printed:TEXT, #kernel, #wire, or none for the whole transcript")
		return nil
	}
	return c
}

// runsRight says which runs there are.
func (b *builder) runsRight() string {
	var names []string
	for _, r := range b.Lesson.Runs {
		names = append(names, r.Name)
	}
	return "front matter declares: " + strings.Join(names, ", ")
}

// fragmentMistake is what package source says, in two parts.
func fragmentMistake(err error) *linkError {
	var f *source.FragmentError
	if errors.As(err, &f) {
		return &linkError{f.What, f.Right}
	}
	return &linkError{err.Error(), cellRight}
}
