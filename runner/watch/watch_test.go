package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// both runs a test with a watch that the system tells, and with one that polls.
func both(t *testing.T, f func(t *testing.T, poll time.Duration)) {
	t.Helper()
	t.Run("told", func(t *testing.T) { f(t, 0) })
	t.Run("polls", func(t *testing.T) { f(t, 5*time.Millisecond) })
}

func open(t *testing.T, tree Tree) *Watch {
	t.Helper()
	w, err := Open(tree)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if polls, why := w.Polls(); polls != (tree.Poll > 0) || why != nil {
		t.Errorf("Polls() = %v, %v", polls, why)
	}
	return w
}

// next is the next changes, below the folder.
func next(t *testing.T, w *Watch, dir string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	paths, err := w.Next(ctx)
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	for i, p := range paths {
		if paths[i], err = filepath.Rel(dir, p); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// nothing fails if something has changed.
func nothing(t *testing.T, w *Watch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if paths, err := w.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Next = %v, %v; nothing has changed", paths, err)
	}
}

func write(t *testing.T, text string, path ...string) {
	t.Helper()
	file := filepath.Join(path...)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
}

// TestRapidSaves saves 1,000 times, as fast as can be and always as many bytes,
// by writing over the file or by renaming another to its name. The last of them
// is always told.
func TestRapidSaves(t *testing.T) {
	const saves = 1000
	for name, save := range map[string]func(file, text string) error{
		"in place": func(file, text string) error { return os.WriteFile(file, []byte(text), 0o644) },
		"renamed": func(file, text string) error {
			other := file + "~"
			return errors.Join(os.WriteFile(other, []byte(text), 0o644), os.Rename(other, file))
		},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, poll time.Duration) {
				t.Helper()
				dir := t.TempDir()
				file := filepath.Join(dir, "main.go")
				write(t, "    ", file)
				w := open(t, Tree{Folders: []string{dir}, Poll: poll})
				saved := make(chan error, 1)
				go func() {
					var errs []error
					for i := range saves {
						errs = append(errs, save(file, fmt.Sprintf("%4d", i+1)))
					}
					saved <- errors.Join(errs...)
				}()
				told := 0
				for last := fmt.Sprintf("%4d", saves); ; {
					next(t, w, dir)
					told++
					if text, err := os.ReadFile(file); err == nil && string(text) == last {
						break
					}
				}
				if err := <-saved; err != nil {
					t.Error(err)
				}
				if told > saves {
					t.Errorf("told %d times of %d saves", told, saves)
				}
				// What was read may have been told before its look; then never again.
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				if _, err := w.Next(ctx); err == nil {
					nothing(t, w)
				}
			})
		})
	}
}

// TestWhatChanges has each kind of change, and what is not one.
func TestWhatChanges(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		t.Helper()
		dir := t.TempDir()
		write(t, "a", dir, "a.go")
		write(t, "b", dir, "sub", "b.go")
		write(t, "x", dir, "public", "x.html")
		w := open(t, Tree{Folders: []string{dir}, Poll: poll, Skip: func(path string) bool { return filepath.Base(path) == "public" }})
		nothing(t, w)
		write(t, "y", dir, "public", "deep", "y.html")
		nothing(t, w)
		write(t, "bb", dir, "sub", "b.go")
		want(t, next(t, w, dir), filepath.Join("sub", "b.go"))

		// Whole folders, of which the system can't tell as fast as they come.
		tree := t.TempDir()
		write(t, "c", tree, "1", "2", "3", "c.go")
		write(t, "d", tree, "1", "d.go")
		if err := os.Rename(filepath.Join(tree, "1"), filepath.Join(dir, "new")); err != nil {
			t.Fatal(err)
		}
		want(t, next(t, w, dir), filepath.Join("new", "2", "3", "c.go"), filepath.Join("new", "d.go"))
		write(t, "cc", dir, "new", "2", "3", "c.go")
		want(t, next(t, w, dir), filepath.Join("new", "2", "3", "c.go"))
		if err := os.RemoveAll(filepath.Join(dir, "new")); err != nil {
			t.Fatal(err)
		}
		gone := next(t, w, dir)
		if len(gone) == 1 {
			gone = append(gone, next(t, w, dir)...)
		}
		if len(gone) != 2 {
			t.Errorf("gone: %q", gone)
		}

		// Neither the time nor the size tells of it.
		file := filepath.Join(dir, "a.go")
		write(t, "A", file)
		want(t, next(t, w, dir), "a.go")
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, "B", file)
		if err := os.Chtimes(file, time.Time{}, info.ModTime()); err != nil {
			t.Fatal(err)
		}
		want(t, next(t, w, dir), "a.go")

		// Between two calls.
		write(t, "c", dir, "c.go")
		write(t, "e", dir, "e.go")
		want(t, next(t, w, dir), "c.go", "e.go")
		nothing(t, w)
	})
}

// TestVanishingFolder has a folder that is not there, comes, is removed, comes
// back, and makes way for another of its name; another vanishes with the folder
// above it.
func TestVanishingFolder(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		t.Helper()
		dir := t.TempDir()
		folder := filepath.Join(dir, "lessons", "05", "exercise")
		w := open(t, Tree{Folders: []string{folder, filepath.Join(dir, "go.mod")}, Poll: poll})
		nothing(t, w)
		for range 3 {
			write(t, "a", folder, "main.go")
			want(t, next(t, w, folder), "main.go")
			write(t, "aa", folder, "main.go")
			want(t, next(t, w, folder), "main.go")
			if err := os.RemoveAll(filepath.Join(dir, "lessons")); err != nil {
				t.Fatal(err)
			}
			want(t, next(t, w, folder), "main.go")
		}
		write(t, "module m", dir, "go.mod")
		want(t, next(t, w, dir), "go.mod")

		write(t, "1", folder, "main.go")
		want(t, next(t, w, folder), "main.go")
		other := filepath.Join(dir, "other")
		write(t, "other", other, "main.go")
		if err := errors.Join(os.Rename(folder, folder+"~"), os.Rename(other, folder)); err != nil {
			t.Fatal(err)
		}
		for {
			next(t, w, folder)
			if text, err := os.ReadFile(filepath.Join(folder, "main.go")); err == nil && string(text) == "other" {
				break
			}
		}
		write(t, "old", folder+"~", "main.go")
		write(t, "edit", folder, "main.go")
		want(t, next(t, w, folder), "main.go")
		nothing(t, w)
	})
}

// TestSymbolicLink watches a folder by another name.
func TestSymbolicLink(t *testing.T) {
	both(t, func(t *testing.T, poll time.Duration) {
		t.Helper()
		dir := t.TempDir()
		write(t, "a", dir, "real", "a.go")
		link := filepath.Join(dir, "link")
		if err := os.Symlink(filepath.Join(dir, "real"), link); err != nil {
			t.Skip(err)
		}
		w := open(t, Tree{Folders: []string{link}, Poll: poll})
		write(t, "aa", dir, "real", "a.go")
		want(t, next(t, w, link), "a.go")
	})
}

// TestNoWatchesLeft has a system that tells of nothing: the watch polls.
func TestNoWatchesLeft(t *testing.T) {
	dir := t.TempDir()
	w := open(t, Tree{Folders: []string{dir}})
	if err := w.notify.Close(); err != nil { // Add fails from now on
		t.Fatal(err)
	}
	write(t, "a", dir, "new", "a.go")
	want(t, next(t, w, dir), filepath.Join("new", "a.go"))
	if polls, why := w.Polls(); !polls || why == nil {
		t.Errorf("Polls() = %v, %v", polls, why)
	}
	write(t, "aa", dir, "new", "a.go")
	want(t, next(t, w, dir), filepath.Join("new", "a.go"))
}

// TestLeavesNothing opens and closes watches, of which some wait.
func TestLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	before := runtime.NumGoroutine()
	for range 50 {
		w, err := Open(Tree{Folders: []string{dir}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := w.Next(ctx)
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Next = %v, want canceled", err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	for patience := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(patience) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
	if runtime.GOOS != "linux" {
		return
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.Contains(to, "inotify") {
			t.Errorf("descriptor %s: %s", fd.Name(), to)
		}
	}
}
