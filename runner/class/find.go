package class

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sockets/runner/handin"
)

// A class is what stands in the folder that was handed in.
type class struct {
	root     *os.Root
	numbers  []string // of its exercises
	uploads  []upload // by student and exercise
	students []string // who has anything there
}

// An upload is what a student handed in for an exercise.
type upload struct {
	student  string
	exercise string // "" is all of them
	at       []string
	archive  bool   // at is one of everything the student handed in
	refused  string // why there is nothing in it for a compiler
}

// where is the upload's path, for people.
func (u upload) where() string { return path.Join(u.at...) }

// maxStudents and maxEntries bound what a folder may hold.
const (
	maxStudents = 100_000
	maxEntries  = 4096
)

// find looks through the folder that was handed in. It reads no submission.
func find(o Options) (_ *class, err error) {
	if err := apart(o.Dir, o.Out); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return nil, misuse("there is no class: %w", err)
	}
	c := &class{root: root}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Close())
		}
	}()
	entries, err := readDir(root, maxStudents)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", o.Dir, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "__MACOSX" {
			continue
		}
		if !c.entry(o, e) && o.Warn != nil {
			o.Warn(fmt.Sprintf("%q is neither a student's folder nor an archive, and is left out", filepath.Join(o.Dir, e.Name())))
		}
	}
	return c, c.settle(o)
}

// readDir gives what is in a folder, by name.
func readDir(root *os.Root, most int) (_ []fs.DirEntry, err error) {
	f, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	entries, err := f.ReadDir(most + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(entries) > most {
		return nil, handin.Mistakes{{File: ".", Text: fmt.Sprintf("it has more than %d entries", most)}}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// entry takes one entry of the class's folder, and reports whether it is a
// student's.
func (c *class) entry(o Options, e fs.DirEntry) bool {
	name, packed := unpacked(e.Name())
	u := upload{at: []string{e.Name()}}
	switch {
	case e.IsDir():
		u.student = id(e.Name())
		c.students = append(c.students, u.student)
		c.folder(o, u)
		return true
	case !e.Type().IsRegular():
		u.student, u.refused = id(name), e.Name()+": it is a link, or no regular file; hand in a folder, a zip or a tar file"
	case packed:
		u.student, u.archive = id(name), true
	default:
		return false
	}
	c.students = append(c.students, u.student)
	c.uploads = append(c.uploads, u)
	return true
}

// folder takes what stands in a student's own folder: exercises by their numbers
// or, where one exercise alone is asked for and the folder has none, that.
func (c *class) folder(o Options, u upload) {
	entries, err := func() (_ []fs.DirEntry, err error) {
		sub, err := handin.Sub(c.root, u.at[0])
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, sub.Close()) }()
		return readDir(sub, maxEntries)
	}()
	if err != nil {
		u.refused = fmt.Sprintf("%s: it can't be read: %v", u.at[0], err)
		c.uploads = append(c.uploads, u)
		return
	}
	numbered := false
	for _, e := range entries {
		number := e.Name()
		if e.Type().IsRegular() {
			var packed bool
			if number, packed = unpacked(number); !packed {
				continue
			}
		}
		if handin.IsNumber(number) {
			numbered = true
			c.uploads = append(c.uploads, upload{student: u.student, exercise: number, at: []string{u.at[0], e.Name()}})
		}
	}
	if number := o.only(); !numbered && number != "" && len(entries) > 0 {
		u.exercise = number
		if name, ok := alone(entries); ok {
			u.at = append(u.at, name)
		}
		c.uploads = append(c.uploads, u)
	}
}

// alone is the one folder or archive, if there is nothing else.
func alone(entries []fs.DirEntry) (name string, ok bool) {
	var seen []fs.DirEntry
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			seen = append(seen, e)
		}
	}
	if len(seen) != 1 {
		return "", false
	}
	_, packed := unpacked(seen[0].Name())
	return seen[0].Name(), seen[0].IsDir() || packed && seen[0].Type().IsRegular()
}

// unpacked is the name of an archive without what says that it is one.
func unpacked(name string) (base string, packed bool) {
	for _, end := range []string{".zip", ".tar", ".tar.gz", ".tgz"} {
		if n := len(name) - len(end); n > 0 && strings.EqualFold(name[n:], end) {
			return name[:n], true
		}
	}
	return name, false
}

// id is a student's name, from that of a file: some text in UTF-8.
func id(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	quoted := strconv.QuoteToGraphic(name)
	return quoted[1 : len(quoted)-1]
}

// take reads an upload. What is wrong with it is text for its author; an error is
// the machine's.
func (c *class) take(u upload) (s *handin.Submission, refused string, err error) {
	if u.refused != "" {
		return nil, u.refused, nil
	}
	switch {
	case u.archive:
		var parts map[string]handin.Part
		if parts, err = c.parts(u); err == nil {
			p := parts[u.exercise]
			if s = p.Submission; p.Mistakes != nil {
				err = p.Mistakes
			} else if s == nil {
				err = handin.Mistakes{{File: u.where(), Text: "it has changed while it was graded"}}
			}
		}
	default:
		s, err = c.collect(u)
	}
	var mistakes handin.Mistakes
	switch {
	case errors.As(err, &mistakes):
		return s, mistakes.Error(), nil
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Sprintf("%s: it can't be read: %v", u.where(), err), nil
	case err != nil:
		return nil, "", fmt.Errorf("read %s: %w", u.where(), err)
	}
	return s, "", nil
}

func (c *class) collect(u upload) (_ *handin.Submission, err error) {
	if len(u.at) == 1 {
		return handin.CollectIn(c.root, u.at[0])
	}
	sub, err := handin.Sub(c.root, u.at[0])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sub.Close()) }()
	return handin.CollectIn(sub, u.at[1])
}

func (c *class) parts(u upload) (map[string]handin.Part, error) {
	text, err := handin.ReadArchive(c.root, u.at[0])
	if err != nil {
		return nil, err
	}
	return handin.Several(u.at[0], text)
}
