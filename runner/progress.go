package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"sockets/runner/build"
)

// progress shows runs as they are settled: one line that rewrites itself on a
// terminal, a plain line each in a pipe or a file.
type progress struct {
	w        io.Writer
	terminal bool
	width    int
	wrote    bool
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.terminal, p.width = true, 80
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			p.width = width
		}
	}
	return p
}

const eraseLine = "\r\x1b[K"

func (p *progress) step(s build.Step) {
	how := s.How
	if s.How == "ran" {
		how = fmt.Sprintf("ran in %v", s.Took.Round(time.Millisecond))
	}
	if s.Err != nil {
		how = "not as declared"
	}
	line := fmt.Sprintf("%*d/%d  %s %s: %s", len(fmt.Sprint(s.Total)), s.Done, s.Total, s.Lesson, s.Run, how)
	p.say(line)
}

// say shows a line.
func (p *progress) say(line string) {
	if !p.terminal {
		fmt.Fprintln(p.w, line)
		return
	}
	if len(line) >= p.width {
		line = line[:p.width-1]
	}
	fmt.Fprint(p.w, eraseLine, line)
	p.wrote = true
}

// end takes the line away again.
func (p *progress) end() {
	if p.wrote {
		fmt.Fprint(p.w, eraseLine)
	}
}
