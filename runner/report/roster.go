package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Roster reads the students of a class from CSV: a header with the columns id
// and, if there are names, name, in any order among others. What is wrong with
// it is reported at once, each as file:line: what; what would be right.
func Roster(file string, b []byte) ([]Student, error) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	var rows [][]string
	var lines []int // on which each begins
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		at, _ := in.FieldPos(0)
		rows, lines = append(rows, row), append(lines, at)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s:1: the roster is empty; a header with id, and a line a student, would be right", file)
	}
	column := func(name string) int {
		return slices.IndexFunc(rows[0], func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) })
	}
	id, name := column("id"), column("name")
	if id < 0 {
		return nil, fmt.Errorf("%s:1: the header is %q; one column named id would be right", file, rows[0])
	}
	var students []Student
	var errs []error
	seen := map[string]int{}
	for i, row := range rows[1:] {
		s, at := Student{}, lines[i+1]
		if id < len(row) {
			s.ID = strings.TrimSpace(row[id])
		}
		if name >= 0 && name < len(row) {
			s.Name = strings.TrimSpace(row[name])
		}
		switch first, ok := seen[s.ID]; {
		case s.ID == "":
			errs = append(errs, fmt.Errorf("%s:%d: a student without an id; every line has one", file, at))
		case ok:
			errs = append(errs, fmt.Errorf("%s:%d: %q is on line %d already; one line a student would be right", file, at, s.ID, first))
		default:
			seen[s.ID] = at
			students = append(students, s)
		}
	}
	return students, errors.Join(errs...)
}
