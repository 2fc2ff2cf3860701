// Package lesson reads what an author wrote: a lesson's directory, the front
// matter of its commentary, and where its program and recordings lie.
//
// A lesson is a directory with a two-digit name. Its lesson.md starts with YAML
// front matter between two lines of three dashes:
//
//	---
//	title: Create a socket
//	summary: One sentence for the home page.
//	minutes: 12
//	needs: [echo, closed]
//	platforms: [linux, darwin]
//	runs:
//	  - name: refused
//	    args: ["{closed}"]
//	    expect: {exit: 1}
//	  - name: lost
//	    args: ["{echo}"]
//	    wire: ["drop in SYN,ACK 1"]
//	---
//
// The rest is Markdown, which this package keeps as text: package page reads it.
// It runs nothing, and writes nothing.
package lesson

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"sockets/runner/fault"
)

// A Lesson is one numbered directory, read.
type Lesson struct {
	Number    string   // "03"
	Dir       string   // path of its directory
	Title     string   // "Create a socket"
	Summary   string   // one sentence
	Minutes   int      // reading time
	Needs     []string // lab services its programs talk to
	Platforms []string // GOOS values it runs on; empty means all
	Runs      []Run    // the run "main" first

	Source []byte // lesson.md, whole
	Body   int    // offset in Source where the front matter ends
}

// A Run is one named execution of one of the lesson's programs.
type Run struct {
	Name    string   // "main"
	Program string   // "main.go" or "pitfalls/NAME"
	Args    []string // "{web}" stands for the address of the lab's service
	Expect  Expect
	Varies  []*regexp.Regexp // lines of output, and calls, that are shown but not compared
	Wire    []fault.Fault    // what the wire does wrong, where there is one
	Line    int              // of lesson.md, where it is declared; 0 if implied
}

// Expect is how a run must end: exit code 0 unless one field says otherwise.
type Expect struct {
	Exit     int
	Signal   string        // "SIGPIPE"
	Deadline time.Duration // it must still be going after this long
}

// Main reports whether the run is the lesson's own program without arguments.
func (r Run) Main() bool { return r.Name == "main" }

// Package is the import path suffix of the run's program below the lesson's
// directory: "." or "./pitfalls/NAME".
func (r Run) Package() string {
	if r.Program == "main.go" {
		return "."
	}
	return "./" + r.Program
}

// File is the run's program as a path below the lesson: "main.go" or
// "pitfalls/NAME/main.go".
func (r Run) File() string {
	if r.Program == "main.go" {
		return r.Program
	}
	return r.Program + "/main.go"
}

// String says the expectation in words: "exits 1".
func (e Expect) String() string {
	switch {
	case e.Deadline > 0:
		return fmt.Sprintf("is still going after %v", e.Deadline)
	case e.Signal != "":
		return "is ended by " + e.Signal
	default:
		return fmt.Sprintf("exits %d", e.Exit)
	}
}

// Run is the run of that name.
func (l *Lesson) Run(name string) (Run, bool) {
	i := slices.IndexFunc(l.Runs, func(r Run) bool { return r.Name == name })
	if i < 0 {
		return Run{}, false
	}
	return l.Runs[i], true
}

// RunsOn reports whether the lesson's programs run on the operating system.
func (l *Lesson) RunsOn(goos string) bool {
	return len(l.Platforms) == 0 || slices.Contains(l.Platforms, goos)
}

// RecordingPath is where the recording of the named run is stored.
func (l *Lesson) RecordingPath(run string) string {
	return filepath.Join(l.Dir, "recordings", run+".jsonl")
}

// CommentaryPath is where the lesson's commentary is stored.
func (l *Lesson) CommentaryPath() string { return filepath.Join(l.Dir, "lesson.md") }

// Commentary is the Markdown after the front matter.
func (l *Lesson) Commentary() []byte { return l.Source[l.Body:] }

// LineAt is the line of lesson.md, from 1, at the byte offset of Commentary.
func (l *Lesson) LineAt(offset int) int {
	end := min(l.Body+offset, len(l.Source))
	return 1 + strings.Count(string(l.Source[:end]), "\n")
}

var number = regexp.MustCompile(`^[0-9][0-9]$`)

// Numbers is the numbers of the lessons in the directory, in order.
func Numbers(lessons string) ([]string, error) {
	entries, err := os.ReadDir(lessons)
	if err != nil {
		return nil, fmt.Errorf("read lessons: %w", err)
	}
	var numbers []string
	for _, e := range entries {
		if e.IsDir() && number.MatchString(e.Name()) {
			numbers = append(numbers, e.Name())
		}
	}
	return numbers, nil
}
