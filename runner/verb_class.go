package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sockets/runner/class"
	"sockets/runner/grade"
	"sockets/runner/report"
)

const classLong = `With --class it grades what a whole class handed in: DIR/STUDENT/NN/*.go, or a
zip or tar file in place of NN, or of STUDENT. If one exercise alone is asked for,
DIR/STUDENT/*.go will do, and an archive of that. The result is a folder, OUT, with
gradebook.csv, overview.html, a page for each student and exercise, the reports
as JSON, and which submissions share code. NN... names the exercises; none is all
that somebody handed in. A run that was killed goes on where it was.

With --shard 2/4 it grades the second of four parts, on as many machines; grade
merge makes one result of them, the same as of one machine to the byte. As a task
of an array job, --shard auto/4 takes the task's number, counted from 0, from
JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID (Slurm), and --shard auto
takes the number of tasks from Slurm, too. Exit code 0: all is graded, whatever
the verdicts; 2: misuse; 3: something could not be judged, or the machine failed.`

const classExample = `  go run ./runner grade --class handed-in --out graded --roster roster.csv
  go run ./runner grade --class handed-in --out graded --shard 2/4 05 06
  go run ./runner grade merge graded`

// A classGrading is one call of the verb for a whole class.
type classGrading struct {
	dir, out, roster, shard, at, allow string
	jobs                               int
}

// classFlags are the flags that say something only of a class.
var classFlags = []string{"out", "roster", "shard", "at", "allow-sandbox", "jobs"}

func (k *classGrading) flags(f *pflag.FlagSet) {
	f.StringVar(&k.dir, "class", "", "grade what a class handed in, `DIR`/STUDENT/NN")
	f.StringVar(&k.out, "out", "", "the `folder` of the class's result")
	f.StringVar(&k.roster, "roster", "", "the students, a CSV `file` with the columns id and name")
	f.StringVar(&k.shard, "shard", "", "grade one part of the class: `i/n`, auto/n or auto")
	f.StringVar(&k.at, "at", "", "the `time` of grading that reports say, like 2026-11-25T08:00:00Z (default now)")
	f.StringVar(&k.allow, "allow-sandbox", "", "grade a class although programs can't be confined better than `level` C or D")
	f.IntVarP(&k.jobs, "jobs", "j", 0, "submissions judged at the same time (default two a processor)")
}

// args are those of one submission, or the exercises of a class.
func (k *classGrading) args(c *cobra.Command, args []string) error {
	if k.dir != "" {
		for _, name := range []string{"check", "format", "json", "watch", "hints", "all"} {
			if c.Flags().Changed(name) {
				return fmt.Errorf("--%s is for one submission, not for a class", name)
			}
		}
		if k.out == "" {
			return errors.New("a class needs --out, a folder for the result")
		}
		return nil
	}
	for _, name := range classFlags {
		if c.Flags().Changed(name) {
			return fmt.Errorf("--%s is for a class; --class DIR says which", name)
		}
	}
	return cobra.RangeArgs(1, 2)(c, args)
}

// options are those of the command line.
func (k *classGrading) options(g *grading, args []string) (o class.Options, err error) {
	o = class.Options{Checks: g.private, Dir: k.dir, Out: k.out, Jobs: k.jobs}
	if o.Root, err = findRoot(); err != nil {
		return o, err
	}
	o.Cache = filepath.Join(o.Root, ".cache", "handin")
	if o.Numbers, err = normal(args); err != nil {
		return o, err
	}
	if g.seeded {
		o.Seed = &g.seed
	}
	if k.shard != "" {
		if o.Shard, err = class.ParseShard(k.shard, os.Getenv); err != nil {
			return o, misuse{err}
		}
	}
	if k.at != "" {
		if o.At, err = time.Parse(time.RFC3339, k.at); err != nil {
			return o, misuse{fmt.Errorf("--at: %w; 2026-11-25T08:00:00Z would be right", err)}
		}
	}
	if k.roster != "" {
		text, err := os.ReadFile(k.roster)
		if err != nil {
			return o, misuse{fmt.Errorf("read the roster: %w", err)}
		}
		if o.Roster, err = report.Roster(k.roster, text); err != nil {
			return o, misuse{err}
		}
		if o.Roster == nil {
			o.Roster = []report.Student{} // nobody, and not everybody
		}
	}
	return o, nil
}

// confined refuses to run other people's programs on a machine that can't hold
// them, unless that is what is asked for.
func (k *classGrading) confined() error {
	switch k.allow {
	case "", "C", "D":
	default:
		return misuse{fmt.Errorf("--allow-sandbox %s: C or D would be right", k.allow)}
	}
	level := string(grade.Level())
	if level <= "B" || k.allow != "" && level <= k.allow {
		return nil
	}
	return misuse{fmt.Errorf("here programs are confined at level %s only (runner doctor says why), and a class's are not to be trusted; --allow-sandbox %s grades them nevertheless", level, level)}
}

func (k *classGrading) run(c *cobra.Command, g *grading, args []string) error {
	o, err := k.options(g, args)
	if err != nil {
		return err
	}
	if err := k.confined(); err != nil {
		return err
	}
	complaints := c.ErrOrStderr()
	p := newProgress(complaints)
	o.Progress = func(s class.Step) { p.say(classLine(s)) }
	o.Warn = func(text string) { fmt.Fprintln(complaints, "runner:", text) }
	if _, err := os.Stat(o.Cache); err != nil {
		fmt.Fprintln(complaints, "runner: the first build in the cage takes about half a minute")
	}
	s, err := class.Run(c.Context(), o)
	p.end()
	return classEnd(c, s, k.out, err)
}

// classLine is a step as a line.
func classLine(s class.Step) string {
	if s.Report.Exercise.Number == "" {
		line := fmt.Sprintf("%d to grade", s.Total)
		if s.Before > 0 {
			line += fmt.Sprintf(", %d were graded before", s.Before)
		}
		return line
	}
	what := fmt.Sprintf("%s, %s", s.Report.Verdict(), s.Report.Score())
	if s.Again {
		what = "will be graded again, when nothing else runs"
	}
	return fmt.Sprintf("%*d/%d  %s %q: %s", len(fmt.Sprint(s.Total)), s.Done, s.Total, s.Report.Exercise.Number, s.Report.Submission, what)
}

// classEnd says what came of it.
func classEnd(c *cobra.Command, s class.Summary, out string, err error) error {
	var used class.Misuse
	switch {
	case errors.As(err, &used), errors.Is(err, grade.ErrNoExercise):
		return misuse{err}
	case err != nil:
		return err
	}
	if s.Whole {
		fmt.Fprintf(c.OutOrStdout(), "%d submissions of %d students: %s\n", s.Submissions, s.Students, filepath.Join(out, "overview.html"))
	} else {
		fmt.Fprintf(c.OutOrStdout(), "this shard is graded; when all are: go run ./runner grade merge %s\n", out)
	}
	if n := len(s.Unjudged); n > 0 {
		shown := strings.Join(s.Unjudged[:min(n, 10)], ", ")
		return fmt.Errorf("%d could not be judged, for reasons on our side, and the result says so: %s; the same command grades them again", n, shown)
	}
	return nil
}

func mergeVerb() *cobra.Command {
	var final string
	verb := &cobra.Command{
		Use:   "merge OUT... [--out FINAL]",
		Short: "Make one result of the shards of a class",
		Long: `Merge takes the folders that runs with --shard wrote to, one that they share or
one each, and makes the result of the whole class, the same as of one run to the
byte. It refuses when submissions are missing, and says which command grades them;
when shards are of other submissions, checks or seeds; and when two say different
things of one submission. Exit code 0: the result is there; 1: refused; 2: misuse;
3: it says of something that it could not be judged, or the machine failed.`,
		Example: `  go run ./runner grade merge graded
  go run ./runner grade merge graded-1 graded-2 graded-3 --out graded`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if final == "" {
				if len(args) > 1 {
					return misuse{errors.New("several folders are merged into another; --out FINAL says which")}
				}
				final = args[0]
			}
			s, err := class.Merge(args, final)
			var refused class.Refusal
			if errors.As(err, &refused) {
				return &notPassed{err}
			}
			return classEnd(c, s, final, err)
		},
	}
	verb.Flags().StringVar(&final, "out", "", "the `folder` of the result; with one OUT it is that")
	return verb
}
