package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"sockets/runner/report"
)

// formats are the forms of a report.
var formats = []string{
	"text", "json", "html", "csv", "tap", "junit", "gradescope", "exercism", "classroom", "classroom50",
}

// write writes the report in its form.
func (g *grading) write(w io.Writer, r report.Report) error {
	switch g.format {
	case "text":
		return report.Terminal{Width: columns(w), All: g.all || len(g.checks) > 0}.Write(w, r)
	case "json":
		return report.Encode(w, r)
	case "html":
		return report.Page(w, r, "")
	case "csv":
		return report.CSV(w, r)
	case "tap":
		return report.TAP(w, r)
	case "junit":
		return report.JUnit(w, r)
	case "gradescope":
		return report.Gradescope(w, r)
	case "exercism":
		return report.Exercism(w, r)
	case "classroom":
		return report.Classroom(w, r)
	case "classroom50":
		return report.Classroom50FromEnv(os.Getenv).Write(w, r)
	}
	return fmt.Errorf("there is no format %q", g.format)
}

// columns is how wide prose is written: a terminal's width, but no wider than is
// read with ease.
func columns(w io.Writer) int {
	const usual, most = 80, 100
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return min(width, most)
		}
	}
	return usual
}
