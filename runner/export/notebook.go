package export

import (
	"fmt"
	"html/template"
	"strings"

	"sockets/runner/lesson"
	"sockets/runner/page"
)

// How a Go cell of a notebook begins that is a piece of a program. A notebook's
// kernel compiles what is in a cell, and a piece of a function is nothing that
// compiles. gofmt reads pieces as well: it says nothing when they are well formed.
const piece = "%%script gofmt -l\n"

// notebook is the lesson as a Jupyter notebook for the kernel gonb. Its cells
// follow the page, with what the recordings hold as their outputs. A lesson is
// one program: the cells with pieces of it are to be read; the cells that run it
// are the commands of the page and, at the end, the whole program, to be changed.
func (w *work) notebook(p *page.Page) ([]byte, error) {
	parts, err := w.site.Parts(p)
	if err != nil {
		return nil, err
	}
	n := &notebook{work: w, lesson: p.Lesson}
	n.head()
	for _, part := range parts {
		if err := n.part(part); err != nil {
			return nil, err
		}
	}
	if err := n.whole(p); err != nil {
		return nil, err
	}
	return n.encode("Sockets, line by line: " + oneLine(p.Lesson.Title))
}

// A notebook is one being written.
type notebook struct {
	nbWriter
	*work
	lesson *lesson.Lesson
	title  string // the last heading's id, which the cells below it are named after
	main   *page.Shown
}

func (n *notebook) head() {
	l := n.lesson
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n%s\n\n", l.Number, escape(l.Title), escape(l.Summary))
	fmt.Fprintf(&b, "*Lesson %s of Sockets, line by line", l.Number)
	if n.site.BaseURL != "" {
		fmt.Fprintf(&b, " · [its page](%s%s/)", n.site.BaseURL, l.Number)
	}
	b.WriteString("*\n\n")
	fmt.Fprintf(&b, "This notebook is read from top to bottom, and nothing needs to be run: what you see below the cells "+
		"was recorded when the program ran. To run it yourself you need a checkout of the course, with this file somewhere in it, "+
		"and the kernel [gonb](https://github.com/janpfeifer/gonb).\n\n"+
		"A lesson is one program.\n\n"+
		"- A cell that begins with `%s` shows a piece of it. A piece can't run by itself: run such a cell, and gofmt checks its form and prints nothing.\n"+
		"- A cell that begins with `!` runs the whole program, as the command does in a terminal. The lab's addresses are others than in the recording when it runs on your machine alone.\n"+
		"- [The last two cells](#Change-it) hold the whole program, to be changed and run.\n", strings.TrimSpace(piece))
	n.markdown("lesson", b.String())
}

// part writes one part of the page as a cell, or several.
func (n *notebook) part(p page.Part) error {
	switch {
	case p.Heading != nil:
		text, err := n.text(p.Heading.HTML)
		if err != nil {
			return err
		}
		n.title = p.Heading.ID
		if p.Heading.Level == 2 {
			n.flush()
		}
		n.markdown(n.title, strings.Repeat("#", p.Heading.Level)+" "+text+"\n")
	case p.Prose != "":
		text, err := n.text(p.Prose)
		if p.Fold != "" {
			text, err = n.folded(p.Fold, p.Prose)
		}
		if err != nil {
			return err
		}
		n.markdown(n.title+" text", text)
	case p.Snippet != nil:
		return n.snippet(p.Snippet)
	case p.Run != nil:
		return n.run(p.Run)
	}
	return nil
}

// snippet is a piece of a program with what its lines did.
func (n *notebook) snippet(s *page.Snippet) error {
	where := fmt.Sprintf("`%s`, line %d", s.File, s.First)
	if s.Last > s.First {
		where = fmt.Sprintf("`%s`, lines %d to %d", s.File, s.First, s.Last)
	}
	if s.Run != "" {
		where += ", in the run " + s.Run
	}
	name, err := n.caption(s.Caption, where)
	if err != nil {
		return err
	}
	outputs := printed(s.Printed)
	if len(s.Did) > 0 {
		outputs = append(outputs, display(rows(s.Did)))
	}
	n.code(n.title+" "+name+" code", piece+outdented(s.Text), outputs...)
	return nil
}

// rows is what lines did as a table, the notes below.
func rows(all []page.Did) string {
	var b strings.Builder
	for _, d := range all {
		at := ""
		if d.Line > 0 {
			at = fmt.Sprintf("%-6s  line %2d  ", d.Layer, d.Line)
		}
		b.WriteString(at + d.Text + "\n")
		const width = 80
		line := ""
		for _, word := range strings.Fields(d.Note) {
			if line != "" && len(at)+len(line)+len(word) > width {
				fmt.Fprintf(&b, "%*s%s\n", len(at)+2, "", line)
				line = ""
			}
			line = strings.TrimSpace(line + " " + word)
		}
		if line != "" {
			fmt.Fprintf(&b, "%*s%s\n", len(at)+2, "", line)
		}
	}
	return b.String()
}

// outdented is the code without the tabs that all its lines begin with; in a raw
// string they may mean something.
func outdented(code string) string {
	for !strings.Contains(code, "`") {
		found := false
		for line := range strings.Lines(code) {
			if line != "\n" && line[0] != '\t' {
				return code
			}
			found = found || line != "\n"
		}
		if !found {
			break
		}
		code = strings.TrimPrefix(strings.ReplaceAll("\n"+code, "\n\t", "\n"), "\n")
	}
	return code
}

// run is a command with what it left.
func (n *notebook) run(r *page.Shown) error {
	if r.Kind == "transcript" && r.Run == "main" {
		n.main = r
	}
	name, err := n.caption(r.Caption, r.Note)
	if err != nil {
		return err
	}
	outputs := printed(r.Printed)
	source := "!" + n.command(r)
	switch r.Kind {
	case "transcript":
		outputs = append(outputs, display(r.End))
	case "kernel":
		outputs = []any{display(rows(r.Calls))}
	case "wire":
		if r.Frames == 0 {
			outputs = []any{display("Nothing went over the wire.")}
			break
		}
		outputs = []any{display(r.Ladder)}
	}
	n.code(n.title+" "+name+" run", source, outputs...)
	return nil
}

// command is what makes the run, from anywhere in a checkout: go run and the
// runner find its root by themselves.
func (n *notebook) command(r *page.Shown) string {
	if r.Kind == "judge" || r.Kind == "transcript" && !r.Declared {
		return oneLine(strings.Replace(r.Command, "go run ./", "go run sockets/", 1))
	}
	text := fmt.Sprintf("go run sockets/runner run %s --name %s", n.lesson.Number, r.Run)
	switch r.Kind {
	case "wire":
		text += " --wire"
	case "kernel":
	default:
		text += " --plain"
	}
	return text
}

// caption is a line above a cell, and the words that name the cell.
func (n *notebook) caption(html template.HTML, more string) (name string, err error) {
	text, err := n.text(html)
	if err != nil {
		return "", err
	}
	line := "**" + text + "**"
	if more != "" {
		line += " · " + strings.ReplaceAll(more, "\n", " ")
	}
	n.markdown(n.title+" "+text+" caption", line)
	return text, nil
}

// whole is the program as one cell, and the cell that runs it.
func (n *notebook) whole(p *page.Page) error {
	source, err := p.Program("main.go")
	if err != nil {
		return err
	}
	path := "/tmp/sockets-" + n.lesson.Number + ".go"
	n.markdown("change-it", "## Change it\n\nThe whole program. The first of the two cells writes it to a file, the second runs that file; change what you like between them.\n")
	n.code("change-it program", "%%writefile "+path+"\n"+source)
	var outputs []any
	if n.main != nil {
		outputs = append(printed(n.main.Printed), display(n.main.End))
	}
	n.code("change-it run", "!go run "+path, outputs...)
	return nil
}

func printed(all []page.Printed) []any {
	var outputs []any
	for _, p := range all {
		outputs = append(outputs, stream(p.Stderr, p.Text))
	}
	return outputs
}
