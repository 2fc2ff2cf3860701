package grade

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"sockets/runner/agent"
	"sockets/runner/report"
	"sockets/runner/tier"
)

const root = "../.."

// cache is shared with the tests of package handin: the standard library takes
// half a minute to compile.
func cache() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("handin-test-cache-%d", os.Getuid()))
}

// TestLessons grades the graders: of every exercise the stub has no points, the
// solution all of them, and each wrong solution is caught by exactly the checks
// that its first comment names.
func TestLessons(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Calls != nil || l.Cage != nil {
		tier.Lacks(t, "exercises are graded where programs can be traced and caged")
	}
	files, err := filepath.Glob(filepath.Join(root, "lessons", "*", "solution", "check_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no lesson has an exercise: %v", err)
	}
	for _, file := range files {
		solution := filepath.Dir(file)
		lesson := filepath.Dir(solution)
		number := filepath.Base(lesson)
		t.Run(number, func(t *testing.T) {
			j, err := Open(t.Context(), Source{Root: root, Number: number, Cache: cache()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			})
			all := make(map[string]bool)
			for _, c := range j.Exercise.Checks {
				all[c.Name] = true
				if c.Description == "" {
					t.Errorf("check %s has no description", c.Name)
				}
			}
			task, err := os.ReadFile(filepath.Join(lesson, "exercise", "task.md"))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range j.Exercise.Checks {
				if row := fmt.Sprintf("| %s | %d |", c.Name, c.Points); !strings.Contains(string(task), row) {
					t.Errorf("task.md has no row %q", row)
				}
			}
			r := grade(t, j, filepath.Join(lesson, "exercise"))
			if s := r.Score(); s.Points != 0 || s.Passed != 0 {
				t.Errorf("the stub: %v\n%s", s, text(t, r))
			}
			r = grade(t, j, solution)
			if r.Verdict() != report.Pass || r.Score().Points != r.Score().Max {
				t.Errorf("the solution:\n%s", text(t, r))
			}
			wrong, err := os.ReadDir(filepath.Join(solution, "wrong"))
			if err != nil || len(wrong) < 5 {
				t.Errorf("%d wrong solutions, %v; want 5 at least", len(wrong), err)
			}
			for _, w := range wrong {
				t.Run(w.Name(), func(t *testing.T) {
					t.Parallel() // most of it is waiting
					dir := filepath.Join(solution, "wrong", w.Name())
					want := named(t, filepath.Join(dir, "main.go"))
					for _, name := range want {
						if !all[name] {
							t.Errorf("it names the check %s, which is not there", name)
						}
					}
					r := grade(t, j, dir)
					var got []string
					for _, row := range r.Rows() {
						if row.Verdict != report.Pass {
							got = append(got, row.Name)
						}
						if row.Verdict != report.Pass && !slices.Contains([]report.Verdict{report.Fail, report.Timeout, report.Crash}, row.Verdict) {
							t.Errorf("%s: %v: %s", row.Name, row.Verdict, row.Said())
						}
					}
					slices.Sort(got)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("caught by other checks (-want +got):\n%s%s", diff, text(t, r))
					}
				})
			}
		})
	}
}

func grade(t *testing.T, j *Judge, dir string) report.Report {
	t.Helper()
	r, err := j.Grade(t.Context(), Submission{Name: filepath.Base(dir), Dir: dir, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t *testing.T, r report.Report) string {
	t.Helper()
	var b strings.Builder
	if err := report.Text(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var caughtBy = regexp.MustCompile(`\A// Caught by: ([A-Za-z0-9, \n/]+)\.\n`)

// named is the checks that a wrong solution's first comment names, sorted.
func named(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := caughtBy.FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s does not begin with \"// Caught by: Check, Check.\"", file)
	}
	names := regexp.MustCompile(`[A-Za-z0-9]+`).FindAllString(string(m[1]), -1)
	slices.Sort(names)
	return names
}

// TestSolutionsAgree grades each solution 200 times, more at once than the
// machine has processors: all of them pass.
func TestSolutionsAgree(t *testing.T) {
	tier.Long(t)
	files, err := filepath.Glob(filepath.Join(root, "lessons", "*", "solution", "check_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no lesson has an exercise: %v", err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		j, err := Open(t.Context(), Source{Root: root, Number: filepath.Base(filepath.Dir(dir)), Cache: cache()})
		if err != nil {
			t.Fatal(err)
		}
		var running errgroup.Group
		running.SetLimit(2 * runtime.NumCPU())
		for i := range 200 {
			running.Go(func() error {
				r, err := j.Grade(t.Context(), Submission{Name: "solution", Dir: dir, Seed: uint64(i)})
				if err == nil && r.Verdict() != report.Pass {
					t.Errorf("%s, seed %d:\n%s", dir, i, text(t, r))
				}
				return err
			})
		}
		if err := errors.Join(running.Wait(), j.Close()); err != nil {
			t.Fatal(err)
		}
	}
}
