package report

import (
	"io"
	"unicode/utf8"
)

// Limits of the Exercism test runner interface, version 3.
const (
	exercismMessage = 65_535 // characters of a message; counted in bytes here, which is never more
	exercismOutput  = 500    // characters of a test's output
)

type exercism struct {
	Version int            `json:"version"`
	Status  string         `json:"status"`
	Message *string        `json:"message"`
	Tests   []exercismTest `json:"tests"`
}

type exercismTest struct {
	Name     string  `json:"name"`
	Status   string  `json:"status"`
	Message  *string `json:"message"`
	Output   *string `json:"output"`
	TestCode string  `json:"test_code"`
	TaskID   int     `json:"task_id,omitempty"`
}

// Exercism writes results.json, version 3, of an Exercism test runner, for the
// student: hidden checks say no more than their verdict. The status error is
// left to a report of which nothing ran.
func Exercism(w io.Writer, r Report) error {
	verdict := r.Verdict()
	r = r.ForStudent()
	e := exercism{Version: 3, Status: "fail", Tests: []exercismTest{}}
	ran := false
	for _, row := range r.listed() {
		ran = ran || row.Verdict.Counts()
		test := exercismTest{Name: line(row.Name), Status: "fail", TestCode: block(row.Code, maxText)}
		if test.TestCode == "" {
			test.TestCode = line(row.Description)
		}
		switch {
		case row.Verdict == Pass:
			test.Status = "pass"
		case !row.Verdict.Counts():
			test.Status = "error"
		}
		if test.Status != "pass" {
			shown := row
			shown.Output = "" // has a field of its own
			test.Message = ptr(shorten(shown.Detail(), exercismMessage))
		}
		if row.Output != "" {
			test.Output = ptr(shorten(block(row.Output, maxText), exercismOutput))
		}
		e.Tests = append(e.Tests, test)
	}
	switch {
	case verdict == Pass:
		e.Status = "pass"
	case !ran || r.Validate() != nil:
		e.Status = "error"
		e.Message = ptr(shorten(r.Summary()+"\n"+r.why(), exercismMessage))
	}
	return writeJSON(w, e)
}

// shorten is s, or as much of its beginning as limit bytes hold together with
// the note that there was more.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const more = "... (cut here)"
	end := limit - len(more)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}

func ptr(s string) *string { return &s }
