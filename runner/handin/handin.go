// Package handin takes a student's sources and makes a program of them, without
// letting the sources choose what else goes into it.
//
// A [Submission] is the .go files of one folder: of a directory, or of a zip or
// tar archive, whose files may all lie in one folder. Everything else in it is
// left out, and said: tests, assembly, go.mod, go.sum, go.work, vendor, data.
// What is not a regular file, links above all, is refused: a link to a file of
// the judge's would be compiled in. Files are counted and measured before they
// are read.
//
// Then every file is parsed, in this process, and held to a policy:
//
//   - It is package main.
//   - It imports the standard library, golang.org/x/sys and golang.org/x/net, and
//     not "C": cgo runs a compiler that prints any file it is asked to include.
//   - It has no //go:embed, which may put other files into the program; no
//     //go:linkname and no //go:cgo_*, which reach into the runtime; no //line,
//     which lets a compiler's complaint speak of another file.
//
// So one bad submission is found before the go command sees it, which would give
// up a whole batch. The module that the files are built in is ours: a student's
// go.mod could replace a module by a folder of the judge's.
//
// [Builder] builds many submissions with one call of the go command, in a cage:
// the compiler sees the toolchain, two modules and the sources, has no network,
// and is ended when it computes for too long.
//
// The package runs no program and judges none.
package handin

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// The most that a submission may have.
const (
	MaxFiles   = 64        // .go files
	MaxFile    = 256 << 10 // bytes of one
	MaxTotal   = 1 << 20   // bytes of all
	maxEntries = 4096      // files of any kind, in a folder or an archive
)

// A Submission is a student's sources.
type Submission struct {
	Files []File   // by name
	Left  []string // names of what was left out

	lab bool // it may import the lab: it is a lesson's own program, changed
}

// A File is one of them.
type File struct {
	Name string // without a folder: "main.go"
	Text []byte
}

// Digest tells submissions apart by their files alone.
func (s *Submission) Digest() string {
	h := sha256.New()
	for _, f := range s.Files {
		_, _ = fmt.Fprintf(h, "%q %d\n", f.Name, len(f.Text)) // a hash takes everything
		_, _ = h.Write(f.Text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A Mistake is why a submission is refused, in its author's words.
type Mistake struct {
	File string // "main.go", or what else it is about
	Line int    // 0 if it is about no line
	Text string // what is wrong, and what would be right
}

func (m Mistake) String() string {
	if m.Line == 0 {
		return m.File + ": " + m.Text
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
}

// Mistakes are all that is wrong with a submission.
type Mistakes []Mistake

func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// take adds a file, in whatever order, if it is one that is compiled.
func (s *Submission) take(name string, size int64, read func() ([]byte, error)) error {
	if !compiled(name) {
		s.Left = append(s.Left, name)
		return nil
	}
	total := size
	for _, f := range s.Files {
		total += int64(len(f.Text))
		if strings.EqualFold(f.Name, name) {
			return Mistakes{{File: name, Text: "it is there twice"}}
		}
	}
	switch {
	case size > MaxFile:
		return Mistakes{{File: name, Text: fmt.Sprintf("it has %d bytes; a file may have %d", size, MaxFile)}}
	case total > MaxTotal:
		return Mistakes{{File: name, Text: fmt.Sprintf("with it there are more than %d bytes", MaxTotal)}}
	case len(s.Files) == MaxFiles:
		return Mistakes{{File: name, Text: fmt.Sprintf("it is one more than the %d files that a program may have", MaxFiles)}}
	}
	text, err := read()
	if err != nil {
		return err
	}
	s.Files = append(s.Files, File{name, text})
	return nil
}

// compiled reports whether the go command takes a file of this name for a part of
// a program. Names that mean something to a shell or a terminal are none.
func compiled(name string) bool {
	base, isGo := strings.CutSuffix(name, ".go")
	if !isGo || base == "" || strings.HasSuffix(base, "_test") || base[0] == '_' || base[0] == '.' || base[0] == '-' || len(name) > 100 {
		return false
	}
	return !strings.ContainsFunc(base, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
	})
}

// done orders what was taken, and holds it to the policy.
func (s *Submission) done() (*Submission, error) {
	slices.SortFunc(s.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(s.Left)
	if ms := s.check(); len(ms) > 0 {
		return s, ms
	}
	return s, nil
}
