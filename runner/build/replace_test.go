package build

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sockets/runner/tier"
)

// fill puts one file with the text into the folder.
func fill(text string) func(dir string) error {
	return func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "index.html"), []byte(text), 0o644)
	}
}

func want(t *testing.T, dir, text string) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil || string(got) != text {
		t.Errorf("the site is %q, %v, want %q", got, err, text)
	}
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the site are %v, %v, want nothing", entries, err)
	}
}

func TestReplace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "parent", "site")
	if err := replace(dir, fill("one")); err != nil {
		t.Fatal(err)
	}
	want(t, dir, "one")

	failure := errors.New("no more paper")
	err := replace(dir, func(tmp string) error {
		return errors.Join(fill("half")(tmp), failure)
	})
	if !errors.Is(err, failure) {
		t.Errorf("replace = %v, want %v", err, failure)
	}
	want(t, dir, "one")

	if err := replace(dir, fill("two")); err != nil {
		t.Fatal(err)
	}
	want(t, dir, "two")
}

// TestReplaceRefuses has a folder with something in it that we did not make.
func TestReplaceRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := fill("a thesis")(dir); err != nil {
		t.Fatal(err)
	}
	called := false
	if err := replace(dir, func(string) error { called = true; return nil }); err == nil || called {
		t.Errorf("replace = %v, and asked for a new site: %v", err, called)
	}
	want(t, dir, "a thesis")
}

// TestReplaceAtOnce has builds that get in each other's way: each puts a whole
// site in place, and a reader never finds none.
func TestReplaceAtOnce(t *testing.T) {
	if errors.Is(exchange("", ""), errors.ErrUnsupported) {
		tier.Lacks(t, "this system can't exchange two folders in one step")
	}
	dir := filepath.Join(t.TempDir(), "site")
	if err := replace(dir, fill("x")); err != nil {
		t.Fatal(err)
	}
	var builds sync.WaitGroup
	for range 4 {
		builds.Go(func() {
			for range 25 {
				if err := replace(dir, fill("x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { builds.Wait(); close(done) }()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		if _, err := os.Stat(dir); err != nil {
			t.Fatalf("there is no site: %v", err)
		}
	}
	want(t, dir, "x")
}

// TestSweep has what builds that were killed left behind: the old goes, that of
// a build at work stays.
func TestSweep(t *testing.T) {
	parent := t.TempDir()
	for name, age := range map[string]time.Duration{".site-new-1": 2 * time.Hour, ".site-new-2": time.Minute, "site": 3 * time.Hour} {
		if err := os.Mkdir(filepath.Join(parent, name), 0o755); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(parent, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	sweep(parent, ".site-new-")
	for name, stays := range map[string]bool{".site-new-1": false, ".site-new-2": true, "site": true} {
		if _, err := os.Stat(filepath.Join(parent, name)); (err == nil) != stays {
			t.Errorf("%s: %v, want it to stay: %v", name, err, stays)
		}
	}
}
