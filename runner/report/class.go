package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Class is a roster and what its students handed in.
type Class struct {
	Name      string
	Exercises []Exercise // the columns of the gradebook
	Roster    []Student  // in the order of the gradebook
	Reports   []Report   // at most one for a student and an exercise
	Links     []Link     // what else there is, for the overview
}

// A Link leads from the overview to something beside it.
type Link struct{ Href, Text string }

// A Student is a line of the roster. A report belongs to the student whose ID
// is its Submission.
type Student struct {
	ID   string
	Name string // may be empty
}

// A ClassRow is a student with a cell for each exercise of the class.
type ClassRow struct {
	Student
	Guest bool // handed something in, but is not on the roster
	Cells []ClassCell
	Total Score
}

// A ClassCell is what a student has of one exercise.
type ClassCell struct {
	Exercise Exercise
	Report   *Report // nil: nothing handed in
	Score    Score
	Status   string // the verdict, or "not submitted"
}

// notSubmitted is the status of a student without a report.
const notSubmitted = "not submitted"

// Validate reports two reports for one student and exercise, exercises or
// students that are there twice, and reports of an exercise the class does not
// have or has with other checks.
func (c Class) Validate() error {
	var errs []error
	exercises := map[string]Exercise{}
	for _, e := range c.Exercises {
		if _, ok := exercises[e.Number]; ok {
			errs = append(errs, fmt.Errorf("exercise %s is there twice", e.Number))
		}
		exercises[e.Number] = e
	}
	students := map[string]bool{}
	for _, s := range c.Roster {
		if s.ID == "" || students[s.ID] {
			errs = append(errs, fmt.Errorf("the roster has %q twice, or without an ID", s.ID))
		}
		students[s.ID] = true
	}
	seen := map[[2]string]bool{}
	for _, r := range c.Reports {
		key := [2]string{r.Submission, r.Exercise.Number}
		if seen[key] {
			errs = append(errs, fmt.Errorf("two reports for %q, exercise %s; keep one", r.Submission, r.Exercise.Number))
		}
		seen[key] = true
		e, ok := exercises[r.Exercise.Number]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("a report of %q for exercise %q, which the class does not have", r.Submission, r.Exercise.Number))
		case !sameChecks(e, r.Exercise):
			errs = append(errs, fmt.Errorf("the report of %q for exercise %s has other checks than the class; grade it again", r.Submission, r.Exercise.Number))
		}
	}
	return errors.Join(errs...)
}

func sameChecks(a, b Exercise) bool {
	return slices.EqualFunc(a.Checks, b.Checks, func(x, y Check) bool { return x.Name == y.Name && x.Points == y.Points })
}

// Rows are the students of the roster in its order, then those who handed in
// without being on it, by ID. Who handed in nothing has no points of the
// exercise's, and that is final.
func (c Class) Rows() []ClassRow {
	reports := map[[2]string]*Report{}
	var guests []Student
	known := map[string]bool{}
	for _, s := range c.Roster {
		known[s.ID] = true
	}
	for i, r := range c.Reports {
		reports[[2]string{r.Submission, r.Exercise.Number}] = &c.Reports[i]
		if !known[r.Submission] {
			known[r.Submission] = true
			guests = append(guests, Student{ID: r.Submission})
		}
	}
	slices.SortFunc(guests, func(a, b Student) int { return strings.Compare(a.ID, b.ID) })
	var rows []ClassRow
	for i, s := range slices.Concat(c.Roster, guests) {
		row := ClassRow{Student: s, Guest: i >= len(c.Roster), Total: Score{Final: true}}
		for _, e := range c.Exercises {
			cell := newCell(e, reports[[2]string{s.ID, e.Number}])
			row.Cells = append(row.Cells, cell)
			row.Total = row.Total.Add(cell.Score)
		}
		rows = append(rows, row)
	}
	return rows
}

func newCell(e Exercise, r *Report) ClassCell {
	cell := ClassCell{Exercise: e, Report: r, Status: notSubmitted}
	if r != nil {
		cell.Score, cell.Status = r.Score(), r.Verdict().String()
		return cell
	}
	for _, c := range e.Checks {
		cell.Score.Max += max(c.Points, 0)
		cell.Score.Checks++
	}
	cell.Score.Final = true
	return cell
}
