package practice

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"unicode/utf8"

	"sockets/runner/handin"
)

// mainFile is the one file of an exercise that pages can read and write.
const mainFile = "main.go"

// A File is an exercise's main.go as it is on the disk.
type File struct {
	Text   string `json:"text"`
	Digest string `json:"digest"` // of Text; empty if there is no such file
}

func fileOf(text []byte) File {
	sum := sha256.Sum256(text)
	return File{string(text), hex.EncodeToString(sum[:])}
}

var lessonNumber = regexp.MustCompile(`^[0-9]{2}$`)

// nameOf is what a reader knows the file by.
func nameOf(number string) string { return path.Join("lessons", number, "exercise", mainFile) }

// enter opens the folder of an exercise. No link on the way to it is followed.
func (r *Room) enter(number string) (_ *os.Root, err error) {
	if !lessonNumber.MatchString(number) {
		return nil, refuse(http.StatusNotFound, "there is no exercise %q; its number is that of its lesson, 01 or 26", number)
	}
	lessons, err := os.OpenRoot(filepath.Join(r.Root, "lessons"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lessons.Close()) }()
	folder := path.Join(number, "exercise")
	for _, name := range []string{number, folder} {
		info, err := lessons.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, refuse(http.StatusNotFound, "lesson %s has no exercise; there is no folder lessons/%s", number, name)
		case err != nil:
			return nil, err
		case !info.IsDir():
			return nil, refuse(http.StatusUnprocessableEntity, "lessons/%s is no folder, or a link to one; the folder itself would be right", name)
		}
	}
	return lessons.OpenRoot(folder)
}

// load reads a file in the folder of an exercise, and says how it may be used. A
// file that is not there has no digest.
func load(dir *os.Root, name, number string) (_ File, mode fs.FileMode, err error) {
	before, err := dir.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return File{}, 0o644, nil
	case err != nil:
		return File{}, 0, err
	case !before.Mode().IsRegular():
		return File{}, 0, refuse(http.StatusUnprocessableEntity, "%s is a link, or no regular file; the file itself would be right", nameOf(number))
	}
	f, err := dir.Open(name)
	if err != nil {
		return File{}, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if after, err := f.Stat(); err != nil {
		return File{}, 0, err
	} else if !os.SameFile(before, after) {
		return File{}, 0, fmt.Errorf("read %s: it has just become another file; try again", nameOf(number))
	}
	text, err := io.ReadAll(io.LimitReader(f, handin.MaxFile+1))
	if err != nil {
		return File{}, 0, err
	}
	if err := fits(number, text); err != nil {
		return File{}, 0, err
	}
	return fileOf(text), before.Mode().Perm(), nil
}

// fits says why a text can't be main.go here; nil if it can.
func fits(number string, text []byte) error {
	switch {
	case len(text) > handin.MaxFile:
		return refuse(http.StatusRequestEntityTooLarge, "%s has more than the %d bytes that a file of an exercise may have", nameOf(number), handin.MaxFile)
	case !utf8.Valid(text):
		return refuse(http.StatusUnprocessableEntity, "%s is not UTF-8, as the text of a Go program is", nameOf(number))
	}
	return nil
}

// read is main.go of an exercise.
func (r *Room) read(number string) (_ File, err error) {
	dir, err := r.enter(number)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	f, _, err := load(dir, mainFile, number)
	return f, err
}

// errChanged is why nothing was written: main.go is not what the page had read.
var errChanged = errors.New("the file has changed since the page read it")

// write makes a text main.go of an exercise, if it still has the digest. Whoever
// reads the file meanwhile sees the old text or the new one, whole. Given is main.go
// as it is now.
func (r *Room) write(number, text, digest string) (now File, err error) {
	if err := fits(number, []byte(text)); err != nil {
		return File{}, err
	}
	dir, err := r.enter(number)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	r.writing.Lock() // of two pages with one digest, one is first
	defer r.writing.Unlock()
	sweep(dir)
	name := newName()
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, err
	}
	defer func() {
		if err != nil {
			_ = dir.Remove(name) // the error is what there is to say
		}
	}()
	_, err = io.Copy(f, bytes.NewReader([]byte(text)))
	if err = errors.Join(err, f.Sync()); err != nil {
		return File{}, errors.Join(err, f.Close())
	}
	now, mode, err := load(dir, mainFile, number)
	switch {
	case err != nil:
	case now.Digest != digest:
		err = errChanged
	case mode&0o200 == 0:
		err = refuse(http.StatusUnprocessableEntity, "%s may only be read; allow its owner to write it, and save again", nameOf(number))
	default:
		err = f.Chmod(mode)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return now, err
	}
	changed, err := replace(dir, name, digest)
	switch {
	case err != nil:
		return now, err
	case changed:
		if now, _, err = load(dir, mainFile, number); err != nil {
			return File{}, err
		}
		return now, errChanged
	}
	_ = dir.Remove(name) // what was replaced, if it is still there; a sweep comes
	return fileOf([]byte(text)), nil
}
