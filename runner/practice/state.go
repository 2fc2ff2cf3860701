package practice

import (
	"sockets/runner/handin"
	"sockets/runner/report"
)

// A State is how a reader's program of an exercise stands. All text in it is for
// showing, as text.
type State struct {
	Number  string `json:"number"` // of the lesson, "05"
	Name    string `json:"name"`   // of the exercise
	Digest  string `json:"digest"` // of main.go as it is now, see [File]
	Judged  string `json:"judged"` // the digest of the main.go that the rest is about; empty if that is not known
	Judging bool   `json:"judging"`
	Why     string `json:"why,omitempty"` // it can't be built, or not be judged

	Mistakes []Mistake `json:"mistakes,omitempty"` // why it can't be built, in the order of the compiler

	Tried  bool    `json:"tried"`  // some check was run once
	Passed int     `json:"passed"` // checks
	Points int     `json:"points"`
	Max    int     `json:"max"`
	Checks []Check `json:"checks"`
}

// A Check is how one check of it stands.
type Check struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Points  int    `json:"points"`
	Hidden  bool   `json:"hidden,omitempty"`
	Detail  string `json:"detail,omitempty"` // what it has to say, if it did not pass
}

// A Mistake is one thing that the compiler, or the judge before it, has said of the
// program.
type Mistake struct {
	Line int    `json:"line"` // of main.go; 0 if it is about no line of it
	Text string `json:"text"`
}

// of is the state that a report for its student comes to.
func of(r report.Report) State {
	score := r.Score()
	s := State{
		Number: r.Exercise.Number, Name: r.Exercise.Name,
		Passed: score.Passed, Points: score.Points, Max: score.Max, Checks: []Check{},
	}
	switch {
	case r.Build != "":
		s.Why = "It can't be built:\n" + r.Build
		for _, c := range handin.Complaints(r.Build) {
			s.Mistakes = append(s.Mistakes, Mistake(c))
		}
	case r.Fault != "":
		s.Why = "The judge failed, not your program:\n" + r.Fault
	}
	for _, row := range r.Rows() {
		c := Check{Name: row.Name, Verdict: row.Verdict.String(), Points: row.Points, Hidden: row.Hidden}
		if row.Verdict.Counts() {
			s.Tried = true
		}
		if row.Verdict != report.Pass && row.Verdict.Counts() {
			c.Detail = row.Detail()
		}
		s.Checks = append(s.Checks, c)
	}
	return s
}
