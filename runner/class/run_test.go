package class

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/agent"
	"sockets/runner/report"
	"sockets/runner/tier"
)

// runKey lets the test binary be a run of its own, to be killed.
const runKey = "SOCKETS_CLASS_TEST"

func TestMain(m *testing.M) {
	text, ok := os.LookupEnv(runKey)
	if !ok {
		os.Exit(m.Run())
	}
	var o Options
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		o.Progress = func(s Step) {
			if s.Done > 0 && !s.Again {
				fmt.Println(s.Report.Submission) // ends when nobody reads it
			}
		}
		_, err = Run(context.Background(), o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// caged ends a test where submissions can't be judged.
func caged(tb testing.TB) {
	tb.Helper()
	if l := agent.Probe(tb.Context()); l.Calls != nil || l.Cage != nil {
		tier.Lacks(tb, "exercises are graded where programs can be traced and caged")
	}
}

// options are those of a run of the class.
func (m *made) options(out string) Options {
	seed := uint64(7)
	return Options{
		Root: root, Cache: filepath.Join(os.TempDir(), fmt.Sprintf("handin-test-cache-%d", os.Getuid())), Dir: m.dir, Out: out,
		At: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC), Seed: &seed,
	}
}

func run(tb testing.TB, o Options) Summary {
	tb.Helper()
	s, err := Run(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	if len(s.Unjudged) > 0 {
		tb.Errorf("our side failed at %v", s.Unjudged)
	}
	return s
}

func merge(tb testing.TB, final string, outs ...string) {
	tb.Helper()
	if _, err := Merge(outs, final); err != nil {
		tb.Fatal(err)
	}
}

// tree is the result by the names of files: not the work, and no recordings.
func tree(tb testing.TB, out string) map[string]string {
	tb.Helper()
	all := make(map[string]string)
	err := fs.WalkDir(os.DirFS(out), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if name == "work" {
				return fs.SkipDir
			}
			return err
		}
		if strings.HasSuffix(name, "-seen.html") {
			return nil // a recording
		}
		text, err := os.ReadFile(filepath.Join(out, name))
		all[name] = string(text)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// same reports files in which results differ.
func same(tb testing.TB, what, a, b string) {
	tb.Helper()
	x, y := tree(tb, a), tree(tb, b)
	shown := 0
	for _, name := range slices.Sorted(maps.Keys(x)) {
		if x[name] == y[name] {
			continue
		}
		if shown++; shown <= 3 {
			tb.Errorf("%s: %s differs (-one +other):\n%.3000s", what, name, cmp.Diff(strings.Split(x[name], "\n"), strings.Split(y[name], "\n")))
		}
	}
	if shown > 3 {
		tb.Errorf("%s: and %d files more", what, shown-3)
	}
	if len(x) != len(y) || len(x) < 10 {
		tb.Errorf("%s: %d files and %d", what, len(x), len(y))
	}
}

// verdicts compares what came of the class with what is known.
func (m *made) verdicts(out string) {
	m.tb.Helper()
	for name, want := range m.want {
		student, number, _ := strings.Cut(name, " ")
		text, err := os.ReadFile(filepath.Join(out, "results", student, number+".json"))
		if err != nil {
			m.tb.Error(err)
			continue
		}
		r, err := report.Decode(text)
		if err != nil {
			m.tb.Error(err)
			continue
		}
		missed := []string{}
		for _, row := range r.Rows() {
			if row.Verdict != report.Pass {
				missed = append(missed, row.Name)
			}
		}
		all := want.missed == nil
		slices.Sort(missed)
		if !slices.Contains(want.verdicts, r.Verdict()) || !all && !slices.Equal(missed, want.missed) ||
			all && r.Score().Points != 0 || !strings.Contains(r.Build, want.says) {
			m.tb.Errorf("%s: %s, build %q; missed %v; want %v, %q, missed %v", name, r.Summary(), r.Build, missed, want.verdicts, want.says, want.missed)
		}
	}
}

// TestShards grades a class with 1, 2 and 4 shards, every time anew: the results
// are the same to the byte, and what is known of it.
func TestShards(t *testing.T) {
	caged(t)
	m := generate(t, 20, "05")
	tmp := t.TempDir()
	one := filepath.Join(tmp, "one")
	s := run(t, m.options(one))
	if !s.Whole || s.Submissions != 20 || s.Graded != 18 {
		t.Errorf("Run = %+v", s)
	}
	m.verdicts(one)

	shared := filepath.Join(tmp, "shared") // two shards, one folder
	for i := range 2 {
		o := m.options(shared)
		o.Shard = Shard{i + 1, 2}
		run(t, o)
	}
	merge(t, shared, shared)
	same(t, "two shards", one, shared)

	var outs []string // four shards, a folder each
	for i := range 4 {
		o := m.options(filepath.Join(tmp, fmt.Sprint("of-4-", i)))
		o.Shard, o.Jobs = Shard{i + 1, 4}, 1
		outs = append(outs, o.Out)
		run(t, o)
	}
	final := filepath.Join(tmp, "final")
	merge(t, final, outs...)
	same(t, "four shards", one, final)

	again := run(t, m.options(final))
	if again.Graded != 0 {
		t.Errorf("%d were graded that had been", again.Graded)
	}
	same(t, "graded again", one, final)
}

// TestKilled kills a run when some of it is graded; another grades only the rest.
func TestKilled(t *testing.T) {
	caged(t)
	m := generate(t, 10, "05")
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	o := m.options(filepath.Join(t.TempDir(), "out"))
	o.Jobs = 1
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, self)
	c.Env = append(os.Environ(), runKey+"="+string(text), "TMPDIR="+tmp) // a run that is killed leaves its programs
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for b := make([]byte, 1); seen < 3; {
		if _, err := out.Read(b); err != nil {
			t.Fatalf("it ended after %d submissions: %v\n%s", seen, errors.Join(err, c.Wait()), complaints.String())
		}
		if b[0] == '\n' {
			seen++
		}
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	stored, err := filepath.Glob(filepath.Join(o.Out, "work", "graded", "*.json"))
	if err != nil || len(stored) < seen {
		t.Fatalf("%d files are stored, %v; want %d at least", len(stored), err, seen)
	}
	if _, err := os.Stat(filepath.Join(o.Out, "gradebook.csv")); err == nil {
		t.Error("there is a gradebook of a class that was not graded")
	}
	before := 0
	o.Progress = func(s Step) { before = s.Before }
	s := run(t, o)
	if before != len(stored) || s.Graded+before != 9 {
		t.Errorf("%d were graded before, %d then; want %d of 9", before, s.Graded, len(stored))
	}
	m.verdicts(o.Out)
	if left, err := filepath.Glob(filepath.Join(tmp, "sockets-*")); err != nil || len(left) > 0 {
		t.Errorf("the killed run's folders are left, or our own: %v, %v", left, err)
	}
}

// TestClass grades a large class: at once, and again in three parts, one half and
// two quarters, which are all graded anew. From these comes the result of two
// shards and of four, too: a quarter and a quarter are the other half. The
// environment's SOCKETS_CLASS is how many submissions; 1,000 take a quarter of an
// hour of a machine that does nothing else.
func TestClass(t *testing.T) {
	tier.Long(t)
	caged(t)
	m := generate(t, submissions(t), "03", "05")
	tmp := t.TempDir()
	one := filepath.Join(tmp, "one")
	began := time.Now()
	s := run(t, m.options(one))
	t.Logf("%d submissions, %d of them different, in %v: %.0f a minute", s.Submissions, s.Graded, time.Since(began).Round(time.Second),
		float64(s.Submissions)/time.Since(began).Minutes())
	m.verdicts(one)
	var outs []string
	for _, shard := range []Shard{{1, 2}, {2, 4}, {4, 4}} {
		o := m.options(filepath.Join(tmp, fmt.Sprintf("%d-of-%d", shard.Index, shard.Of)))
		o.Shard = shard
		outs = append(outs, o.Out)
		run(t, o)
	}
	final := filepath.Join(tmp, "final")
	merge(t, final, outs...)
	same(t, "a half and two quarters", one, final)
	for _, of := range []int{2, 4} {
		out := filepath.Join(tmp, fmt.Sprint("of-", of))
		for _, kept := range []string{"graded", "seen"} {
			if err := os.CopyFS(filepath.Join(out, "work", kept), os.DirFS(filepath.Join(final, "work", kept))); err != nil {
				t.Fatal(err)
			}
		}
		for i := range of {
			o := m.options(out)
			o.Shard = Shard{i + 1, of}
			if s := run(t, o); s.Graded > 0 {
				t.Errorf("shard %v graded %d again", o.Shard, s.Graded)
			}
		}
		merge(t, out, out)
		same(t, fmt.Sprint(of, " shards"), one, out)
	}
}

// submissions is how many the large class has handed in.
func submissions(t *testing.T) int {
	t.Helper()
	text := os.Getenv("SOCKETS_CLASS")
	if text == "" {
		return 60
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 20 || n > 1000 {
		t.Fatalf("SOCKETS_CLASS is %q; 20 to 1000 would be right", text)
	}
	return n
}
