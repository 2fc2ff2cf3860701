package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Gradebook writes the class as CSV, RFC 4180: a line for each student and
// exercise, also for what was not handed in. A field that a spreadsheet would
// take for a formula begins with an apostrophe.
func Gradebook(w io.Writer, c Class) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"submission", "exercise", "score", "max_score", "status", "graded_at"}); err != nil {
		return err
	}
	for _, row := range c.Rows() {
		for _, cell := range row.Cells {
			graded := ""
			if cell.Report != nil {
				graded = instant(cell.Report.Graded)
			}
			status := cell.Status
			if !cell.Score.Final {
				status += " (not final)"
			}
			err := out.Write([]string{
				plain(row.ID), plain(cell.Exercise.Number), strconv.Itoa(cell.Score.Points),
				strconv.Itoa(cell.Score.Max), status, graded,
			})
			if err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// CSV writes the report as a gradebook of its own.
func CSV(w io.Writer, r Report) error {
	return Gradebook(w, Class{Exercises: []Exercise{r.Exercise}, Reports: []Report{r}})
}

// plain is s as a field that no spreadsheet computes: also behind spaces, and
// also with the wide forms of the signs.
func plain(s string) string {
	s = line(s) // shows tabs and carriage returns as escapes
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, ` '"`))
	if strings.ContainsRune("=+-@|%＝＋－＠", first) {
		return "'" + s
	}
	return s
}
