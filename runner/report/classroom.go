package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
)

type classroom struct {
	Version  int             `json:"version"`
	Status   string          `json:"status"`
	MaxScore int             `json:"max_score"`
	Tests    []classroomTest `json:"tests"`
}

type classroomTest struct {
	Name     string  `json:"name"`
	Status   string  `json:"status"`
	Message  string  `json:"message"`
	TestCode string  `json:"test_code"`
	Filename string  `json:"filename"`
	LineNo   int     `json:"line_no"`
	Duration float64 `json:"duration"`
	Score    int     `json:"score"`
}

// classroomMessage bounds a message in bytes: a step's output may have a
// megabyte in all.
const classroomMessage = 4 << 10

// Classroom writes the JSON of a grader of GitHub Classroom. The service is
// gone, its actions are still used. It is for the student: of hidden checks it
// has no more than the verdict.
func Classroom(w io.Writer, r Report) error {
	verdict, score := r.Verdict(), r.Score()
	r = r.ForStudent()
	out := classroom{Version: 1, Status: "fail", MaxScore: score.Max, Tests: []classroomTest{}}
	switch verdict {
	case Pass:
		out.Status = "pass"
	case Error, BuildError, NotRun:
		out.Status = "error"
	}
	for _, row := range r.listed() {
		test := classroomTest{
			Name: line(row.Name), Status: "fail", TestCode: line(row.Description),
			Duration: row.seconds(), Score: row.Earned(),
		}
		switch {
		case row.Verdict == Pass:
			test.Status = "pass"
		case !row.Verdict.Counts():
			test.Status = "error"
		}
		if test.Status != "pass" {
			test.Message = shorten(row.Detail(), classroomMessage)
		}
		if len(row.Waiting) > 0 {
			test.Filename, test.LineNo = line(row.Waiting[0].File), row.Waiting[0].Line
		}
		out.Tests = append(out.Tests, test)
	}
	return writeJSON(w, out)
}

// ClassroomStep writes the same as a line for the file $GITHUB_OUTPUT of a
// step: result= and the JSON in base64.
func ClassroomStep(w io.Writer, r Report) error {
	var b bytes.Buffer
	if err := Classroom(&b, r); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "result=%s\n", base64.StdEncoding.EncodeToString(b.Bytes()))
	return err
}
