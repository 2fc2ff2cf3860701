package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sockets/runner/attempts"
	"sockets/runner/grade"
	"sockets/runner/handin"
	"sockets/runner/report"
)

// A grading is one call of the verb.
type grading struct {
	seed   uint64
	seeded bool
	checks []string
	json   bool
	format string
	watch  bool
	hints  bool
	all    bool

	root    string // of the checkout
	private string // a folder of private checks
}

func gradeVerb() *cobra.Command {
	var g grading
	var k classGrading
	verb := &cobra.Command{
		Use:   "grade NN [DIR] | grade --class DIR --out OUT [NN...]",
		Short: "Judge a solution of a lesson's exercise, or those of a whole class",
		Long: `Grade builds the program in the directory, by default lessons/NN/exercise, runs
the exercise's checks on it, and says of each what came of it. Of the first that
does not pass it shows the conversation with the program, what was wanted and what
came, and the line at which the program stood. A hint comes when a check fails
again with a program that was changed in between, and one more each time after.
What was tried is kept in .attempts, which may be deleted.

The program runs in a private network and confined, where the machine allows it;
the report's sandbox level says how well. Exit code 0: all checks passed; 1: not
all did; 2: the command was misused; 3: the judge itself failed.

` + classLong,
		Example: `  go run ./runner grade 05
  go run ./runner grade 05 ./mine --check LineEnds
  go run ./runner grade 05 --seed 7
  go run ./runner grade 05 --watch
  go run ./runner grade 05 --format junit > report.xml
` + classExample,
		Args:              k.args,
		ValidArgsFunction: completeNumbers,
		RunE: func(c *cobra.Command, args []string) error {
			g.seeded = c.Flags().Changed("seed")
			if k.dir != "" {
				return k.run(c, &g, args)
			}
			return g.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), args)
		},
	}
	f := verb.Flags()
	f.Uint64Var(&g.seed, "seed", 0, "repeat a run: all that is random comes from it")
	f.StringArrayVar(&g.checks, "check", nil, "run this check only; may be given again")
	f.StringVar(&g.private, "checks", "", "a folder of private checks, DIR/NN/solution/check_test.go, to be run instead of the lesson's")
	f.StringVar(&g.format, "format", "text", "the form of the report: "+strings.Join(formats, ", "))
	f.BoolVar(&g.all, "all", false, "show every failure in full, not only the first")
	f.BoolVar(&g.hints, "hints", false, "show every hint, and count no attempt: for authors")
	f.BoolVar(&g.watch, "watch", false, "judge again whenever a file of the program's is saved, until interrupted")
	f.BoolVar(&g.json, "json", false, "the same as --format json")
	k.flags(f)
	verb.AddCommand(mergeVerb())
	return verb
}

func (g *grading) run(ctx context.Context, out, complaints io.Writer, args []string) (err error) {
	if g.json {
		g.format = "json"
	}
	if !slices.Contains(formats, g.format) {
		return misuse{fmt.Errorf("there is no format %q; these are: %s", g.format, strings.Join(formats, ", "))}
	}
	root, err := findRoot()
	if err != nil {
		return err
	}
	g.root = root
	numbers, err := normal(args[:1])
	if err != nil {
		return err
	}
	number := numbers[0]
	name := filepath.Join("lessons", number, "exercise")
	dir := filepath.Join(root, name)
	if len(args) == 2 {
		name, dir = args[1], args[1]
	}
	cache := filepath.Join(root, ".cache", "handin")
	if _, err := os.Stat(cache); err != nil {
		fmt.Fprintln(complaints, "runner: the first time, the standard library is compiled; that takes a while")
	}
	j, err := grade.Open(ctx, grade.Source{Root: root, Number: number, Checks: g.private, Cache: cache})
	if errors.Is(err, grade.ErrNoExercise) {
		return misuse{err}
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if err := g.possible(j, dir); err != nil {
		return err
	}
	if g.watch {
		return g.again(ctx, out, complaints, j, name, dir)
	}
	return g.once(ctx, out, complaints, j, name, dir)
}

// once judges the submission, and writes the report.
func (g *grading) once(ctx context.Context, out, complaints io.Writer, j *grade.Judge, name, dir string) error {
	seed := g.seed
	if !g.seeded {
		seed = rand.Uint64N(1_000_000)
	}
	s := grade.Submission{Name: name, Dir: dir, Seed: seed, Checks: g.checks, Hints: true, Quick: true}
	// What is wrong with the files is in the report.
	if files, err := handin.Collect(dir); err == nil {
		s.Handed = files
	}
	r, err := j.Grade(ctx, s)
	if err != nil {
		return err
	}
	if !g.hints {
		r = g.note(complaints, s, r)
	}
	if err := g.write(out, r.ForStudent()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	err = g.verdict(r)
	if failed := (*notPassed)(nil); errors.As(err, &failed) && g.format == "text" {
		failed.error = errSaid
	}
	return err
}

// errSaid is a verdict that the report has said already.
var errSaid = errors.New("")

// note keeps the attempt, and leaves the hints in the report that have unlocked.
// That attempts can't be kept is no reason not to judge.
func (g *grading) note(complaints io.Writer, s grade.Submission, r report.Report) report.Report {
	file, err := attempts.File(g.root, r.Exercise.Number, s.Dir)
	var log attempts.Log
	if err == nil && s.Handed != nil {
		log, err = attempts.Note(file, s.Dir, s.Handed.Digest(), r)
	}
	if err != nil {
		fmt.Fprintln(complaints, "runner:", err)
	}
	return log.Unlocked(r)
}

// possible reports what of the command line can't be.
func (g *grading) possible(j *grade.Judge, dir string) error {
	if _, err := os.Stat(dir); err != nil {
		return misuse{fmt.Errorf("there is no submission: %w", err)}
	}
	for _, name := range g.checks {
		if !j.Has(name) {
			var all []string
			for _, c := range j.Exercise.Checks {
				all = append(all, c.Name)
			}
			return misuse{fmt.Errorf("there is no check %q; these are: %s", name, strings.Join(all, ", "))}
		}
	}
	return nil
}

// verdict is nil if all checks that were to run passed.
func (g *grading) verdict(r report.Report) error {
	failed := 0
	for _, row := range r.Rows() {
		if len(g.checks) > 0 && !slices.Contains(g.checks, row.Name) {
			continue
		}
		if row.Verdict == report.Error {
			return fmt.Errorf("check %s could not be judged: %s", row.Name, row.Said())
		}
		if row.Verdict != report.Pass {
			failed++
		}
	}
	switch {
	case r.Fault != "":
		return errors.New(r.Fault)
	case failed > 0:
		return &notPassed{fmt.Errorf("exercise %s: not passed", r.Exercise.Number)}
	}
	return nil
}
