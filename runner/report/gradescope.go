package report

import (
	"io"
	"strconv"
)

type gradescope struct {
	Score            int              `json:"score"`
	ExecutionTime    float64          `json:"execution_time,omitempty"`
	Output           string           `json:"output"`
	OutputFormat     string           `json:"output_format"`
	TestOutputFormat string           `json:"test_output_format"`
	TestNameFormat   string           `json:"test_name_format"`
	Visibility       string           `json:"visibility"`
	StdoutVisibility string           `json:"stdout_visibility"`
	ExtraData        gradescopeExtra  `json:"extra_data"`
	Tests            []gradescopeTest `json:"tests"`
}

type gradescopeExtra struct {
	Verdict Verdict `json:"verdict"`
	Final   bool    `json:"final"`
	Level   string  `json:"sandbox_level"`
	Seed    string  `json:"seed"` // text: a reader's numbers may end at 2^53
}

type gradescopeTest struct {
	Score        int      `json:"score"`
	MaxScore     int      `json:"max_score"`
	Status       string   `json:"status"`
	Name         string   `json:"name"`
	NameFormat   string   `json:"name_format"`
	Number       string   `json:"number"`
	Output       string   `json:"output"`
	OutputFormat string   `json:"output_format"`
	Tags         []string `json:"tags"`
	Visibility   string   `json:"visibility"`
}

// Gradescope writes results.json of a Gradescope autograder. A hidden check has
// visibility hidden; while there is one, Gradescope shows a student no total.
//
// The top score is always there: it overrides the sum, so that a report without
// checks is 0 and not an error of the format.
func Gradescope(w io.Writer, r Report) error {
	score := r.Score()
	g := gradescope{
		Score: score.Points, OutputFormat: "text", TestOutputFormat: "text", TestNameFormat: "text",
		Output: r.Summary() + "\n" + r.why(), Visibility: "visible", StdoutVisibility: "hidden",
		ExtraData: gradescopeExtra{r.Verdict(), score.Final, line(string(r.Level)), strconv.FormatUint(r.Seed, 10)},
		Tests:     []gradescopeTest{},
	}
	for i, row := range r.listed() {
		test := gradescopeTest{
			Score: row.Earned(), MaxScore: max(row.Points, 0), Status: "failed",
			Name: line(row.Name), NameFormat: "text", Number: strconv.Itoa(i + 1),
			Output: row.Verdict.String() + "\n" + row.Detail(), OutputFormat: "text",
			Tags: []string{row.Verdict.String()}, Visibility: "visible",
		}
		if row.Verdict == Pass {
			test.Status = "passed"
		}
		if row.Hidden {
			test.Visibility = "hidden"
		}
		g.ExecutionTime += row.seconds()
		g.Tests = append(g.Tests, test)
	}
	return writeJSON(w, g)
}
