package watch

import (
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A snapshot is what everything looked like at one time, by path.
type snapshot map[string]look

// A look is what one file or folder looked like.
type look struct {
	info  fs.FileInfo
	bytes uint64 // what it held, if it was young: 0 is not known
}

// young is how long after it was written a file may be written again without
// looking different: the clock of a file system may be as coarse as this.
const young = 2 * time.Second

// most is how much of a young file is read: beyond that the clock must do.
const most = 4 << 20

var seed = maphash.MakeSeed()

// take looks at everything. What can't be read, or vanishes meanwhile, is not
// there.
func take(t Tree) snapshot {
	s := make(snapshot)
	now := time.Now()
	add := func(path string, info fs.FileInfo) {
		l := look{info: info}
		if info.Mode().IsRegular() && now.Sub(info.ModTime()) < young {
			l.bytes = sum(path)
		}
		s[path] = l
	}
	for _, folder := range t.Folders {
		if info, err := os.Stat(folder); err == nil && !info.IsDir() {
			add(folder, info)
			continue
		}
		// The separator makes it the folder that a symbolic link leads to.
		_ = filepath.WalkDir(folder+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error {
			path = filepath.Clean(path)
			switch {
			case err != nil:
				return nil //nolint:nilerr // it is not there
			case t.Skip == nil || path == folder || !t.Skip(path):
				if info, err := e.Info(); err == nil {
					add(path, info)
				}
			case e.IsDir():
				return filepath.SkipDir
			}
			return nil
		})
	}
	return s
}

// sum tells one content of a file from another; it is 0 if the file can't be read.
func sum(path string) uint64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	var h maphash.Hash
	h.SetSeed(seed)
	if _, err := io.Copy(&h, io.LimitReader(f, most)); err != nil {
		return 0
	}
	return h.Sum64() | 1
}

// compare gives the paths of files, not folders, that differ.
func (s snapshot) compare(now snapshot) []string {
	var changed []string
	for path, before := range s {
		after, ok := now[path]
		switch {
		case !ok && !before.info.IsDir():
			changed = append(changed, path)
		case ok && (!before.info.IsDir() || !after.info.IsDir()) && before.differs(after, path):
			changed = append(changed, path)
		}
	}
	for path, after := range now {
		if _, ok := s[path]; !ok && !after.info.IsDir() {
			changed = append(changed, path)
		}
	}
	return changed
}

// differs reports whether a file is another than it was.
func (before look) differs(after look, path string) bool {
	a, b := before.info, after.info
	if a.Size() != b.Size() || a.Mode() != b.Mode() || !a.ModTime().Equal(b.ModTime()) {
		return true
	}
	if before.bytes == 0 {
		return false
	}
	if after.bytes == 0 {
		after.bytes = sum(path)
	}
	return before.bytes != after.bytes
}
