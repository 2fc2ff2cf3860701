package practice

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestReplace has the file change after it was compared and before it is replaced.
func TestReplace(t *testing.T) {
	const name = ".main.go-new"
	was := fileOf([]byte(stub)).Digest
	for what, c := range map[string]struct {
		digest  string // that the page had read
		between func(d *desk) error
		changed bool
		want    string // main.go in the end; empty if it is no file
	}{
		"nothing":             {was, func(*desk) error { return nil }, false, "mine"},
		"a save":              {was, func(d *desk) error { return d.replaced("theirs") }, true, "theirs"},
		"the same text again": {was, func(d *desk) error { return d.replaced(stub) }, false, "mine"},
		"a save in its place": {was, func(d *desk) error { return os.WriteFile(d.file(), []byte("theirs"), 0o600) }, true, "theirs"},
		"no text":             {was, func(d *desk) error { return d.replaced("theirs\xff") }, true, "theirs\xff"},
		"a removal":           {was, func(d *desk) error { return os.Remove(d.file()) }, true, ""},
		"a first save":        {"", func(d *desk) error { return d.replaced("theirs") }, true, "theirs"},
		"no file as before":   {"", func(d *desk) error { return os.Remove(d.file()) }, false, "mine"},
		"a link": {was, func(d *desk) error {
			return errors.Join(os.Remove(d.file()), os.Symlink("nowhere", d.file()))
		}, true, ""},
		"a folder": {was, func(d *desk) error {
			return errors.Join(os.Remove(d.file()), os.Mkdir(d.file(), 0o700))
		}, true, ""},
	} {
		t.Run(what, func(t *testing.T) {
			d := sit(t)
			dir := d.exercise()
			if err := errors.Join(dir.WriteFile(name, []byte("mine"), 0o600), c.between(d)); err != nil {
				t.Fatal(err)
			}
			before, _ := dir.Lstat(mainFile)
			changed, err := replace(dir, name, c.digest)
			if err != nil || changed != c.changed {
				t.Errorf("it has changed: %v, %v; want %v", changed, err, c.changed)
			}
			after, _ := dir.Lstat(mainFile)
			if changed && (before == nil) != (after == nil) || changed && before != nil && !os.SameFile(before, after) {
				t.Errorf("main.go was %v and is %v", before, after)
			}
			if got, err := dir.ReadFile(mainFile); string(got) != c.want || err != nil && c.want != "" {
				t.Errorf("main.go has %q, %v; want %q", got, err, c.want)
			}
			if got, err := dir.ReadFile(name); changed && string(got) != "mine" {
				t.Errorf("beside it is %q, %v; want what was not written", got, err)
			}
		})
	}
}

// TestReplaceWhileWritten replaces a file that an editor has opened to write, and
// has not written yet.
func TestReplaceWhileWritten(t *testing.T) {
	d := sit(t)
	dir := d.exercise()
	f, err := os.OpenFile(d.file(), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if !written(dir, mainFile) {
		t.Skip("this file system has no leases")
	}
	if err := dir.WriteFile(".main.go-new", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if changed, err := replace(dir, ".main.go-new", fileOf([]byte(stub)).Digest); err != nil || !changed {
		t.Errorf("it has changed: %v, %v; want true", changed, err)
	}
	if _, err := f.WriteString("theirs"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(d.file()); err != nil || string(got) != "theirs"+stub[len("theirs"):] {
		t.Errorf("main.go has %q, %v", got, err)
	}
}

// TestReplaceStorm has an editor save the stub and then another text, over and over,
// while a page writes what it made of the stub: the other text is there to stay.
func TestReplaceStorm(t *testing.T) {
	d := sit(t)
	if err := unix.Renameat2(unix.AT_FDCWD, d.file(), unix.AT_FDCWD, d.file(), unix.RENAME_EXCHANGE); cannot(err) {
		t.Skipf("this file system has only the plain rename: %v", err)
	}
	was := fileOf([]byte(stub)).Digest
	done := make(chan struct{})
	var page sync.WaitGroup
	wrote := 0
	page.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				if _, err := d.room.write("05", "mine", was); err == nil {
					wrote++
				}
			}
		}
	})
	for i := range 500 {
		if err := d.replaced(stub); err != nil {
			t.Fatal(err)
		}
		for next := time.Now().Add(rand.N(300 * time.Microsecond)); time.Now().Before(next); { // a sleep is far longer
		}
		theirs := fmt.Sprint("theirs ", i)
		if err := d.replaced(theirs); err != nil {
			t.Fatal(err)
		}
		var got []byte
		for end := time.Now().Add(5 * time.Second); string(got) != theirs && time.Now().Before(end); {
			got, _ = os.ReadFile(d.file())
		}
		if string(got) != theirs {
			t.Errorf("the text %q was written over: main.go has %q", theirs, got)
			break
		}
	}
	close(done)
	page.Wait()
	if wrote == 0 {
		t.Error("the page never came to write")
	}
	d.alone()
}

// exercise is the folder.
func (d *desk) exercise() *os.Root {
	d.t.Helper()
	dir, err := d.room.enter("05")
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = dir.Close() })
	return dir
}

// replaced saves the file as an editor does that writes another one.
func (d *desk) replaced(text string) error {
	beside := filepath.Join(d.root, "beside")
	return errors.Join(os.WriteFile(beside, []byte(text), 0o600), os.Rename(beside, d.file()))
}
