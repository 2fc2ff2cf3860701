package report

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Each decoder below reads one format as its specification has it, refuses
// whatever that does not name, and reports whether a reader of the format would
// take it for a pass. The types are written a second time on purpose: with the
// names of the specification, not with those of the renderings.
var decoders = map[string]func(string) (passes bool, err error){
	"report.txt":         decodeText,
	"terminal.txt":       decodeText,
	"gradescope.json":    decodeGradescope,
	"exercism.json":      decodeExercism,
	"junit.xml":          decodeJUnit,
	"classroom50.json":   decodeClassroom50,
	"classroom.json":     decodeClassroom,
	"classroom-step.txt": decodeStep,
	"tap.txt":            decodeTAP,
	"gradebook.csv":      decodeGradebook,
	"student.html":       decodeHTML,
	"handback.html":      decodeHTML,
	"overview.html":      decodeOverview,
}

func oneOf(s string, of ...string) error {
	if !slices.Contains(of, s) {
		return fmt.Errorf("%q is not one of %q", s, of)
	}
	return nil
}

func decodeText(s string) (bool, error) {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for _, l := range lines {
		if l != "" && !strings.HasPrefix(l, "  ") && !strings.Contains(l, ": ") {
			return false, fmt.Errorf("line %q is neither a heading nor indented", l)
		}
	}
	return strings.HasPrefix(lines[len(lines)-1], "pass: "), nil
}

func decodeGradescope(s string) (bool, error) {
	var g struct {
		Score            *float64        `json:"score"`
		ExecutionTime    float64         `json:"execution_time"`
		Output           string          `json:"output"`
		OutputFormat     string          `json:"output_format"`
		TestOutputFormat string          `json:"test_output_format"`
		TestNameFormat   string          `json:"test_name_format"`
		Visibility       string          `json:"visibility"`
		StdoutVisibility string          `json:"stdout_visibility"`
		ExtraData        json.RawMessage `json:"extra_data"`
		Leaderboard      []struct {
			Name  string `json:"name"`
			Value any    `json:"value"`
			Order string `json:"order"`
		} `json:"leaderboard"`
		Tests []struct {
			Score        float64         `json:"score"`
			MaxScore     float64         `json:"max_score"`
			Status       string          `json:"status"`
			Name         string          `json:"name"`
			NameFormat   string          `json:"name_format"`
			Number       string          `json:"number"`
			Output       string          `json:"output"`
			OutputFormat string          `json:"output_format"`
			Tags         []string        `json:"tags"`
			Visibility   string          `json:"visibility"`
			ExtraData    json.RawMessage `json:"extra_data"`
		} `json:"tests"`
	}
	if err := strict([]byte(s), &g); err != nil {
		return false, err
	}
	if g.Score == nil {
		return false, fmt.Errorf("no score")
	}
	seen := []string{"hidden", "after_due_date", "after_published", "visible"}
	shown := []string{"text", "html", "simple_format", "md", "ansi"}
	for _, err := range []error{oneOf(g.Visibility, seen...), oneOf(g.StdoutVisibility, seen...), oneOf(g.OutputFormat, shown...)} {
		if err != nil {
			return false, err
		}
	}
	// All of the tests passed and none is missing: what a teacher sees as a pass.
	passes, points := len(g.Tests) > 0, 0.0
	for i, t := range g.Tests {
		if err := oneOf(t.Status, "passed", "failed"); err != nil {
			return false, err
		}
		if err := oneOf(t.Visibility, seen...); err != nil {
			return false, err
		}
		if t.NameFormat != "text" || t.OutputFormat != "text" {
			return false, fmt.Errorf("test %d is not plain text", i)
		}
		if t.Number != strconv.Itoa(i+1) {
			return false, fmt.Errorf("test %d has the number %q", i, t.Number)
		}
		if t.Score > t.MaxScore || t.Score != 0 && t.Status != "passed" {
			return false, fmt.Errorf("test %d has %g of %g points and %s", i, t.Score, t.MaxScore, t.Status)
		}
		points += t.Score
		passes = passes && t.Status == "passed"
	}
	if points != *g.Score {
		return false, fmt.Errorf("score %g, the tests have %g", *g.Score, points)
	}
	return passes, nil
}

func decodeExercism(s string) (bool, error) {
	var e struct {
		Version int     `json:"version"`
		Status  string  `json:"status"`
		Message *string `json:"message"`
		Tests   []struct {
			Name     string  `json:"name"`
			Status   string  `json:"status"`
			Message  *string `json:"message"`
			Output   *string `json:"output"`
			TestCode string  `json:"test_code"`
			TaskID   int     `json:"task_id"`
		} `json:"tests"`
	}
	if err := strict([]byte(s), &e); err != nil {
		return false, err
	}
	if err := oneOf(e.Status, "pass", "fail", "error"); err != nil {
		return false, err
	}
	switch {
	case e.Version != 3:
		return false, fmt.Errorf("version %d", e.Version)
	case (e.Status == "error") != (e.Message != nil):
		return false, fmt.Errorf("status %s, message %v: an error has one, nothing else has", e.Status, e.Message)
	case e.Message != nil && (*e.Message == "" || utf8.RuneCountInString(*e.Message) > 65_535):
		return false, fmt.Errorf("a message of %d bytes", len(*e.Message))
	case e.Status != "error" && len(e.Tests) == 0:
		return false, fmt.Errorf("no tests")
	}
	all := len(e.Tests) > 0
	for _, t := range e.Tests {
		if err := oneOf(t.Status, "pass", "fail", "error"); err != nil {
			return false, err
		}
		if t.Status != "pass" && (t.Message == nil || *t.Message == "" || utf8.RuneCountInString(*t.Message) > 65_535) {
			return false, fmt.Errorf("test %s: %s without a message", t.Name, t.Status)
		}
		if t.Output != nil && utf8.RuneCountInString(*t.Output) > 500 {
			return false, fmt.Errorf("test %s: an output of %d bytes", t.Name, len(*t.Output))
		}
		all = all && t.Status == "pass"
	}
	if all != (e.Status == "pass") {
		return false, fmt.Errorf("status %s, all tests pass: %t", e.Status, all)
	}
	return all, nil
}

func decodeClassroom50(s string) (bool, error) {
	var c struct {
		Schema         string           `json:"schema"`
		Classroom      string           `json:"classroom"`
		Assignment     string           `json:"assignment"`
		AssignmentType string           `json:"assignment_type"`
		Owner          string           `json:"owner"`
		Submission     string           `json:"submission"`
		Commit         string           `json:"commit"`
		Release        string           `json:"release"`
		Review         string           `json:"review"`
		Datetime       string           `json:"datetime"`
		GradedAt       string           `json:"graded_at"`
		Score          int              `json:"score"`
		MaxScore       int              `json:"max-score"`
		Tests          []map[string]any `json:"tests"`
		SubmittedBy    struct {
			Username string `json:"username"`
			ID       int    `json:"id"`
		} `json:"submitted_by"`
	}
	if err := strict([]byte(s), &c); err != nil {
		return false, err
	}
	if c.Schema != "classroom50/result/v1" {
		return false, fmt.Errorf("schema %q", c.Schema)
	}
	passes, score := len(c.Tests) > 0, 0.0
	for _, t := range c.Tests {
		_, named := t["test-name"].(string)
		ok, isBool := t["passed"].(bool)
		points, isNumber := t["score"].(float64)
		_, hasMax := t["max-score"].(float64)
		if !named || !isBool || !isNumber || !hasMax {
			return false, fmt.Errorf("test %v", t)
		}
		passes, score = passes && ok, score+points
	}
	if int(score) != c.Score || c.Score > c.MaxScore {
		return false, fmt.Errorf("score %d of %d, the tests have %g", c.Score, c.MaxScore, score)
	}
	return passes, nil
}

func decodeClassroom(s string) (bool, error) {
	var c struct {
		Version  int    `json:"version"`
		Status   string `json:"status"`
		MaxScore int    `json:"max_score"`
		Tests    []struct {
			Name     string  `json:"name"`
			Status   string  `json:"status"`
			Message  string  `json:"message"`
			TestCode string  `json:"test_code"`
			Filename string  `json:"filename"`
			LineNo   int     `json:"line_no"`
			Duration float64 `json:"duration"`
			Score    int     `json:"score"`
		} `json:"tests"`
	}
	if err := strict([]byte(s), &c); err != nil {
		return false, err
	}
	if err := oneOf(c.Status, "pass", "fail", "error"); err != nil || c.Version != 1 {
		return false, fmt.Errorf("version %d, %w", c.Version, err)
	}
	all := len(c.Tests) > 0
	for _, t := range c.Tests {
		if err := oneOf(t.Status, "pass", "fail", "error"); err != nil {
			return false, err
		}
		if t.Score != 0 && t.Status != "pass" {
			return false, fmt.Errorf("test %s: %s with %d points", t.Name, t.Status, t.Score)
		}
		all = all && t.Status == "pass"
	}
	if all != (c.Status == "pass") {
		return false, fmt.Errorf("status %s, all tests pass: %t", c.Status, all)
	}
	return all, nil
}

func decodeStep(s string) (bool, error) {
	text, ok := strings.CutPrefix(s, "result=")
	text, nl := strings.CutSuffix(text, "\n")
	if !ok || !nl || strings.Contains(text, "\n") {
		return false, fmt.Errorf("not one line result=")
	}
	if len(text) > 1<<20 {
		return false, fmt.Errorf("%d bytes; a step's output has a megabyte", len(text))
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false, err
	}
	return decodeClassroom(string(b))
}

func decodeGradebook(s string) (bool, error) {
	if strings.Count(s, "\n") != strings.Count(s, "\r\n") {
		return false, fmt.Errorf("a line does not end with CRLF")
	}
	rows, err := csv.NewReader(strings.NewReader(s)).ReadAll()
	if err != nil {
		return false, err
	}
	if got := strings.Join(rows[0], ","); got != "submission,exercise,score,max_score,status,graded_at" {
		return false, fmt.Errorf("header %s", got)
	}
	passes := len(rows) > 1
	for _, row := range rows[1:] {
		for _, field := range row {
			if field != "" && strings.ContainsAny(field[:1], "=+-@\t\r\n") {
				return false, fmt.Errorf("a spreadsheet computes %q", field)
			}
		}
		passes = passes && row[4] == "pass"
	}
	return passes, nil
}
