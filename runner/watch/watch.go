// Package watch tells which files below some folders have changed.
//
//	w, err := watch.Open(watch.Tree{Folders: []string{"lessons/05/exercise"}})
//	defer w.Close()
//	for {
//		paths, err := w.Next(ctx) // as soon as something has, or ctx is done
//	}
//
// What has changed is found by comparing what files look like (size, time, mode,
// and of what was written just now the bytes) with what they looked like before.
// The system is only asked when it is worth looking. So it does not matter in how
// many steps an editor saves, whether it writes over the file or renames another
// to its name, whether a folder vanishes and comes back, or that the system forgot
// to tell: the next look finds all of it.
//
// Where the system can't tell, or on request, the watch looks again and again.
//
// Nothing is lost between two calls of Next, and nothing happens either: what
// changes meanwhile is told by the next call. The package reads no file's meaning,
// follows no symbolic link but one that is a folder of the tree, and runs nothing.
package watch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Tree is what to watch.
type Tree struct {
	Folders []string // or files; each with all that is below; what is missing is waited for

	// Skip reports which files and folders below are left out, with all that is
	// below them. If it is nil, none is.
	Skip func(path string) bool

	// Poll is how often to look, without asking the system. If it is 0, the system
	// is asked.
	Poll time.Duration

	// Quiet is how long nothing must change before it is told, so that a save in
	// several steps is one; 0 is 20 ms. Changes that never cease are told all the
	// same, after ten times as long.
	Quiet time.Duration
}

const (
	quiet    = 20 * time.Millisecond
	patience = 10                     // in times of quiet, for changes that never cease
	instead  = 500 * time.Millisecond // between looks where the system can't tell
)

// A Watch is on the look-out from [Open] to Close. It is for one goroutine.
type Watch struct {
	tree   Tree
	seen   snapshot
	notify *notify // nil if we look ourselves
	why    error
}

// Open begins a watch: what changes from now on is told.
func Open(t Tree) (*Watch, error) {
	if t.Quiet <= 0 {
		t.Quiet = quiet
	}
	w := &Watch{tree: t}
	w.tree.Folders = nil
	for _, f := range t.Folders {
		path, err := filepath.Abs(f)
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", f, err)
		}
		w.tree.Folders = append(w.tree.Folders, path)
	}
	if t.Poll <= 0 {
		if w.notify, w.why = newNotify(); w.why != nil {
			w.tree.Poll = instead
		}
	}
	w.seen = w.look()
	return w, nil
}

// Polls reports whether the watch looks by itself, and why it must; nil is because
// it was told to.
func (w *Watch) Polls() (bool, error) { return w.notify == nil, w.why }

// Close ends the watch.
func (w *Watch) Close() error {
	if w.notify == nil {
		return nil
	}
	return w.notify.Close()
}

// Next waits until something has changed since it was last told, and gives the
// paths of the files that did, came or went: absolute and sorted. The error is the
// context's, or why nothing can be watched any more.
func (w *Watch) Next(ctx context.Context) ([]string, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		now := w.look()
		changed := w.seen.compare(now)
		w.seen = now
		if len(changed) > 0 {
			slices.Sort(changed)
			return changed, nil
		}
		if err := w.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// look looks at everything. If the system tells of changes, it is asked to do so
// for all that is there before the look, so that nothing changes between.
func (w *Watch) look() snapshot {
	for {
		s := take(w.tree)
		if w.notify == nil {
			return s
		}
		more, err := w.notify.follow(s, w.tree.Folders)
		switch {
		case err != nil: // no more watches, most likely: from now on we look ourselves
			w.why = errors.Join(err, w.notify.Close())
			w.notify, w.tree.Poll = nil, instead
			return s
		case !more:
			return s
		}
	}
}

// wait waits until it is worth looking again, and then until it is quiet.
func (w *Watch) wait(ctx context.Context) error {
	if w.notify == nil {
		return sleep(ctx, w.tree.Poll)
	}
	if err := w.notify.wait(ctx); err != nil {
		return err
	}
	latest := time.NewTimer(patience * w.tree.Quiet)
	defer latest.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-latest.C:
			return nil
		case <-time.After(w.tree.Quiet):
			return nil
		case _, ok := <-w.notify.Events:
			if !ok {
				return fsnotify.ErrClosed
			}
		case w.notify.missed = <-w.notify.Errors:
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
