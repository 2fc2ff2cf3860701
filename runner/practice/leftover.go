package practice

import (
	"crypto/rand"
	"io/fs"
	"os"
	"regexp"
	"time"
)

// newName is what a text is called while it is written. It is no Go file's, so that
// it is neither judged nor watched.
func newName() string { return "." + mainFile + "-" + rand.Text() }

var newNames = regexp.MustCompile(`^\.main\.go-[A-Z2-7]{26}$`)

// dead is how long after its last change such a file is nobody's: a save takes
// no more than the disk does.
const dead = 10 * time.Minute

// age is how long ago the file was last changed.
var age = func(info fs.FileInfo) time.Duration { return time.Since(touched(info)) }

// sweep removes what saves left in the folder that never came to their end, because
// the machine or the runner did. What can't be removed is left to the next sweep.
func sweep(dir *os.Root) {
	entries, _ := fs.ReadDir(dir.FS(), ".")
	for _, e := range entries {
		if !newNames.MatchString(e.Name()) {
			continue
		}
		info, err := dir.Lstat(e.Name())
		if err == nil && info.Mode().IsRegular() && age(info) > dead {
			_ = dir.Remove(e.Name())
		}
	}
}

// sweep is sweep in the exercise of a lesson.
func (r *Room) sweep(number string) {
	dir, err := r.enter(number)
	if err != nil {
		return // there is no exercise
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	sweep(dir)
	_ = dir.Close() // was only read
}
