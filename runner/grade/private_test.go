package grade

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"sockets/runner/agent"
	"sockets/runner/report"
	"sockets/runner/tier"
)

// TestPrivateChecks has an exercise whose checks lie outside the checkout, of a
// lesson that has none of its own and of one that has, and a submission that goes
// looking for them.
func TestPrivateChecks(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Cage != nil {
		tier.Lacks(t, l.Cage.Error())
	}
	dir := t.TempDir()
	private, err := txtar.ParseFile("testdata/private.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range private.Files {
		file := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(f.Data), "PRIVATE", dir)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := names(t, filepath.Join(root, "lessons"))
	for _, number := range []string{"05", "98"} {
		checks := filepath.Join(dir, "checks")
		if number == "98" {
			if err := os.CopyFS(filepath.Join(checks, "98"), os.DirFS(filepath.Join(checks, "05"))); err != nil {
				t.Fatal(err)
			}
		}
		j, err := Open(t.Context(), Source{Root: root, Number: number, Checks: checks, Cache: cache()})
		if err != nil {
			t.Fatal(err)
		}
		want := report.Exercise{Number: number, Name: "finder", Checks: []report.Check{{Name: "Finds", Points: 3}}}
		if diff := cmp.Diff(want, j.Exercise); diff != "" {
			t.Errorf("the exercise (-want +got):\n%s", diff)
		}
		r := grade(t, j, filepath.Join(checks, "05", "solution"))
		if r.Verdict() != report.Pass {
			t.Errorf("the private solution:\n%s", text(t, r))
		}
		r = grade(t, j, filepath.Join(dir, "looks"))
		o := r.Outcomes["Finds"]
		if o.Verdict != report.Fail || !strings.Contains(string(o.Came), "found nothing") {
			t.Errorf("a submission that looks for the checks:\n%s", text(t, r))
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(before, names(t, filepath.Join(root, "lessons"))); diff != "" {
		t.Errorf("the checkout (-before +after):\n%s", diff)
	}
	_, err = Open(t.Context(), Source{Root: root, Number: "05", Checks: dir, Cache: cache()})
	if !errors.Is(err, ErrNoExercise) || !strings.Contains(err.Error(), filepath.Join(dir, "05", "solution", "check_test.go")) {
		t.Errorf("a folder without checks: %v", err)
	}
}

// names are all files below a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
