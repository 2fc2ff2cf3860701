// Package temporary makes folders for what a process needs no longer than it lives,
// and takes away those that processes have left that were killed.
//
// A folder stands where [os.TempDir] says, and its name begins with "sockets-tmp-".
// Its maker holds it by a lock, flock(2), which ends with the maker: a number of a
// process would not do, since those are given again, and differ between namespaces.
// The first folder that a process makes has it look for those that nobody holds.
// It takes away only what has such a name and belongs to the same user, and it
// follows no link.
//
// Where there is no flock, or a file system has none, nothing is taken away but by
// its maker.
package temporary

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// prefix is how the names of our folders begin.
const prefix = "sockets-tmp-"

// A Folder is a folder of this process. Its maker must Remove it.
type Folder struct {
	Path string

	held *os.File // nil where it can't be held
}

// swept is the folders in which this process has looked.
var swept sync.Map

// New makes a folder, for this user alone. What it is for becomes part of its name.
func New(what string) (*Folder, error) {
	parent := os.TempDir()
	if _, done := swept.LoadOrStore(parent, true); !done {
		sweep(parent)
	}
	// Another process may take it away before it is held: then the next is made.
	for range 10 {
		dir, err := os.MkdirTemp(parent, prefix+what+"-")
		if err != nil {
			return nil, err
		}
		held, err := hold(dir)
		switch {
		case errors.Is(err, errHeld), errors.Is(err, os.ErrNotExist):
			continue
		case err != nil:
			return &Folder{Path: dir}, nil //nolint:nilerr // it is there, though nobody can take it away if we are killed
		}
		if _, err := os.Lstat(dir); err == nil {
			return &Folder{dir, held}, nil
		}
		_ = held.Close()
	}
	return nil, fmt.Errorf("make a folder in %s: others take it away at once", parent)
}

// Remove takes the folder away with all that is in it.
func (f *Folder) Remove() error {
	err := os.RemoveAll(f.Path)
	if f.held != nil {
		err = errors.Join(err, f.held.Close())
	}
	f.held = nil
	return err
}

// errHeld says that another process has the folder.
var errHeld = errors.New("it is held by another process")

// sweep takes away the folders in the parent whose makers are gone. What can't be
// taken away stays: another time.
func sweep(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		if held, err := hold(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = held.Close()
		}
	}
}
