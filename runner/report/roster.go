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
// and, if there are names, name, in any order among others. Between columns stand
// commas, or what a spreadsheet writes in their place: semicolons or tabs. What is
// wrong with it is reported at once, each as file:line: what; what would be right.
func Roster(file string, b []byte) ([]Student, error) {
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("%s:1: the roster is in UTF-16; UTF-8 would be right, which spreadsheets offer as CSV UTF-8", file)
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	in := table(b, separator(b))
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
	id, name := column(rows[0], "id"), column(rows[0], "name")
	if id < 0 {
		return nil, fmt.Errorf("%s:1: the header is %q; one column named id would be right, between commas, semicolons or tabs", file, rows[0])
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

// table reads CSV with that between its columns.
func table(b []byte, between rune) *csv.Reader {
	in := csv.NewReader(bytes.NewReader(b))
	in.FieldsPerRecord = -1
	in.Comma = between
	in.TrimLeadingSpace = between != '\t' // or a column that is empty would be lost
	return in
}

// separator is what stands between columns: a comma, unless it is another that makes
// a column named id of the header.
func separator(b []byte) rune {
	for _, between := range ",;\t" {
		if header, err := table(b, between).Read(); err == nil && column(header, "id") >= 0 {
			return between
		}
	}
	return ','
}

// column is the number of the column of that name, -1 if there is none.
func column(header []string, name string) int {
	return slices.IndexFunc(header, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) })
}
