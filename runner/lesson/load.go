package lesson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"sockets/runner/fault"
)

// front is the front matter as an author writes it.
type front struct {
	Title     string     `yaml:"title"`
	Summary   string     `yaml:"summary"`
	Minutes   int        `yaml:"minutes"`
	Needs     []string   `yaml:"needs"`
	Platforms []string   `yaml:"platforms"`
	Runs      []frontRun `yaml:"runs"`
}

type frontRun struct {
	Name    string      `yaml:"name"`
	Program string      `yaml:"program"`
	Args    []string    `yaml:"args"`
	Varies  []string    `yaml:"varies"`
	Wire    []string    `yaml:"wire"`
	Expect  frontExpect `yaml:"expect"`
}

type frontExpect struct {
	Exit     int    `yaml:"exit"`
	Signal   string `yaml:"signal"`
	Deadline string `yaml:"deadline"`
}

// Load reads the lesson in the directory. With mistakes the lesson is what could
// be understood, so that more of them can be found; it is nil when there is no
// lesson.md to read.
func Load(dir string) (*Lesson, Mistakes) {
	l := &Lesson{Number: filepath.Base(dir), Dir: dir}
	var ms Mistakes
	if !number.MatchString(l.Number) {
		ms.Add(dir, 0, fmt.Sprintf("a lesson's directory can't be called %q", l.Number), "its name is its number, two digits: 03")
	}
	src, err := os.ReadFile(l.CommentaryPath())
	if err != nil {
		ms.Add(l.CommentaryPath(), 0, "can't be read: "+reason(err), "a lesson has its commentary there")
		return nil, ms
	}
	l.Source = src
	text, ok := l.split()
	if !ok {
		ms.Add(l.CommentaryPath(), 1, "the front matter is missing or has no end", "the file starts with a line of three dashes, the front matter in YAML, and another line of three dashes")
		return l, ms
	}
	l.read(text, &ms)
	return l, ms
}

// split finds the front matter and sets Body to where the commentary starts.
func (l *Lesson) split() (text []byte, ok bool) {
	const fence = "---\n"
	if !bytes.HasPrefix(l.Source, []byte(fence)) {
		return nil, false
	}
	end := bytes.Index(l.Source, []byte("\n"+fence))
	if end < 0 {
		return nil, false
	}
	l.Body = end + len("\n"+fence)
	return l.Source[len(fence) : end+1], true
}

// read decodes the front matter and checks every field of it.
func (l *Lesson) read(text []byte, ms *Mistakes) {
	file := l.CommentaryPath()
	var f front
	err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&f)
	if err != nil && !errors.Is(err, io.EOF) {
		line, what := 2, err.Error()
		var pos yaml.Error
		if errors.As(err, &pos) {
			what = pos.GetMessage()
			if t := pos.GetToken(); t != nil {
				line = t.Position.Line + 1
			}
		}
		ms.Add(file, line, "front matter: "+what, "the keys are title, summary, minutes, needs, platforms, runs (name, program, args, wire, varies, expect)")
	}
	l.Title, l.Summary, l.Minutes = f.Title, f.Summary, f.Minutes
	l.Needs, l.Platforms = f.Needs, f.Platforms
	where := lines(text)
	if l.Title == "" {
		ms.Add(file, 1, "the lesson has no title", "title: a few words")
	}
	if l.Summary == "" {
		ms.Add(file, 1, "the lesson has no summary", "summary: one sentence for the home page")
	}
	if l.Minutes <= 0 {
		ms.Add(file, where("$.minutes"), "the lesson has no reading time", "minutes: a number above 0")
	}
	l.Runs = []Run{{Name: "main", Program: "main.go"}}
	for i, r := range f.Runs {
		l.add(r, where(fmt.Sprintf("$.runs[%d].name", i)), ms)
	}
}

// lines gives the line of lesson.md at which a path of the front matter stands.
func lines(text []byte) func(yamlPath string) int {
	tree, err := parser.ParseBytes(text, 0)
	return func(yamlPath string) int {
		p, pathErr := yaml.PathString(yamlPath)
		if err != nil || pathErr != nil {
			return 1
		}
		n, filterErr := p.FilterFile(tree)
		if filterErr != nil || n == nil || n.GetToken() == nil {
			return 1
		}
		return n.GetToken().Position.Line + 1
	}
}

var (
	runName     = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	programName = regexp.MustCompile(`^pitfalls/[a-z0-9]+(-[a-z0-9]+)*$`)
	signalName  = regexp.MustCompile(`^SIG[A-Z0-9]+$`)
)

// add checks one declared run and appends it; "main" refines the implied one.
func (l *Lesson) add(f frontRun, line int, ms *Mistakes) {
	file := l.CommentaryPath()
	r := Run{Name: f.Name, Program: f.Program, Args: f.Args, Line: line}
	if r.Program == "" {
		r.Program = "main.go"
	}
	if !runName.MatchString(r.Name) {
		ms.Add(file, line, fmt.Sprintf("a run can't be called %q", r.Name), "a run's name is lower-case words joined by hyphens")
		return
	}
	if r.Program != "main.go" && !programName.MatchString(r.Program) {
		ms.Add(file, line, fmt.Sprintf("the run %s has the program %q", r.Name, r.Program), "a program is main.go or pitfalls/NAME")
		return
	}
	if _, err := os.Lstat(filepath.Join(l.Dir, filepath.FromSlash(r.File()))); err != nil {
		ms.Add(file, line, fmt.Sprintf("the run %s has a program that is not there: %s", r.Name, reason(err)), "its source is "+path.Join(filepath.ToSlash(l.Dir), r.File()))
	}
	for _, v := range f.Varies {
		re, err := regexp.Compile(v)
		if err != nil {
			ms.Add(file, line, fmt.Sprintf("the run %s: varies: %v", r.Name, err), "varies holds regular expressions as in package regexp")
			continue
		}
		r.Varies = append(r.Varies, re)
	}
	for _, text := range f.Wire {
		w, err := fault.Parse(text)
		var m *fault.Mistake
		if errors.As(err, &m) {
			ms.Add(file, line, fmt.Sprintf("the run %s: wire: %s", r.Name, m.What), m.Right)
		}
		r.Wire = append(r.Wire, w)
	}
	r.Expect = l.expect(f, line, ms)
	if !r.Main() {
		if _, ok := l.Run(r.Name); ok {
			ms.Add(file, line, "there are two runs called "+r.Name, "each run has a name of its own")
			return
		}
		l.Runs = append(l.Runs, r)
		return
	}
	if r.Program != "main.go" || len(r.Args) > 0 {
		ms.Add(file, line, "the run main has another program, or arguments", "the run main is main.go without arguments; give this run another name")
		return
	}
	l.Runs[0] = r
}

// expect checks how a run is declared to end: in one way only.
func (l *Lesson) expect(f frontRun, line int, ms *Mistakes) Expect {
	file, e := l.CommentaryPath(), Expect{Exit: f.Expect.Exit, Signal: f.Expect.Signal}
	if f.Expect.Deadline != "" {
		d, err := time.ParseDuration(f.Expect.Deadline)
		if err != nil || d <= 0 || d > time.Minute {
			ms.Add(file, line, fmt.Sprintf("the run %s has the deadline %q", f.Name, f.Expect.Deadline), "a deadline is a duration of at most one minute: 2s")
		}
		e.Deadline = d
	}
	if e.Exit < 0 || e.Exit > 255 {
		ms.Add(file, line, fmt.Sprintf("the run %s expects exit code %d", f.Name, e.Exit), "an exit code is a number from 0 to 255")
	}
	if e.Signal != "" && !signalName.MatchString(e.Signal) {
		ms.Add(file, line, fmt.Sprintf("the run %s expects the signal %q", f.Name, e.Signal), "a signal's name is like SIGPIPE")
	}
	ways := []bool{e.Exit != 0, e.Signal != "", f.Expect.Deadline != ""}
	if n := len(slices.DeleteFunc(ways, func(set bool) bool { return !set })); n > 1 {
		ms.Add(file, line, fmt.Sprintf("the run %s expects %d endings", f.Name, n), "expect has one of exit, signal, deadline")
	}
	return e
}

// reason is an error of the file system without the path that it repeats.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return strings.TrimSpace(err.Error())
}
