package grade

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"sockets/runner/agent"
	"sockets/runner/report"
	"sockets/runner/tier"
)

// TestForgeries has programs that want points for nothing: none has one, and
// none makes the judge fail. One of them waits to the end of each check's
// patience, so all of that is told by a few checks.
func TestForgeries(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Cage != nil {
		tier.Lacks(t, l.Cage.Error())
	}
	corpus, err := txtar.ParseFile("testdata/forgeries.txtar")
	if err != nil {
		t.Fatal(err)
	}
	j, err := Open(t.Context(), Source{Root: root, Number: "05", Cache: cache()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, f := range corpus.Files {
		name := strings.TrimSuffix(f.Name, ".go")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "main.go"), f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
			s := Submission{Name: name, Dir: dir, Seed: 1}
			if name == "fake-dump" {
				s.Checks = []string{"TwoLinesInOneSegment", "Usage"}
			}
			r, err := j.Grade(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if r.Score().Points != 0 || r.Verdict() == report.Pass {
				t.Errorf("it has points:\n%s", text(t, r))
			}
			if r.Fault != "" {
				t.Errorf("the judge failed: %s", r.Fault)
			}
			for _, row := range r.Rows() {
				if row.Verdict == report.Error || row.Verdict == report.Flaky {
					t.Errorf("%s: %v: %s", row.Name, row.Verdict, row.Said())
				}
			}
			for _, built := range []string{"embeds", "imports", "line", "linkname"} {
				if name == built && r.Build == "" {
					t.Errorf("it was built:\n%s", text(t, r))
				}
			}
		})
	}
	if len(corpus.Files) < 15 {
		t.Errorf("%d forgeries; 15 at least", len(corpus.Files))
	}
}
