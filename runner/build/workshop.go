package build

import (
	"context"
	"io/fs"
	"path/filepath"
	"reflect"
	"sync"

	"sockets/runner/export"
	"sockets/runner/lesson"
	"sockets/runner/page"
	"sockets/runner/recording"
)

// A Workshop makes the site again and again, and keeps what one time has in
// common with the next: an edit of a lesson's prose reads that lesson, runs
// nothing, and renders its pages and those that are made of all lessons. Site is
// for one goroutine.
type Workshop struct {
	o        Options
	parsed   map[string]parsed // by the lesson's folder
	made     results
	code     string // the state of all that made depends on, but the front matter
	declared []declaration

	rendering sync.Mutex // a page is rendered by one at a time
	kept      page.Kept
	last      *page.Site // that Site gave; nil before
}

// A declaration is what front matter says of a lesson's runs.
type declaration struct {
	lesson           string
	needs, platforms []string
	runs             []lesson.Run
}

// A parsed is a lesson as it was read, and the state of its folder then.
type parsed struct {
	state string
	page  *page.Page
}

// NewWorkshop is a workshop for these options; Out is not needed, and Numbers
// are not heeded.
func NewWorkshop(o Options) *Workshop {
	o.Numbers = nil
	return &Workshop{o: o, parsed: make(map[string]parsed)}
}

// Site makes the site of what is in the tree now, running what changed, and
// gives its files by name, but those for which [Workshop.Download] is asked. The errors are those of the function [Site].
func (w *Workshop) Site(ctx context.Context) (map[string][]byte, error) {
	course, err := load(w.o.Root, w.parse)
	if err != nil {
		return nil, err
	}
	if err := w.record(ctx, course); err != nil {
		return nil, err
	}
	w.rendering.Lock()
	defer w.rendering.Unlock()
	var mu sync.Mutex
	files := make(map[string][]byte)
	s := w.o.site(course, w.made)
	s.Downloads = export.Offered
	err = s.Render(ctx, &w.kept, func(name string, data []byte) error {
		mu.Lock()
		defer mu.Unlock()
		files[name] = data
		return nil
	})
	if err != nil {
		return nil, related(w.o.Root, err)
	}
	w.last = s
	return files, nil
}

// Download makes one of the files that the last site offers beside its pages. The
// error is fs.ErrNotExist if it offers none of that name. It may be called at any
// time.
func (w *Workshop) Download(ctx context.Context, name string) ([]byte, error) {
	w.rendering.Lock()
	defer w.rendering.Unlock()
	if w.last == nil {
		return nil, fs.ErrNotExist
	}
	return export.Make(ctx, w.last, name)
}

// parse reads the lesson, unless its folder is as it was the last time.
func (w *Workshop) parse(dir string) (*page.Page, lesson.Mistakes) {
	now, err := state(dir, func(string) bool { return true })
	if was, ok := w.parsed[dir]; ok && err == nil && was.state == now {
		return was.page, nil
	}
	p, mistakes := parse(dir)
	if err == nil && len(mistakes) == 0 {
		w.parsed[dir] = parsed{now, p}
	} else {
		delete(w.parsed, dir)
	}
	return p, mistakes
}

// record makes the recordings that are needed, if any run may have changed. A
// recording that says the same as before stays the same value.
func (w *Workshop) record(ctx context.Context, c *Course) error {
	code, err := state(w.o.Root, recorded)
	if err != nil {
		return err
	}
	var declared []declaration
	for _, l := range c.Lessons {
		declared = append(declared, declaration{l.Number, l.Needs, l.Platforms, l.Runs})
	}
	if code == w.code && reflect.DeepEqual(declared, w.declared) {
		return nil
	}
	made, err := c.record(ctx, w.o)
	if err != nil {
		return err
	}
	for at, r := range made {
		if old := w.made[at]; old != nil && equal(old, r) {
			made[at] = old
		}
	}
	w.made, w.code, w.declared = made, code, declared
	return nil
}

// recorded reports whether a recording may depend on the file: on all but prose
// and its figures, what is made here, and what is never run for a page.
func recorded(path string) bool {
	switch filepath.Base(path) {
	case ".git", ".cache", "public", "solution", "exercise":
		return false
	}
	return filepath.Ext(path) != ".md"
}

func equal(a, b *recording.Recording) bool {
	x, err := a.Encode()
	if err != nil {
		return false
	}
	y, err := b.Encode()
	return err == nil && string(x) == string(y)
}
