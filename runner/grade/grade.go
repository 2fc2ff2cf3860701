// Package grade judges a submission: it builds the program, runs the exercise's
// checks on it, and makes a [report.Report] of what they saw.
//
//	lessons/NN/exercise    what a reader hands in
//	lessons/NN/solution    check_test.go, and a program that passes it
//
// The checks are a test binary, built once; see package check for how they meet
// the program. What they say comes over a pipe of their own. A check that said
// nothing is not a pass, nor is one that a student's program said anything about.
//
// A check that failed is run again, traced and with the same seed: that run tells
// which calls the program made, and whether the first was chance. So is one in
// which our own side failed, as it may on a machine that is very busy.
//
// The package decides no format and keeps nothing between runs.
package grade

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"sockets/runner/check"
	"sockets/runner/handin"
	"sockets/runner/process"
	"sockets/runner/report"
	"sockets/runner/temporary"
)

// A Judge holds the checks of one exercise, ready to run.
type Judge struct {
	Exercise report.Exercise

	solution string // the folder of the checks
	made     *temporary.Folder
	folder   string // of what we build
	checks   string // the test binary
	builder  *handin.Builder
}

// ErrNoExercise is why there can be no judge: the lesson asks for nothing.
var ErrNoExercise = errors.New("this lesson has no exercise")

// A Source is where the checks of an exercise are, and what builds them.
type Source struct {
	Root   string // the checkout
	Number string // the lesson's, "05"
	Checks string // a folder of private checks, see below; "" is those in the checkout
	Cache  string // a folder that keeps what makes building submissions fast
}

// Open builds the checks of a lesson's exercise. The caller must Close the judge.
//
// Private checks stand in Checks/NN/solution, as others do in lessons/NN/solution,
// and are compiled as if they stood there, instead of those that do. Nothing of
// their folder is written to, copied into the checkout or seen by a submission.
func Open(ctx context.Context, s Source) (_ *Judge, err error) {
	public := filepath.Join(s.Root, "lessons", s.Number, "solution")
	j := &Judge{solution: public}
	if s.Checks != "" {
		if j.solution, err = filepath.Abs(filepath.Join(s.Checks, s.Number, "solution")); err != nil {
			return nil, fmt.Errorf("find the private checks: %w", err)
		}
	}
	file := filepath.Join(j.solution, "check_test.go")
	switch _, err := os.Stat(file); {
	case errors.Is(err, os.ErrNotExist) && s.Checks != "":
		return nil, fmt.Errorf("lesson %s: %w: there is no %s", s.Number, ErrNoExercise, file)
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("lesson %s: %w", s.Number, ErrNoExercise)
	}
	if j.Exercise, err = Exercise(file, s.Number); err != nil {
		return nil, err
	}
	if j.made, err = temporary.New("grade"); err != nil {
		return nil, fmt.Errorf("make a folder for the checks: %w", err)
	}
	j.folder = j.made.Path
	if err = j.compile(ctx, s, public); err == nil {
		j.builder, err = handin.NewBuilder(ctx, s.Root, s.Cache)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("build the checks of exercise %s: %w", s.Number, err), j.Close())
	}
	return j, nil
}

// compile builds the checks.
func (j *Judge) compile(ctx context.Context, s Source, public string) error {
	j.checks = filepath.Join(j.folder, "checks")
	if runtime.GOOS == "windows" {
		j.checks += ".exe"
	}
	args := []string{"test", "-c", "-vet=off", "-trimpath", "-buildvcs=false", "-ldflags=-buildid=", "-o", j.checks}
	if s.Checks != "" {
		for i := range j.Exercise.Checks {
			j.Exercise.Checks[i].Code = "" // what is private is in no report
		}
		overlay := filepath.Join(j.folder, "overlay.json")
		if err := overlaid(overlay, public, j.solution); err != nil {
			return err
		}
		args = append(args, "-overlay", overlay)
	}
	return command(ctx, s.Root, j.folder, append(args, "./"+path.Join("lessons", s.Number, "solution"))...)
}

// Close removes what was built.
func (j *Judge) Close() error { return j.made.Remove() }

// A Submission is what is to be judged.
type Submission struct {
	Name   string             // of who handed it in
	Dir    string             // its sources, or an archive of them
	Handed *handin.Submission // the same, if they are taken from there already
	Seed   uint64             // of everything random
	Checks []string           // by name; none is all

	// Hints keeps the checks' hints, all of them, in the report.
	Hints bool

	// Quick has all checks run at the same time: somebody waits for the report.
	Quick bool
}

// Digest tells one version of the checks, of what they are made of and of what
// compiled them from another, wherever they were built.
func (j *Judge) Digest() (_ string, err error) {
	f, err := os.Open(j.checks)
	if err != nil {
		return "", fmt.Errorf("read the checks of exercise %s: %w", j.Exercise.Number, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read the checks of exercise %s: %w", j.Exercise.Number, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Has reports whether the exercise has a check of that name.
func (j *Judge) Has(name string) bool {
	return slices.ContainsFunc(j.Exercise.Checks, func(c report.Check) bool { return c.Name == name })
}

// Grade builds the submission and judges it. What the submission does wrong is
// in the report; an error is ours.
func (j *Judge) Grade(ctx context.Context, s Submission) (_ report.Report, err error) {
	folder, err := os.MkdirTemp(j.folder, "submission-")
	if err != nil {
		return report.Report{}, fmt.Errorf("make a folder for the submission: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	built, err := j.Build(ctx, folder, []Submission{s})
	if err != nil {
		return report.Report{}, fmt.Errorf("build %s: %w", s.Name, err)
	}
	return j.Judge(ctx, built[0])
}

// Judge runs the checks on a submission that was built.
func (j *Judge) Judge(ctx context.Context, s Built) (report.Report, error) {
	r := report.Report{
		Exercise: j.Exercise, Submission: s.Name, Seed: s.Seed, Graded: time.Now().UTC().Truncate(time.Second),
		Outcomes: make(map[string]report.Outcome), Build: s.Refused,
	}
	if s.Binary == "" {
		return r, nil
	}
	names := s.Checks
	if len(names) == 0 {
		for _, c := range j.Exercise.Checks {
			names = append(names, c.Name)
		}
	}
	side := 4
	if s.Quick {
		side = 16
	}
	t := &check.Task{Binary: s.Binary, Source: s.Source, Seed: s.Seed}
	first, err := j.run(ctx, t, names, side)
	if err != nil {
		return r, err
	}
	r.Level, r.Fault = first.level, first.fault
	var again []string
	for name, o := range first.outcomes {
		if r.Outcomes[name] = o; o.Verdict != report.NotRun && o.Verdict != report.Pass {
			again = append(again, name)
		}
	}
	if len(again) == 0 {
		return r, nil
	}
	slices.Sort(again)
	t.Traced = true
	second, err := j.run(ctx, t, again, side)
	if err != nil {
		return r, err
	}
	for _, name := range again {
		r.Outcomes[name] = agreed(first.outcomes[name], second.outcomes[name])
	}
	if !s.Hints {
		for name, o := range r.Outcomes {
			o.Hints = nil
			r.Outcomes[name] = o
		}
	}
	return r, nil
}

// agreed is what two runs of a check, of which the first did not pass, come to.
// One in which our side failed tells nothing.
func agreed(first, second report.Outcome) report.Outcome {
	switch {
	case first.Verdict == report.Error:
		return second
	case second.Verdict == report.Pass:
		first.Message = "Run again with the same seed it passed; what follows is of the first run. " + first.Message
		first.Verdict = report.Flaky
		return first
	case !second.Verdict.Ran():
		return first
	case first.Verdict == second.Verdict, first.Verdict == report.Timeout:
		// If it was late only once, the machine was.
		second.Duration = first.Duration
		return second
	}
	// It failed twice in different ways. The faster run is the program's own.
	first.XRay = second.XRay
	return first
}

// A seen is what one run of the checks came to.
type seen struct {
	outcomes map[string]report.Outcome
	level    report.Level
	fault    string
}

// checking is how long all checks of an exercise may take.
const checking = 10 * time.Minute

// run runs the named checks, so many side by side: most of what they do is wait.
func (j *Judge) run(ctx context.Context, t *check.Task, names []string, side int) (*seen, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	t.Outcomes = 3
	text, err := json.Marshal(t)
	if err != nil {
		return nil, errors.Join(err, r.Close(), w.Close())
	}
	s := &seen{outcomes: make(map[string]report.Outcome)}
	heard := make(chan error, 1)
	go func() { heard <- s.hear(r, names) }()
	end, err := process.Run(ctx, process.Command{
		Path: j.checks, Dir: j.solution, Limit: checking, Output: 4 << 20, Files: []*os.File{w},
		Args: []string{
			"-test.run=^Test(" + strings.Join(names, "|") + ")$", fmt.Sprintf("-test.parallel=%d", side),
			"-test.timeout=" + (checking - 5*time.Second).String(),
		},
		Env: append(os.Environ(), check.TaskKey+"="+string(text)),
	})
	err = errors.Join(err, w.Close(), <-heard, r.Close())
	if err != nil {
		return nil, fmt.Errorf("run the checks: %w", err)
	}
	if end.Late || end.Code != 0 && end.Code != 1 {
		s.fault = fmt.Sprintf("The checks did not end as they should (exit code %d):\n%.4000s%.4000s", end.Code, end.Stderr, end.Stdout)
	}
	for _, name := range names {
		if _, ok := s.outcomes[name]; !ok {
			s.outcomes[name] = report.Outcome{Verdict: report.Error, Message: "The check ended without saying what came of it."}
		}
	}
	return s, nil
}

// hear takes what the checks say. The first word about a check is the last.
func (s *seen) hear(r io.Reader, names []string) error {
	for dec := json.NewDecoder(r); ; {
		var l check.Line
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			_, _ = io.Copy(io.Discard, r)
			return fmt.Errorf("read what the checks say: %w", err)
		}
		if _, twice := s.outcomes[l.Check]; l.Outcome == nil || twice || !slices.Contains(names, l.Check) {
			continue
		}
		s.outcomes[l.Check] = *l.Outcome
		s.level = max(s.level, l.Level) // the weakest, whichever check it was
	}
}
