package class

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sockets/runner/report"
)

// TestAgree has shards that begin at the same time in one folder: all have the same
// plan, with one time and one seed.
func TestAgree(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	plans := make([]*plan, 8)
	var running sync.WaitGroup
	for i := range plans {
		running.Go(func() {
			plans[i] = newRoom(t).plan
			st, err := openStore(dir)
			if err == nil {
				err = st.agree(Options{At: time.Unix(int64(1000+i), 0).UTC()}, plans[i])
			}
			if err == nil {
				err = st.agree(Options{}, plans[i])
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	st := &store{dir}
	stored, err := st.readPlan()
	if err != nil || stored == nil {
		t.Fatalf("readPlan = %v, %v", stored, err)
	}
	for i, p := range plans {
		if p.digest() != stored.digest() || p.Seed != p.natural() {
			t.Errorf("shard %d has another plan, with the seed %d", i, p.Seed)
		}
	}
}

// TestAgreeAgain has a class of which more was handed in: the seed stays, so nothing
// is graded again, and the time is a new one, unless nothing changed.
func TestAgreeAgain(t *testing.T) {
	st, err := openStore(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	agree := func(o Options, change func(p *plan)) *plan {
		t.Helper()
		p := newRoom(t).plan
		change(p)
		if err := st.agree(o, p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	at, seed := time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC), uint64(3)
	first := agree(Options{At: at}, func(*plan) {})
	if first.At != at.Truncate(time.Second) {
		t.Errorf("the time is %v", first.At)
	}
	if again := agree(Options{}, func(*plan) {}); !again.At.Equal(first.At) || again.digest() != first.digest() {
		t.Errorf("again: %v, %v", again.At, first.At)
	}
	more := agree(Options{}, func(p *plan) { p.Submissions[0].Digest = "changed" })
	if more.Seed != first.Seed || !more.At.After(first.At) || more.Submissions[1].Key != first.Submissions[1].Key || more.Submissions[0].Key == first.Submissions[0].Key {
		t.Errorf("more was handed in: seed %d, then %d; at %v, then %v", first.Seed, more.Seed, first.At, more.At)
	}
	if other := agree(Options{Seed: &seed}, func(*plan) {}); other.Seed != 3 || other.Submissions[1].Key == first.Submissions[1].Key {
		t.Errorf("another seed: %d", other.Seed)
	}
}

// TestOpenStore has folders that are somebody's.
func TestOpenStore(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := openStore(dir)
	var used Misuse
	if !errors.As(err, &used) || !strings.Contains(err.Error(), "has other files, thesis.tex for one") {
		t.Errorf("openStore = %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "work")); err == nil {
		t.Error("it was written to")
	}
	if err := os.WriteFile(filepath.Join(dir, planName), []byte(`{"schema":"other"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (&store{dir}).readPlan(); err == nil || !strings.Contains(err.Error(), `its schema is "other"`) {
		t.Errorf("readPlan = %v", err)
	}
}

// TestHas has what may be kept, and what is graded again: what our side failed at,
// and what is not whole.
func TestHas(t *testing.T) {
	st, err := openStore(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	e := newRoom(t).plan.Exercises[0].Exercise
	reports := func(a, b report.Verdict) report.Report {
		return report.Report{Exercise: e, Outcomes: map[string]report.Outcome{"A": {Verdict: a}, "B": {Verdict: b, Output: "seen"}}}
	}
	fault := reports(report.Pass, report.Pass)
	fault.Fault = "no memory"
	for name, c := range map[string]struct {
		report report.Report
		want   bool
	}{
		"passed": {reports(report.Pass, report.Pass), true},
		"failed": {reports(report.Pass, report.Fail), true},
		"flaky":  {reports(report.Pass, report.Flaky), true},
		"broken": {report.Report{Exercise: e, Build: "main.go:1: no"}, true},
		"error":  {reports(report.Pass, report.Error), false},
		"fault":  {fault, false},
	} {
		if st.has(name) {
			t.Errorf("%s is there before it is stored", name)
		}
		if err := st.keep(name, c.report); err != nil {
			t.Fatal(err)
		}
		if got := st.has(name); got != c.want {
			t.Errorf("%s: has = %v", name, got)
		}
		if r, _, err := st.load(name); err != nil || r.Verdict() != c.report.Verdict() || r.Outcomes["B"].Output != "" {
			t.Errorf("%s: load = %s, %v; want %s and nothing that was seen", name, r.Summary(), err, c.report.Summary())
		}
	}
	if err := os.Remove(st.seen("failed")); err != nil || st.has("failed") {
		t.Errorf("what was seen is lost, and has = %v, %v", st.has("failed"), err)
	}
	if err := os.WriteFile(st.graded("passed"), []byte(`{"schema":"sockets/report/v1"`), 0o600); err != nil || st.has("passed") {
		t.Errorf("half a file: has = %v, %v", st.has("passed"), err)
	}
}
