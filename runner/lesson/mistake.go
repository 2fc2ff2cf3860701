package lesson

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Mistake is something an author wrote that can't be right. It reads
// "file:line: what; what would be right".
type Mistake struct {
	File  string // as the author would open it
	Line  int    // from 1; 0 if it is the whole file's
	What  string // what is wrong
	Right string // what would be right
}

func (m Mistake) Error() string {
	where := m.File
	if m.Line > 0 {
		where = fmt.Sprintf("%s:%d", m.File, m.Line)
	}
	return fmt.Sprintf("%s: %s; %s", where, m.What, m.Right)
}

// Mistakes are all that were found, to be reported together.
type Mistakes []Mistake

// Add notes one more.
func (ms *Mistakes) Add(file string, line int, what, right string) {
	*ms = append(*ms, Mistake{File: file, Line: line, What: what, Right: right})
}

// Err is nil when there are no mistakes; otherwise all of them, by file and
// line, each once.
func (ms Mistakes) Err() error {
	if len(ms) == 0 {
		return nil
	}
	sorted := slices.Clone(ms)
	slices.SortStableFunc(sorted, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(sorted)
}

func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}
