package class

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sockets/runner/report"
)

// A room is a class that was graded without a judge: shards are of its store.
type room struct {
	t    *testing.T
	plan *plan
}

// newRoom has six students, of whom two handed in the same, and one nothing that
// could be built.
func newRoom(t *testing.T) *room {
	t.Helper()
	p := &plan{Schema: planSchema, Name: "class", At: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)}
	p.Exercises = []exercise{{
		Exercise: report.Exercise{Number: "05", Name: "linereader", Checks: []report.Check{{Name: "A", Points: 2}, {Name: "B", Points: 1}}},
		Digest:   "checks",
	}}
	for i, digest := range []string{"d0", "d1", "d2", "d3", "d1", ""} {
		id := fmt.Sprint("s", i)
		p.Students = append(p.Students, student{ID: id, Folder: id})
		s := &submission{Student: id, Exercise: "05", Digest: digest}
		if digest == "" {
			s.Refused = "main.go: it is a link"
		}
		p.Submissions = append(p.Submissions, s)
	}
	p.sow(7)
	return &room{t, p}
}

// shard stores what a shard would.
func (r *room) shard(dir string, s Shard) {
	r.t.Helper()
	st, err := openStore(dir)
	if err != nil {
		r.t.Fatal(err)
	}
	err = st.writePlan(r.plan, os.Rename)
	for i, sub := range r.plan.jobs(s) {
		e := r.plan.exercise("05")
		err = errors.Join(err, st.keep(sub.Key, report.Report{
			Exercise: e.Exercise, Seed: e.Seed, Level: report.LevelB, Submission: "somebody", Graded: time.Now(), Cached: i > 0,
			Outcomes: map[string]report.Outcome{"A": {Verdict: report.Pass}, "B": {Verdict: report.Fail, Message: sub.Digest}},
		}))
	}
	for _, name := range r.plan.pages() {
		if s.first() {
			err = errors.Join(err, st.write([]byte("pairs"), "similarity", name))
		}
	}
	if err = errors.Join(err, st.manifest(Options{Dir: "/data/class", Shard: s}, r.plan)); err != nil {
		r.t.Fatal(err)
	}
}

// TestMerge merges shards of all sizes: the result is the same.
func TestMerge(t *testing.T) {
	r := newRoom(t)
	one := filepath.Join(t.TempDir(), "one")
	r.shard(one, Shard{})
	merge(t, one, one)
	for _, of := range []int{1, 2, 3, 4, 9} {
		var outs []string
		for i := range of {
			outs = append(outs, filepath.Join(t.TempDir(), fmt.Sprint(i)))
			r.shard(outs[i], Shard{i + 1, of})
		}
		final := filepath.Join(t.TempDir(), "final")
		merge(t, final, outs...)
		same(t, fmt.Sprint(of, " shards"), one, final)
		merge(t, final, final)
		same(t, "merged again", one, final)
	}
	book, err := os.ReadFile(filepath.Join(one, "gradebook.csv"))
	want := "submission,exercise,score,max_score,status,graded_at\r\n" +
		"s0,05,2,3,fail,2026-11-25T08:00:00Z\r\ns1,05,2,3,fail,2026-11-25T08:00:00Z\r\ns2,05,2,3,fail,2026-11-25T08:00:00Z\r\n" +
		"s3,05,2,3,fail,2026-11-25T08:00:00Z\r\ns4,05,2,3,fail,2026-11-25T08:00:00Z\r\ns5,05,0,3,build error,2026-11-25T08:00:00Z\r\n"
	if err != nil || string(book) != want {
		t.Errorf("gradebook: %v\n%s", err, book)
	}
	for name, cached := range map[string]bool{"s1": false, "s4": true} {
		text, err := os.ReadFile(filepath.Join(one, "results", name, "05.json"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := report.Decode(text)
		if err != nil || got.Submission != name || got.Cached != cached {
			t.Errorf("%s: %v, of %q, cached %v", name, err, got.Submission, got.Cached)
		}
		page, err := os.ReadFile(filepath.Join(one, "students", name, "05.html"))
		if err != nil || strings.Contains(string(page), "equal submission") {
			t.Errorf("%v; the page of %s tells of another's submission:\n%s", err, name, page)
		}
	}
}

// TestMergeRefuses has shards that make no result, and what is said.
func TestMergeRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(r *room, dir string) // before the second of two shards is stored in dir
		after  func(r *room, dir string)
		want   []string
	}{
		{name: "seed", change: func(r *room, _ string) { r.plan.sow(8) }, want: []string{
			"are not of one class: the seed is 7 in one and 8 in the other; run the shards of the second again with --seed 7",
		}},
		{name: "checks", change: func(r *room, _ string) { r.plan.Exercises[0].Digest = "others"; r.plan.sow(7) }, want: []string{
			"the checks of exercise 05 are not the same; run the shards again, all from the same commit",
		}},
		{name: "submissions", change: func(r *room, _ string) { r.plan.Submissions[2].Digest = "d9"; r.plan.sow(7) }, want: []string{
			`"exercise 05 of s2" is not the same in both; give the same --class and --roster`,
		}},
		{name: "student", change: func(r *room, _ string) {
			r.plan.Students = append(r.plan.Students, student{ID: "new", Folder: "new"})
		}, want: []string{`"student new" is not the same in both`}},
		{name: "exercises", change: func(r *room, _ string) {
			r.plan.Exercises = append(r.plan.Exercises, exercise{Exercise: report.Exercise{Number: "06"}})
		}, want: []string{"the exercises are 05 in one and 05 06 in the other"}},
		{name: "gap", after: func(r *room, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "work")); err != nil {
				r.t.Fatal(err)
			}
		}, want: []string{
			"different submissions are not graded yet", "go run ./runner grade --class /data/class --out ", " --seed 7 --shard 2/2 05",
		}},
		{name: "damage", after: func(r *room, dir string) {
			r.each(dir, func(name string) error { return os.WriteFile(name, []byte(`{"schema":`), 0o600) })
		}, want: []string{"a stored report: unexpected EOF; remove the file, and run its shard again"}},
		{name: "another report", after: func(r *room, dir string) {
			r.each(dir, func(name string) error {
				text, err := os.ReadFile(name)
				return errors.Join(err, os.WriteFile(name, []byte(strings.Replace(string(text), `"pass"`, `"fail"`, 1)), 0o600))
			})
		}, want: []string{"is not what shard 2/2 stored; remove it and run: go run ./runner grade"}},
		{name: "nothing", after: func(r *room, dir string) {
			if err := os.Remove(filepath.Join(dir, planName)); err != nil {
				r.t.Fatal(err)
			}
		}, want: []string{"has no class.json: no shard was graded there"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tmp := t.TempDir()
			outs := []string{filepath.Join(tmp, "a"), filepath.Join(tmp, "b")}
			newRoom(t).shard(outs[0], Shard{1, 2})
			r := newRoom(t)
			if c.change != nil {
				c.change(r, outs[1])
			}
			r.shard(outs[1], Shard{2, 2})
			if c.after != nil {
				c.after(r, outs[1])
			}
			refused(t, outs, c.want...)
		})
	}
}

func (r *room) each(dir string, do func(name string) error) {
	r.t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "work", "graded", "*.json"))
	if err != nil || len(names) == 0 {
		r.t.Fatalf("no graded files: %v", err)
	}
	for _, name := range names {
		if err := do(name); err != nil {
			r.t.Fatal(err)
		}
	}
}

func refused(t *testing.T, outs []string, want ...string) {
	t.Helper()
	final := filepath.Join(t.TempDir(), "final")
	_, err := Merge(outs, final)
	for _, text := range want {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("Merge = %v; want %q", err, text)
		}
	}
	if _, err := os.Stat(final); err == nil {
		t.Error("it was refused, and there is a result")
	}
}

// TestMergeOverlap has a submission graded by two shards.
func TestMergeOverlap(t *testing.T) {
	tmp := t.TempDir()
	outs := []string{filepath.Join(tmp, "a"), filepath.Join(tmp, "b")}
	r := newRoom(t)
	r.shard(outs[0], Shard{1, 1})
	r.shard(outs[1], Shard{2, 3})
	merge(t, filepath.Join(tmp, "final"), outs...)
	if err := os.RemoveAll(filepath.Join(outs[1], "work", "shards")); err != nil {
		t.Fatal(err)
	}
	r.each(outs[1], func(name string) error {
		text, err := os.ReadFile(name)
		return errors.Join(err, os.WriteFile(name, []byte(strings.Replace(string(text), `"pass"`, `"fail"`, 1)), 0o600))
	})
	refused(t, outs, "is graded in both", "and the reports differ; remove the one that is wrong")

	third := filepath.Join(tmp, "c") // all but the first shard's pages
	r.shard(third, Shard{2, 2})
	st := &store{third}
	for _, s := range r.plan.jobs(Shard{1, 2}) {
		text, err := os.ReadFile((&store{outs[0]}).graded(s.Key))
		if err := errors.Join(err, st.write(text, "work", "graded", s.Key+".json")); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, []string{third}, "the similarity report is not there; the first shard makes it:", "--shard 1/2 05")
}

// TestPrune has a result written over an older one, beside somebody's own files.
func TestPrune(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	r := newRoom(t)
	r.shard(out, Shard{})
	merge(t, out, out)
	own := filepath.Join(out, "students", "s0", "letter.txt")
	if err := os.WriteFile(own, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.plan.Students, r.plan.Submissions = r.plan.Students[2:], r.plan.Submissions[2:]
	r.plan.sow(7)
	r.shard(out, Shard{})
	merge(t, out, out)
	for name, want := range map[string]bool{
		"students/s0/letter.txt": true, "students/s0/05.html": false, "students/s1": false, "results/s1": false, "students/s2/05.html": true,
	} {
		if _, err := os.Stat(filepath.Join(out, name)); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", name, err, want)
		}
	}
}
