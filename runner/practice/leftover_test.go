package practice

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// TestSweep has what crashes left beside the file, and what only looks like it.
func TestSweep(t *testing.T) {
	old := time.Now().Add(-time.Hour)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWX"
	stay := []string{
		".main.go-" + letters + "23.bak", ".main.go-old", ".main.go-", ".main.go~", "main.go-" + letters + "23",
		".main.go-" + letters + "29" /* rand.Text has no 9 */, ".main.go-" + letters + "YY", /* a folder */
	}
	fill := func(d *desk) (dead, young string) {
		dir := filepath.Dir(d.file())
		dead, young = filepath.Join(dir, ".main.go-"+letters+"23"), filepath.Join(dir, ".main.go-"+letters+"32")
		for _, name := range append([]string{filepath.Base(dead), filepath.Base(young)}, stay...) {
			path, make := filepath.Join(dir, name), func(p string) error { return os.WriteFile(p, []byte("x"), 0o600) }
			if name == stay[len(stay)-1] {
				make = func(p string) error { return os.Mkdir(p, 0o700) }
			}
			err := make(path)
			if path != young {
				err = errors.Join(err, os.Chtimes(path, old, old))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return dead, young
	}
	// On Linux a file has another time, which nobody can set.
	real := age
	t.Cleanup(func() { age = real })
	age = func(info os.FileInfo) time.Duration { return time.Since(info.ModTime()) }
	swept := func(d *desk, dead, young string) {
		t.Helper()
		var names []string
		entries, err := os.ReadDir(filepath.Dir(d.file()))
		for _, e := range entries {
			names = append(names, e.Name())
		}
		want := append([]string{mainFile, filepath.Base(young)}, stay...)
		slices.Sort(want)
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("the folder has %q, %v; want %q: all but %s", names, err, want, filepath.Base(dead))
		}
	}

	t.Run("a save", func(t *testing.T) {
		d := sit(t)
		dead, young := fill(d)
		if status, a := d.put("x", d.get().Digest); status != 200 {
			t.Fatalf("%d %+v", status, a)
		}
		swept(d, dead, young)
	})
	t.Run("the start", func(t *testing.T) {
		d := sit(t)
		dead, young := fill(d)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.room.Run(ctx) }()
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if _, err := os.Lstat(dead); err != nil {
				break
			}
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		swept(d, dead, young)
	})
	if runtime.GOOS != "linux" {
		return
	}
	t.Run("an old text that has just been replaced", func(t *testing.T) {
		d := sit(t)
		dead, _ := fill(d)
		age = real
		d.room.sweep("05")
		if _, err := os.Lstat(dead); err != nil {
			t.Errorf("what got its name a moment ago was removed: %v", err)
		}
	})
}
