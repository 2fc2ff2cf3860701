package run

import (
	"fmt"
	"strings"

	"sockets/runner/lesson"
	"sockets/runner/recording"
)

// A Failure is a run that did not end as its author declared.
type Failure struct {
	Lesson string // "03"
	Run    string // "hang"
	Want   string // "exit 1", as declared; empty if what happened can't be declared
	Got    string // "it was still going after 10s and was stopped; it waited at main.go:12 (main)"
	Where  string // "lessons/03/lesson.md:14", where the run is declared; empty if it is implied
	Stderr string // the last lines that it printed there
	Stacks string // of its goroutines that have a part in the lesson, if it was stopped
}

func (f *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "lesson %s, run %s: ", f.Lesson, f.Run)
	if f.Want != "" {
		fmt.Fprintf(&b, "it must %s, but ", f.Want)
	}
	b.WriteString(f.Got)
	if f.Where != "" {
		fmt.Fprintf(&b, " (declared in %s)", f.Where)
	}
	part := func(title, text string) {
		if text == "" {
			return
		}
		b.WriteString("\n    " + title)
		for line := range strings.Lines(text) {
			b.WriteString("\n\t" + strings.TrimSuffix(line, "\n"))
		}
	}
	part("The last it printed on stderr:", f.Stderr)
	part("Where its goroutines stood:", f.Stacks)
	return b.String()
}

// What a Failure quotes at most, in lines.
const (
	quotedStderr = 20
	quotedStacks = 60
)

// Judge is nil if the run ended as declared, otherwise a *[Failure]. A Result
// that was stored needs no more than its Recording.
func Judge(l *lesson.Lesson, r lesson.Run, result *Result) error {
	end := result.Recording.Header.End
	if agrees(r.Expect, end) {
		return nil
	}
	f := &Failure{
		Lesson: l.Number, Run: r.Name, Want: must(r.Expect, end), Got: Happened(end),
		Stderr: last(result.Recording.Printed(recording.Stderr), quotedStderr), Stacks: result.stacks(),
	}
	if r.Line > 0 {
		f.Where = fmt.Sprintf("%s:%d", l.CommentaryPath(), r.Line)
	}
	return f
}

func agrees(want lesson.Expect, end recording.End) bool {
	switch late := end.Deadline != ""; {
	case end.Cut:
		return false
	case want.Deadline > 0 || late:
		return want.Deadline > 0 && late
	case want.Signal != "":
		return want.Signal == end.Signal
	}
	return end.Signal == "" && want.Exit == end.Exit
}

// must says what is declared, after "it must". To print too much can't be.
func must(e lesson.Expect, end recording.End) string {
	switch {
	case end.Cut:
		return ""
	case e.Deadline > 0:
		return fmt.Sprintf("be still going after %v", e.Deadline)
	case e.Signal != "":
		return "be ended by " + e.Signal
	}
	return fmt.Sprintf("exit %d", e.Exit)
}

// Happened says how a run ended.
func Happened(end recording.End) string {
	switch {
	case end.Cut:
		return fmt.Sprintf("it printed more than %d MiB and was stopped", output>>20)
	case end.Deadline != "":
		return "it was still going after " + end.Deadline + " and was stopped" + waited(end.Waiting)
	case end.Signal != "":
		return end.Signal + " ended it"
	}
	return fmt.Sprintf("it exited %d", end.Exit)
}

func waited(places []recording.Place) string {
	var words []string
	for _, p := range places {
		words = append(words, fmt.Sprintf("%s:%d (%s)", p.File, p.Line, p.Func))
	}
	if len(words) == 0 {
		return ""
	}
	return "; it waited at " + strings.Join(words, ", ")
}

// stacks is the dump of goroutines cut down to the lesson's own lines, or where
// it has none, the end of it.
func (r *Result) stacks() string {
	if r.Raw == nil || !r.Raw.Late {
		return ""
	}
	_, dump := recording.CutDump(string(r.Raw.Stderr))
	_, stacks, _ := strings.Cut(dump, "\n\n") // the signal comes first
	short := recording.Normalise(&recording.Recording{Events: events(recording.Stderr, stacks)}, r.dirs...)
	if text := strings.TrimSpace(short.Printed(recording.Stderr)); text != "" {
		return first(text, quotedStacks)
	}
	return last(dump, quotedStacks)
}

// first is the first n lines of the text.
func first(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[:min(len(lines), n)], "")
}

// last is the last n lines of the text.
func last(text string, n int) string {
	lines := strings.SplitAfter(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}
