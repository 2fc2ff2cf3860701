package grade

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
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
			t.Parallel()
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
			wrong, err := os.ReadDir(filepath.Join(solution, "wrong"))
			if err != nil || len(wrong) < 5 {
				t.Errorf("%d wrong solutions, %v; want 5 at least", len(wrong), err)
			}
			subs := []Submission{
				{Name: "stub", Dir: filepath.Join(lesson, "exercise"), Seed: 1},
				{Name: "solution", Dir: solution, Seed: 1},
			}
			for _, w := range wrong {
				subs = append(subs, Submission{Name: w.Name(), Dir: filepath.Join(solution, "wrong", w.Name()), Seed: 1})
			}
			built := build(t, j, subs)
			reports := judge(t, j, built)
			if r := reports[0]; r.Score().Points != 0 || r.Score().Passed != 0 {
				t.Errorf("the stub: %v\n%s", r.Score(), text(t, r))
			}
			if r := reports[1]; r.Verdict() != report.Pass || r.Score().Points != r.Score().Max {
				t.Errorf("the solution:\n%s", text(t, r))
			}
			for i, r := range reports {
				if i < 2 {
					continue
				}
				t.Run(subs[i].Name, func(t *testing.T) {
					want := named(t, filepath.Join(subs[i].Dir, "main.go"))
					for _, name := range want {
						if !all[name] {
							t.Errorf("it names the check %s, which is not there", name)
						}
					}
					if late(want, r) {
						r = alone(t, j, built[i])
					}
					if diff := cmp.Diff(want, caught(r)); diff != "" {
						t.Errorf("caught by other checks (-want +got):\n%s%s", diff, text(t, r))
					}
				})
			}
		})
	}
}

// late reports whether all that is wrong with a report is checks that ended too late
// and should have passed: that may be a busy machine's doing, and then not so when
// the program is judged alone. That a check misses a wrong program is nobody's.
func late(want []string, r report.Report) bool {
	got := caught(r)
	for _, name := range want {
		if !slices.Contains(got, name) {
			return false
		}
	}
	for _, row := range r.Rows() {
		if row.Verdict != report.Pass && row.Verdict != report.Timeout && !slices.Contains(want, row.Name) {
			return false
		}
	}
	return len(got) > len(want)
}

// caught is the checks that a submission did not pass, sorted, with their verdict
// if that is none of those that a wrong program gets.
func caught(r report.Report) (names []string) {
	for _, row := range r.Rows() {
		switch row.Verdict {
		case report.Pass:
		case report.Fail, report.Timeout, report.Crash:
			names = append(names, row.Name)
		default:
			names = append(names, fmt.Sprintf("%s: %v: %s", row.Name, row.Verdict, row.Said()))
		}
	}
	slices.Sort(names)
	return names
}

func grade(t *testing.T, j *Judge, dir string) report.Report {
	t.Helper()
	r, err := j.Grade(t.Context(), Submission{Name: filepath.Base(dir), Dir: dir, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func build(t *testing.T, j *Judge, subs []Submission) []Built {
	t.Helper()
	built, err := j.Build(t.Context(), t.TempDir(), subs)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// seats are for gradings, whichever test they are part of: more than the machine has
// processors, since most of a grading is waiting.
var seats = make(chan struct{}, 2*runtime.NumCPU())

// judge judges submissions side by side.
func judge(t *testing.T, j *Judge, built []Built) []report.Report {
	t.Helper()
	reports := make([]report.Report, len(built))
	var running errgroup.Group
	for i, b := range built {
		running.Go(func() (err error) {
			seats <- struct{}{}
			defer func() { <-seats }()
			reports[i], err = j.Judge(t.Context(), b)
			return err
		})
	}
	if err := running.Wait(); err != nil {
		t.Fatal(err)
	}
	return reports
}

// taking is held by who takes all seats.
var taking sync.Mutex

// alone judges a submission while no other is judged.
func alone(t *testing.T, j *Judge, b Built) report.Report {
	t.Helper()
	taking.Lock()
	for range cap(seats) {
		seats <- struct{}{}
	}
	taking.Unlock()
	defer func() {
		for range cap(seats) {
			<-seats
		}
	}()
	r, err := j.Judge(t.Context(), b)
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

// TestSolutionsAgree judges each solution 200 times: all of them pass. What is
// built is the same each time, so it is built once.
func TestSolutionsAgree(t *testing.T) {
	tier.Long(t)
	files, err := filepath.Glob(filepath.Join(root, "lessons", "*", "solution", "check_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no lesson has an exercise: %v", err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		number := filepath.Base(filepath.Dir(dir))
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
			built := slices.Repeat(build(t, j, []Submission{{Name: "solution", Dir: dir}}), 200)
			for i := range built {
				built[i].Seed = uint64(i)
			}
			for i, r := range judge(t, j, built) {
				if r.Verdict() != report.Pass {
					t.Errorf("seed %d:\n%s", i, text(t, r))
				}
			}
		})
	}
}
