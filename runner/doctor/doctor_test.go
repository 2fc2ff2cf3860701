package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLook(t *testing.T) {
	found := make(map[string]Finding)
	for _, f := range Look(t.Context(), "../testdata/course") {
		found[f.Name] = f
		if f.Found == "" || !f.OK && f.Remedy == "" {
			t.Errorf("%+v says nothing, or has no remedy", f)
		}
	}
	for _, name := range []string{"go", "loopback", "lessons"} {
		if !found[name].OK {
			t.Errorf("%s: %+v, want it to be fine: this test runs", name, found[name])
		}
	}
}

// TestLookElsewhere has a folder that is no checkout: what is needed is missing.
func TestLookElsewhere(t *testing.T) {
	needed := 0
	for _, f := range Look(t.Context(), t.TempDir()) {
		if !f.OK && f.Needed {
			needed++
		}
	}
	if needed == 0 {
		t.Error("nothing is missing in an empty folder")
	}
}

func TestFinding(t *testing.T) {
	f := finding("wire", "it works", errors.New("make a user namespace: no; allow it; please"))
	if f.OK || f.Found != "make a user namespace: no" || f.Remedy != "allow it; please" {
		t.Errorf("finding = %+v", f)
	}
}

func TestWritable(t *testing.T) {
	dir := t.TempDir()
	if f := writable("site", filepath.Join(dir, "new"), "x"); !f.OK {
		t.Errorf("a folder to be made: %+v", f)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("it left %v, %v", entries, err)
	}
	if f := writable("site", filepath.Join(dir, "no", "where"), "make it"); f.OK || !strings.Contains(f.Found, "no such file") || f.Remedy != "make it" {
		t.Errorf("a folder that can't be: %+v", f)
	}
}
