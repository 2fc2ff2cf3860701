package grade

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/check"
	"sockets/runner/report"
)

func TestExercise(t *testing.T) {
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "check_test.go")
		if err := os.WriteFile(file, []byte("package main\n\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const main = "func TestMain(m *testing.M) { check.Main(m, \"echo\") }\n\n"
	e, err := Exercise(write(main+`
func TestB(t *testing.T) {
	check.Points(t, 2)
	check.Describe(t, "It says \"b\".")
	check.Hidden(t)
}

func helper(t *testing.T) { check.Describe(t, name) }

func TestA(t *testing.T) { check.Points(t, 1) }

func TestIdle(t *testing.T) { check.StaysIdle(t, talk) }
`), "15")
	if err != nil {
		t.Fatal(err)
	}
	for i := range e.Checks {
		if !strings.HasPrefix(e.Checks[i].Code, "func Test"+e.Checks[i].Name+"(") {
			t.Errorf("the code of %s is %q", e.Checks[i].Name, e.Checks[i].Code)
		}
		e.Checks[i].Code = ""
	}
	want := report.Exercise{Number: "15", Name: "echo", Checks: []report.Check{
		{Name: "B", Description: `It says "b".`, Points: 2, Hidden: true},
		{Name: "A", Points: 1},
		{Name: "Idle", Description: check.Standing["StaysIdle"].Description, Points: 1},
	}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("Exercise (-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		main: "at least one check",
		"func TestA(t *testing.T) { check.Points(t, 1) }\n":      "calls check.Main with its name",
		main + "func TestA(t *testing.T) {}\n":                   "check_test.go:5:1: TestA begins without check.Points",
		main + "func TestA(t *testing.T) { check.Points(t, n) }": "check_test.go:5:1: check.Points takes a literal",
		"func": "check_test.go:3:",
	} {
		if _, err := Exercise(write(text), "15"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Exercise of\n%s\n= %v, want %q", text, err, want)
		}
	}
}

// TestHear has checks that say too much, and something that is no check.
func TestHear(t *testing.T) {
	s := &seen{outcomes: make(map[string]report.Outcome)}
	err := s.hear(strings.NewReader(`{"check":"A"}
{"check":"A","level":"B","outcome":{"verdict":"fail"}}
{"check":"A","level":"B","outcome":{"verdict":"pass"}}
{"check":"C","level":"B","outcome":{"verdict":"pass"}}
{"check":"B"}
{"check":"D","level":"A","outcome":{"verdict":"pass"}}
`), []string{"A", "B", "D"})
	want := map[string]report.Outcome{"A": {Verdict: report.Fail}, "D": {Verdict: report.Pass}}
	if diff := cmp.Diff(want, s.outcomes); err != nil || diff != "" || s.level != "B" {
		t.Errorf("hear = %v, level %q (-want +got):\n%s", err, s.level, diff)
	}
	for _, text := range []string{"{", "ok\n", `{"check":"A","outcome":{"verdict":"good"}}`} {
		s := &seen{outcomes: make(map[string]report.Outcome)}
		if err := s.hear(strings.NewReader(text), []string{"A"}); err == nil || len(s.outcomes) > 0 {
			t.Errorf("hear(%q) = %v, %v; want an error and nothing", text, err, s.outcomes)
		}
	}
}

func TestAgreed(t *testing.T) {
	if got := agreed(report.Outcome{Verdict: report.Error}, report.Outcome{Verdict: report.Pass}); got.Verdict != report.Pass {
		t.Errorf("error, then pass: %v", got.Verdict)
	}
	o := func(v report.Verdict, d time.Duration) report.Outcome {
		return report.Outcome{Verdict: v, Duration: d, XRay: []string{v.String()}}
	}
	if got := agreed(o(report.Timeout, 1), o(report.Fail, 2)); got.Verdict != report.Fail || got.XRay[0] != "fail" {
		t.Errorf("timeout, then fail: %v with the calls of %v", got.Verdict, got.XRay)
	}
	for _, c := range []struct {
		second report.Verdict
		want   report.Verdict
		xray   string
	}{
		{report.Fail, report.Fail, "fail"},
		{report.Pass, report.Flaky, "fail"},
		{report.Error, report.Fail, "fail"},
		{report.NotRun, report.Fail, "fail"},
		{report.Timeout, report.Fail, "timeout"},
	} {
		got := agreed(o(report.Fail, 1), o(c.second, 2))
		if got.Verdict != c.want || got.XRay[0] != c.xray || got.Duration != 1 {
			t.Errorf("fail, then %v: %v with the calls of %v, %v", c.second, got.Verdict, got.XRay, got.Duration)
		}
	}
}
