package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitCase struct {
	Name       string          `xml:"name,attr"`
	ClassName  string          `xml:"classname,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Failure    *junitProblem   `xml:"failure"`
	Error      *junitProblem   `xml:"error"`
	SystemOut  *string         `xml:"system-out"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes JUnit XML, a test suite a report. What did not run is an error
// and never skipped, which readers take for harmless; a report without checks
// has one test case, an error, for the same reason. Points, for which the
// format has no place, are properties.
func JUnit(w io.Writer, reports ...Report) error {
	all := junitSuites{Name: "sockets"}
	var total time.Duration
	for _, r := range reports {
		suite, took := r.junit()
		total += took
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Errors += suite.Errors
		all.Suites = append(all.Suites, suite)
	}
	all.Time = junitTime(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (r Report) junit() (junitSuite, time.Duration) {
	score := r.Score()
	suite := junitSuite{
		Name: line(r.Exercise.Number + " " + r.Exercise.Name + ": " + r.Submission),
		Properties: []junitProperty{
			{"verdict", r.Verdict().String()},
			{"points", strconv.Itoa(score.Points)},
			{"max_points", strconv.Itoa(score.Max)},
			{"final", strconv.FormatBool(score.Final)},
			{"stage", line(r.Exercise.Number)},
			{"sandbox_level", line(string(r.Level))},
			{"seed", strconv.FormatUint(r.Seed, 10)},
		},
	}
	if !r.Graded.IsZero() {
		suite.Timestamp = r.Graded.UTC().Format("2006-01-02T15:04:05")
	}
	var total time.Duration
	for _, row := range r.listed() {
		total += row.Duration
		c := junitCase{
			Name: line(row.Name), ClassName: line(r.Exercise.Name), Time: junitTime(row.Duration),
			Properties: []junitProperty{
				{"points", strconv.Itoa(row.Earned())},
				{"max_points", strconv.Itoa(max(row.Points, 0))},
				{"hidden", strconv.FormatBool(row.Hidden)},
			},
		}
		problem := &junitProblem{Message: line(row.Said()), Type: row.Verdict.String(), Text: row.Detail()}
		switch {
		case row.Verdict == Pass:
		case row.Verdict.Counts():
			c.Failure = problem
			suite.Failures++
		default:
			c.Error = problem
			suite.Errors++
		}
		if row.Output != "" {
			c.SystemOut = ptr(block(row.Output, maxText))
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests = len(suite.Cases)
	suite.Time = junitTime(total)
	return suite, total
}

func junitTime(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
