// Package build makes the site and keeps it honest. The whole of it is
//
//	load the lessons, run what changed, render what happened
//
// [Site] writes the site; [Verify] runs the lessons again and compares with the
// recordings in the tree; [Why] says what the next build would run, and for what
// reason. A run whose inputs are those of the last time is not repeated: its
// recording comes from the cache, the folder .cache below the root, which may be
// deleted at any time.
//
// The package does not render (package page), write other formats (package
// export), run programs (package run), or call the go command (package compile)
// itself.
package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"sockets/runner/export"
	"sockets/runner/lesson"
	"sockets/runner/page"
	"sockets/runner/recording"
)

// Options say what to build, and how. Root and Out are needed; the zero values
// of the others mean all lessons, with the cache, as many runs at once as there
// are processors, in silence.
type Options struct {
	Root    string     // the checkout: it holds go.mod and lessons/
	Out     string     // the folder that becomes the site
	Numbers []string   // the lessons to run; the site always holds all
	Fresh   bool       // run everything, whatever the cache holds
	Replay  bool       // run nothing: use the recordings in the tree
	Jobs    int        // runs at the same time
	BaseURL string     // where the site will be published, if known
	Step    func(Step) // is told of each run as it is done, one at a time
}

// A Step is one run that is settled.
type Step struct {
	Lesson, Run string
	How         string // "ran", "cached" or "replayed"
	Took        time.Duration
	Err         error // the run did not go as declared
	Done, Total int
}

// Problems are lessons that did not pass: runs that ended otherwise than their
// author declared, or printed something else than recorded.
type Problems []error

func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap gives errors.Is and errors.As each of the problems.
func (ps Problems) Unwrap() []error { return ps }

// Site runs the lessons whose inputs changed and writes the site to o.Out. The
// folder is replaced as a whole and only at the end: after an error the old site
// stands as it was. Mistakes of authors are a lesson.Mistakes, runs that did not
// go as declared are Problems, programs that do not compile a *compile.Error.
func Site(ctx context.Context, o Options) error {
	site, err := Pages(ctx, o)
	if err != nil {
		return err
	}
	site.Downloads = export.Offered
	err = replace(o.Out, func(dir string) error {
		if err := site.Write(ctx, dir); err != nil {
			return err
		}
		return export.Beside(ctx, site, dir)
	})
	return related(o.Root, err)
}

// related is the error with its mistakes' files, if it has any, relative to the
// root: these show only beside the runs.
func related(root string, err error) error {
	var mistakes lesson.Mistakes
	if errors.As(err, &mistakes) {
		relate(root, mistakes)
	}
	return err
}

// Pages runs what changed, as Site does, and gives the site without writing it.
func Pages(ctx context.Context, o Options) (*page.Site, error) {
	course, err := Load(o.Root, o.Numbers)
	if err != nil {
		return nil, err
	}
	recordings, err := course.record(ctx, o)
	if err != nil {
		return nil, err
	}
	return o.site(course, recordings), nil
}

// site is the course as it is to be rendered.
func (o Options) site(c *Course, recordings results) *page.Site {
	return &page.Site{Pages: c.pages, Recordings: recordings.get, BaseURL: o.BaseURL}
}

// relate makes the mistakes' files relative to the root: authors read paths from
// where they stand.
func relate(root string, mistakes lesson.Mistakes) {
	for i := range mistakes {
		mistakes[i].File = relative(root, mistakes[i].File)
	}
}

// A Course is all the lessons, read.
type Course struct {
	Root    string
	Lessons []*lesson.Lesson
	pages   []*page.Page
	chosen  map[string]bool // by number
}

// Load reads all lessons below root and finds every mistake in them. The numbers
// choose some of them, to be run; none means all.
func Load(root string, numbers []string) (*Course, error) {
	c, err := load(root, parse)
	if err != nil {
		return nil, err
	}
	return c, c.choose(numbers)
}

// parse reads the lesson in the folder. The page is nil if there is none.
func parse(dir string) (*page.Page, lesson.Mistakes) {
	l, mistakes := lesson.Load(dir)
	if l == nil {
		return nil, mistakes
	}
	p, ms := page.Parse(l)
	return p, append(mistakes, ms...)
}

// load reads all lessons below root by means of parse.
func load(root string, parse func(dir string) (*page.Page, lesson.Mistakes)) (*Course, error) {
	dir := filepath.Join(root, "lessons")
	all, err := lesson.Numbers(dir)
	if err != nil {
		return nil, err
	}
	c := &Course{Root: root, chosen: make(map[string]bool)}
	var mistakes lesson.Mistakes
	for _, n := range all {
		p, ms := parse(filepath.Join(dir, n))
		mistakes = append(mistakes, ms...)
		if p != nil {
			c.Lessons, c.pages = append(c.Lessons, p.Lesson), append(c.pages, p)
			c.chosen[n] = true
		}
	}
	// Authors read paths from where they stand: the root.
	relate(root, mistakes)
	return c, mistakes.Err()
}

// An UnknownLesson is a number that no lesson has.
type UnknownLesson struct {
	Number string
	Has    []string
}

func (e *UnknownLesson) Error() string {
	return fmt.Sprintf("there is no lesson %s; there are %s", e.Number, strings.Join(e.Has, ", "))
}

func (c *Course) choose(numbers []string) error {
	if len(numbers) > 0 {
		clear(c.chosen)
	}
	for _, n := range numbers {
		if len(n) == 1 {
			n = "0" + n
		}
		if !slices.Contains(c.numbers(), n) {
			return &UnknownLesson{Number: n, Has: c.numbers()}
		}
		c.chosen[n] = true
	}
	return nil
}

func (c *Course) numbers() []string {
	numbers := make([]string, len(c.Lessons))
	for i, l := range c.Lessons {
		numbers[i] = l.Number
	}
	return numbers
}

func relative(root, path string) string {
	if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// results hold the recordings of runs by lesson and name.
type results map[[2]string]*recording.Recording

func (r results) get(number, run string) *recording.Recording { return r[[2]string{number, run}] }

// stored reads a recording from the lesson's own folder.
func stored(l *lesson.Lesson, run string) (*recording.Recording, error) {
	path := l.RecordingPath(run)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("lesson %s has no recording of its run %s: %w; make it with: runner verify --update %s", l.Number, run, err, l.Number)
	}
	r, err := recording.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; make it again with: runner verify --update %s", path, err, l.Number)
	}
	return r, nil
}

func jobs(o Options) int {
	if o.Jobs > 0 {
		return o.Jobs
	}
	return runtime.NumCPU()
}
