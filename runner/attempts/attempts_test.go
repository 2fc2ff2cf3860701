package attempts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/report"
)

var exercise = report.Exercise{Number: "05", Name: "linereader", Checks: []report.Check{
	{Name: "Whole", Points: 2}, {Name: "Drip", Points: 1}, {Name: "Usage", Points: 1, Hidden: true},
}}

// graded is a report in which the checks have these verdicts, in their order.
func graded(verdicts ...report.Verdict) report.Report {
	r := report.Report{Exercise: exercise, Outcomes: make(map[string]report.Outcome), Graded: time.Unix(1, 0).UTC()}
	for i, v := range verdicts {
		o := report.Outcome{Verdict: v}
		if v != report.Pass {
			o.Hints = []string{"first", "second"}
		}
		r.Outcomes[exercise.Checks[i].Name] = o
	}
	return r
}

// TestUnlocking grades programs one after the other.
func TestUnlocking(t *testing.T) {
	file, err := File(t.TempDir(), "05", "some/folder")
	if err != nil {
		t.Fatal(err)
	}
	const pass, fail, timeout, crash = report.Pass, report.Fail, report.Timeout, report.Crash
	for i, step := range []struct {
		program       string
		whole         report.Verdict
		hints, locked int
	}{
		{"stub", fail, 0, 2},
		{"stub", fail, 0, 2}, // the same program: no attempt
		{"one", timeout, 1, 1},
		{"one", timeout, 1, 1},
		{"not built", report.BuildError, 0, 0},
		{"none", report.NotRun, 1, 1},
		{"ours", report.Error, 1, 1},
		{"two", pass, 0, 0},
		{"one", fail, 1, 1}, // the last that failed
		{"three", crash, 2, 0},
		{"four", report.Flaky, 2, 0},
	} {
		r := graded(step.whole, pass, fail)
		if step.whole == report.BuildError {
			r = report.Report{Exercise: exercise, Build: "no"}
		}
		l, err := Note(file, "some/folder", step.program, r)
		if err != nil {
			t.Fatal(err)
		}
		o := l.Unlocked(r).Outcomes["Whole"]
		if len(o.Hints) != step.hints || o.Locked != step.locked {
			t.Errorf("step %d, %s: hints %q and %d more, want %d and %d", i, step.program, o.Hints, o.Locked, step.hints, step.locked)
		}
		again, err := Load(file)
		if diff := cmp.Diff(l, again); err != nil || diff != "" {
			t.Errorf("Load = %v (-noted +loaded):\n%s", err, diff)
		}
	}
	l, err := Load(file)
	if passed, points := l.Score(); err != nil || passed != 1 || points != 1 || l.Exercise != "05" || l.Folder != "some/folder" {
		t.Errorf("%d passed, %d points, %v: %+v", passed, points, err, l)
	}
	if r := graded(fail); len(r.Outcomes["Whole"].Hints) != 2 {
		t.Error("Unlocked changes the report it is given")
	}
}

func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"none": "", "half": `{"exercise":"05","checks":{"Wh`, "other": `{"checks":{"Whole":{"verdict":"good"}}}`, "list": "[]"} {
		file := filepath.Join(dir, name)
		if text != "" {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		l, err := Load(file)
		if diff := cmp.Diff(Log{}, l); err != nil || diff != "" {
			t.Errorf("%s: Load = %v:\n%s", name, err, diff)
		}
		if l, err := Note(file, "f", "p", graded(report.Fail)); err != nil || l.Checks["Whole"].Failed != 1 {
			t.Errorf("%s: Note = %+v, %v", name, l, err)
		}
	}
	if _, err := Note(filepath.Join(dir, "none", "file"), "f", "p", graded()); err == nil {
		t.Error("a file below a file is kept")
	}
}

// TestCheckThatWent has an exercise that changed since.
func TestCheckThatWent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	old := graded(report.Fail, report.Pass)
	old.Exercise.Checks = append([]report.Check{{Name: "Old", Points: 1}}, exercise.Checks...)
	old.Outcomes["Old"] = report.Outcome{Verdict: report.Pass}
	if _, err := Note(file, "f", "p", old); err != nil {
		t.Fatal(err)
	}
	l, err := Note(file, "f", "p", graded(report.Fail, report.Pass))
	if passed, _ := l.Score(); err != nil || passed != 1 || len(l.Checks) != 2 {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestTogether has many graders at once: no attempt is lost, and a reader never
// sees half a file.
func TestTogether(t *testing.T) {
	const graders, each = 10, 10
	file := filepath.Join(t.TempDir(), "f")
	var running sync.WaitGroup
	for g := range graders {
		running.Go(func() {
			for i := range each {
				if _, err := Note(file, "f", fmt.Sprint(g, " ", i), graded(report.Fail)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	for n := 0; ; {
		l, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if l.Checks["Whole"].Failed < n {
			t.Fatalf("%d attempts, after %d", l.Checks["Whole"].Failed, n)
		}
		n = l.Checks["Whole"].Failed
		select {
		case <-done:
			if l, err = Load(file); err != nil || l.Checks["Whole"].Failed != graders*each {
				t.Errorf("%d attempts of %d, %v", l.Checks["Whole"].Failed, graders*each, err)
			}
			left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "new-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left: %q, %v", left, err)
			}
			return
		default:
		}
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(dir, "real")
	if err := os.Mkdir(real, 0o755); err != nil {
		t.Fatal(err)
	}
	name := func(number, folder string) string {
		file, err := File("root", number, folder)
		if err != nil || !strings.HasPrefix(file, filepath.Join("root", ".attempts", number+"-")) {
			t.Fatalf("File = %q, %v", file, err)
		}
		return file
	}
	a := name("05", real)
	if a == name("06", real) || a == name("05", dir) {
		t.Error("two exercises or two folders have one file")
	}
	if b := name("05", filepath.Join(dir, ".", "real", "..", "real")); a != b {
		t.Errorf("one folder has the files %s and %s", a, b)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(real, link); err != nil {
		t.Skip(err)
	}
	if b := name("05", link); a != b {
		t.Errorf("a folder and a link to it have the files %s and %s", a, b)
	}
}
