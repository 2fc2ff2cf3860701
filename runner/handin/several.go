package handin

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
)

// A Part is what an archive has for one exercise.
type Part struct {
	Submission *Submission // may be nil if there are mistakes
	Mistakes   Mistakes
}

// Several takes an archive of several exercises' submissions, by their numbers:
// the files below a folder of that name, "05/main.go" or "mine/05/main.go". What
// is wrong with one of them costs the others nothing; what is wrong with the whole
// archive is the error, of type Mistakes.
func Several(name string, text []byte) (map[string]Part, error) {
	s := several{parts: make(map[string]*archive), wrong: make(map[string]error)}
	if err := unpack(name, text, s.entry); err != nil {
		return nil, err
	}
	parts := make(map[string]Part, len(s.parts))
	for number, a := range s.parts {
		var p Part
		err := s.wrong[number]
		if err == nil {
			p.Submission, err = a.done()
		}
		if err != nil && !errors.As(err, &p.Mistakes) {
			p.Mistakes = Mistakes{{File: name, Text: "it can't be unpacked: " + err.Error()}}
		}
		parts[number] = p
	}
	return parts, nil
}

// several is such an archive on its way.
type several struct {
	parts   map[string]*archive
	wrong   map[string]error // of a part
	entries int
}

func (s *several) entry(name string, mode os.FileMode, size int64, read func() ([]byte, error)) error {
	if s.entries++; s.entries > maxEntries {
		return Mistakes{{File: "the archive", Text: fmt.Sprintf("it has more than %d files", maxEntries)}}
	}
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return Mistakes{{File: clean, Text: "it lies outside of the archive"}}
	}
	number, rest := divide(clean)
	if number == "" {
		return nil
	}
	a := s.parts[number]
	if a == nil {
		a = &archive{folder: "?"}
		s.parts[number] = a
	}
	if s.wrong[number] == nil {
		s.wrong[number] = a.entry(rest, mode, size, read)
	}
	return nil
}

// divide finds the folder that is an exercise's number, and gives what lies below.
func divide(name string) (number, rest string) {
	for dir := ""; ; {
		before, after, more := strings.Cut(name, "/")
		if !more || dir == "__MACOSX" {
			return "", ""
		}
		if IsNumber(before) {
			return before, after
		}
		dir, name = before, after
	}
}

// IsNumber reports whether a name is that of a lesson, and its exercise: 05.
func IsNumber(name string) bool {
	return len(name) == 2 && '0' <= name[0] && name[0] <= '9' && '0' <= name[1] && name[1] <= '9'
}
