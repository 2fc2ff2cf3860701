package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var classFormats = map[string]func(io.Writer, Class) error{
	"gradebook.csv": Gradebook,
	"overview.html": func(w io.Writer, c Class) error {
		return Overview(w, c, "report.css", func(r Report) string { return "05/" + r.Submission + ".html" })
	},
}

func renderClass(tb testing.TB, write func(io.Writer, Class) error, c Class) string {
	tb.Helper()
	var b bytes.Buffer
	if err := write(&b, c); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// class has two exercises and students of every kind.
func class() Class {
	second := Exercise{Number: "06", Name: "get", Checks: []Check{{Name: "close", Points: 3}}}
	c := Class{Name: "Sockets 26", Exercises: []Exercise{exercise(), second}, Roster: []Student{
		{"ada", "Ada L."}, {"bob", ""}, {"cy", "Cyd, \"C\""}, {"dan", "=Dan"},
	}}
	add := func(who string, r Report) {
		r.Submission = who
		c.Reports = append(c.Reports, r)
	}
	add("ada", samples()["pass"])
	add("bob", samples()["fail"])
	add("cy", samples()["fault"])
	add("=guest", samples()["build-error"])
	add("bob", Report{Exercise: second, Level: LevelA, Outcomes: map[string]Outcome{"close": {Verdict: Crash}}})
	return c
}

func TestClassRows(t *testing.T) {
	var got []string
	for _, row := range class().Rows() {
		text := fmt.Sprintf("%s guest=%t", row.ID, row.Guest)
		for _, cell := range row.Cells {
			text += fmt.Sprintf(" | %s %s", cell.Status, cell.Score)
		}
		got = append(got, text+" | "+row.Total.String())
	}
	want := []string{
		"ada guest=false | pass 5 of 5 points | not submitted 0 of 3 points | 5 of 8 points",
		"bob guest=false | timeout 1 of 5 points | crash 0 of 3 points | 1 of 8 points",
		"cy guest=false | error 1 of 5 points, not final | not submitted 0 of 3 points | 1 of 8 points, not final",
		"dan guest=false | not submitted 0 of 5 points | not submitted 0 of 3 points | 0 of 8 points",
		"=guest guest=true | build error 0 of 5 points | not submitted 0 of 3 points | 0 of 8 points",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestStatistics(t *testing.T) {
	c := class()
	bars, unsure := c.Distribution("05")
	var got []string
	for _, b := range bars {
		if b.Count > 0 {
			got = append(got, fmt.Sprintf("%d-%d: %d", b.From, b.To, b.Count))
		}
	}
	if diff := cmp.Diff([]string{"0-0: 1", "11-20: 1", "100-100: 1"}, got); diff != "" || unsure != 1 {
		t.Errorf("distribution: unsure %d, want 1; (-want +got):\n%s", unsure, diff)
	}
	for share, at := 0, 0; share <= 100; share++ {
		hits := 0
		for i, b := range bars {
			if b.From <= share && share <= b.To {
				hits++
				if i < at {
					t.Errorf("bar of %d lies before that of %d", share, share-1)
				}
				at = i
			}
		}
		if hits != 1 {
			t.Errorf("%d of 100 lies in %d bars, want 1", share, hits)
		}
	}
	want := []Tally{{Pass, 1}, {Timeout, 1}, {BuildError, 1}, {Error, 1}}
	if diff := cmp.Diff(want, c.Verdicts("05")); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	got = nil
	for _, m := range c.MostMissed(2) {
		got = append(got, fmt.Sprintf("%s %s: %d of %d", m.Exercise.Number, m.Check.Name, m.Missed, m.Judged))
	}
	if diff := cmp.Diff([]string{"06 close: 1 of 1", "05 drip: 1 of 2"}, got); diff != "" {
		t.Errorf("most missed (-want +got):\n%s", diff)
	}
}

func TestClassValidate(t *testing.T) {
	c := class()
	if err := c.Validate(); err != nil {
		t.Fatalf("Validate() = %v, want nil", err)
	}
	other := samples()["pass"]
	other.Exercise.Checks[0].Points = 7
	strange := samples()["pass"]
	strange.Exercise.Number, strange.Submission = "99", "eve"
	c.Reports = append(c.Reports, other, strange)
	c.Roster = append(c.Roster, Student{ID: "ada"}, Student{})
	c.Exercises = append(c.Exercises, c.Exercises[0])
	err := c.Validate()
	if err == nil {
		t.Fatal("Validate() = nil for a class full of mistakes")
	}
	for _, want := range []string{
		`two reports for "ada"`, "other checks than the class", `exercise "99"`, `the roster has "ada" twice`, "exercise 05 is there twice",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Validate() = %v, does not say %q", err, want)
		}
	}
}
