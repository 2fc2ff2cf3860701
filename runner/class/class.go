// Package class grades what a whole class handed in, on one machine or on many.
//
// What is handed in is a folder, DIR. What stands in it belongs to the student of
// that name; links lead nowhere:
//
//	DIR/ada/05/main.go      a folder a student, in it one an exercise
//	DIR/bob/05.zip          or an archive in its place: zip, tar, tar.gz, tgz
//	DIR/cyd.tgz             or an archive of everything: 05/main.go, 06/main.go
//	DIR/dan/main.go         if one exercise alone is asked for, without its number;
//	DIR/eve.zip             so learning platforms give what was uploaded
//
// What comes out is a folder, OUT:
//
//	class.json              what there was to grade, the seed, the time
//	gradebook.csv           a line for each student and exercise
//	overview.html           distributions, the most missed checks, everyone's points
//	report.css              its style
//	students/ada/05.html    the page to hand back, with a style sheet of its own
//	students/ada/05-seen.html  what the judge saw, for the student: a recording
//	results/ada/05.json     the report
//	similarity/05.html      which submissions share code; also .txt
//	work/graded/KEY.json    what came of a submission, for equal ones and later runs
//	work/seen/KEY.json      what the judge saw: the whole report, hidden checks too
//	work/shards/1-of-4.json what a shard covered
//
// All but work and the recordings is the result. It is a function of what was
// handed in, of the checks, of the seed and of the time given as At: it holds no
// duration and no other time, and of each check its verdict, not what was seen; a
// program may print its process number. So one machine and four give the same bytes.
// A recording is what one run saw: the conversation with its times, the calls, what
// the program printed. The seed of an exercise's checks comes from the class's seed and
// the exercise's number, so all who solve it meet the same; the class's seed comes,
// unless it is given, from what was handed in, which nobody knows beforehand.
//
// KEY is a digest of the exercise, its checks, the seed and the sources: equal
// submissions are run once, and a run that was killed goes on where it was. Files
// are written under another name and renamed, so shards may share an OUT on a
// network's file system, or have one each: [Merge] makes one result of them, and
// refuses what does not belong together. Which shard grades a submission depends
// on that submission alone.
//
// What did not fail the same way twice, or failed on our side, is graded again at
// the end, when nothing else runs; that counts.
//
// The package judges nothing itself and makes no program; it knows no verdict but
// through package report.
package class

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sockets/runner/grade"
	"sockets/runner/report"
)

// Options say what to grade.
type Options struct {
	Root   string // of the checkout
	Checks string // a folder of private checks, see [grade.Open]; "" is the checkout's
	Cache  string // of builds, see there too
	Dir    string // what was handed in
	Out    string

	Numbers []string         // of exercises; none is all that somebody handed in
	Roster  []report.Student // nil is all who handed in
	Shard   Shard            // the zero value is all of it
	At      time.Time        // when it was graded; zero is now, or what Out says of the same class
	Seed    *uint64          // nil: see above
	Jobs    int              // submissions judged at the same time

	Progress func(Step)   `json:"-"` // may be nil; called by one goroutine at a time
	Warn     func(string) `json:"-"` // of what stands in Dir and is no submission; may be nil
}

// only is the number of the exercise, if one alone is asked for.
func (o Options) only() string {
	if len(o.Numbers) != 1 {
		return ""
	}
	return o.Numbers[0]
}

// A Step is one submission graded.
type Step struct {
	Done, Total int // of this call; Done 0 says what was done before
	Before      int // submissions that an earlier run graded
	Report      report.Report
	Again       bool // it will be graded again, at the end
}

// A Summary is what a run, or a merge, came to.
type Summary struct {
	Students    int
	Submissions int // of the class
	Graded      int // different ones that this run ran
	Unjudged    []string
	Whole       bool // the result is there; otherwise a shard of it
}

// Run grades the class, or a shard of it. What students do wrong is in the result;
// an error is ours.
func Run(ctx context.Context, o Options) (s Summary, err error) {
	c, err := find(o)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, c.root.Close()) }()
	judges, err := openJudges(ctx, o, c.numbers)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, judges.close()) }()
	st, err := openStore(o.Out)
	if err != nil {
		return s, err
	}
	p, err := c.plan(ctx, o, judges, st)
	if err != nil {
		return s, err
	}
	s.Students, s.Submissions = len(p.Students), len(p.Submissions)
	w := &work{o: o, class: c, plan: p, judges: judges, store: st, level: grade.Level()}
	if err := w.run(ctx); err != nil {
		return s, err
	}
	s.Graded = w.done
	if o.Shard.first() {
		if err := similar(o, c, p, st); err != nil {
			return s, err
		}
	}
	if err := st.manifest(o, p); err != nil {
		return s, err
	}
	if s.Whole = o.Shard.Of < 2; s.Whole {
		s.Unjudged, err = render(p, st)
	} else {
		s.Unjudged, err = unjudged(p, st, o.Shard)
	}
	return s, err
}

// judges are those of the class's exercises, by their numbers.
type judges map[string]*grade.Judge

func openJudges(ctx context.Context, o Options, numbers []string) (judges, error) {
	all := make(judges)
	for _, n := range numbers {
		j, err := grade.Open(ctx, grade.Source{Root: o.Root, Number: n, Checks: o.Checks, Cache: o.Cache})
		if err != nil {
			return nil, errors.Join(err, all.close())
		}
		all[n] = j
		for i := range j.Exercise.Checks {
			j.Exercise.Checks[i].Code = "" // the same in every report, and long
		}
	}
	return all, nil
}

func (js judges) close() error {
	var errs []error
	for _, j := range js {
		errs = append(errs, j.Close())
	}
	return errors.Join(errs...)
}

// A Misuse is a command that can't be carried out as it was given.
type Misuse struct{ error }

// Unwrap gives what is wrong.
func (m Misuse) Unwrap() error { return m.error }

func misuse(format string, args ...any) error { return Misuse{fmt.Errorf(format, args...)} }

// apart reports a folder for the result that lies in what was handed in, or the
// other way round.
func apart(dir, out string) error {
	d, err := resolved(dir)
	if err != nil {
		return err
	}
	u, err := resolved(out)
	if err != nil {
		return err
	}
	within := func(a, b string) bool { return a == b || strings.HasPrefix(a, b+string(filepath.Separator)) }
	if within(d, u) || within(u, d) {
		return misuse("%s and %s lie in one another; two folders apart would be right", dir, out)
	}
	return nil
}

// resolved is the name without links. Of what is not there yet, it follows those of
// the parent that is.
func resolved(name string) (string, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	for rest := ""; ; {
		real, err := filepath.EvalSymlinks(name)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		parent := filepath.Dir(name)
		if !errors.Is(err, os.ErrNotExist) || parent == name {
			return "", err
		}
		name, rest = parent, filepath.Join(filepath.Base(name), rest)
	}
}
