package watch

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// A notify asks the system to tell when it is worth looking.
type notify struct {
	*fsnotify.Watcher
	folders map[string]fs.FileInfo // that it tells of
	missed  error                  // the last it had to say beside that; the look finds what it is about
}

func newNotify() (*notify, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return &notify{Watcher: w, folders: make(map[string]fs.FileInfo)}, nil
}

// follow has the system tell of every folder of the snapshot, and of the nearest
// one above a folder that is missing. It reports whether any is new, in which
// something may have changed before.
func (n *notify) follow(s snapshot, roots []string) (more bool, err error) {
	want := make(map[string]fs.FileInfo)
	for path, l := range s {
		if l.info.IsDir() {
			want[path] = l.info
		}
	}
	for _, root := range roots {
		if _, ok := want[root]; ok {
			continue
		}
		path, info := above(root)
		want[path] = info
	}
	for path, info := range n.folders {
		if now, ok := want[path]; !ok || !os.SameFile(now, info) {
			_ = n.Remove(path) // it may have gone with its folder
			delete(n.folders, path)
		}
	}
	for path, info := range want {
		if _, ok := n.folders[path]; ok {
			continue
		}
		more = true // also if it has gone again
		switch err := n.Add(path); {
		case err == nil, errors.Is(err, fs.ErrPermission): // of what we may not see nothing is told
			n.folders[path] = info
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
	}
	return more, nil
}

// above is the nearest folder above the path that is there.
func above(path string) (string, fs.FileInfo) {
	for {
		path = filepath.Dir(path)
		info, err := os.Stat(path)
		if err == nil && info.IsDir() || path == filepath.Dir(path) {
			return path, info
		}
	}
}

// wait waits for the system to tell something.
func (n *notify) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case _, ok := <-n.Events:
		if !ok {
			return fsnotify.ErrClosed
		}
	case n.missed = <-n.Errors:
	}
	return nil
}
