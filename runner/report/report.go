// Package report holds what grading a submission came to: the checks, the
// verdict of each, the conversation it was computed from, and the renderings of
// all that: text for a terminal, HTML pages, a gradebook, and the formats of
// the services that teachers use (Gradescope, Exercism, JUnit, Classroom 50,
// GitHub Classroom, TAP).
//
// One rule holds the package together: nothing looks like a pass that is not
// one. The zero [Verdict] is not run; a check without an outcome is not run; a
// [Report] passes only if every check of its exercise ran and passed, and each
// rendering asks [Report.Verdict] and [Report.Score], never the outcomes.
//
// What a student wrote (a name, what a program printed or sent) is shown by
// every rendering and believed by none: see inert.go.
//
// The renderings that always reach a student ([Page], [Exercism], [Classroom],
// [Classroom50]) say of a hidden check no more than its verdict. The others show
// all they are given; for a student they are given [Report.ForStudent].
//
// The package knows values and text only. It grades nothing, reads no clock,
// writes no file, and its renderings are functions of the report alone: equal
// reports give equal bytes.
package report

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// An Exercise is what is asked of every submission alike.
type Exercise struct {
	Number string  `json:"number"` // of its lesson, "05"
	Name   string  `json:"name"`   // "linereader"
	Checks []Check `json:"checks"` // in the order of task.md
}

// A Check is one case: a peer does this, must see that.
type Check struct {
	Name        string `json:"name"`                  // unique in its exercise
	Description string `json:"description,omitempty"` // one sentence: what the peer does and must see
	Points      int    `json:"points"`                // earned by [Pass] alone; not negative
	Hidden      bool   `json:"hidden,omitempty"`      // a student learns its verdict and no more
	Code        string `json:"code,omitempty"`        // its source, for formats that show it
}

// A Level is how well a submission was confined while it ran.
type Level string

// The sandbox levels, from the strongest.
const (
	LevelA Level = "A" // own namespaces and a control group
	LevelB Level = "B" // own namespaces and resource limits
	LevelC Level = "C" // Landlock, seccomp, resource limits
	LevelD Level = "D" // time limits only: not sandboxed
)

// A Report is the outcome of grading one submission to one exercise.
type Report struct {
	Exercise   Exercise           `json:"exercise"`
	Submission string             `json:"submission"`          // who handed it in: a student, or a directory
	Seed       uint64             `json:"seed"`                // repeats the run
	Level      Level              `json:"level,omitempty"`     // empty: nothing ran
	Graded     time.Time          `json:"graded,omitzero"`     // when; the zero time leaves it out
	Outcomes   map[string]Outcome `json:"outcomes,omitempty"`  // by the check's name; one that is missing is not run
	Build      string             `json:"build,omitempty"`     // what the compiler said, if it refused the submission
	Fault      string             `json:"fault,omitempty"`     // what failed on our side; such a report is never a pass
	Cached     bool               `json:"cached,omitempty"`    // the outcomes are those of an equal submission
	Truncated  bool               `json:"truncated,omitempty"` // grading was stopped before its end
}

// An Outcome is what came of one check.
type Outcome struct {
	Verdict  Verdict       `json:"verdict"`
	Message  string        `json:"message,omitempty"`  // one sentence in the field's words: what happened
	Duration time.Duration `json:"duration,omitempty"` // 0: not measured

	Conversation Conversation `json:"conversation,omitempty"`
	Wanted       []byte       `json:"wanted,omitempty"` // the bytes we waited for
	Came         []byte       `json:"came,omitempty"`   // the bytes that came instead
	Diff         string       `json:"diff,omitempty"`   // (-wanted +came), as cmp.Diff writes it

	Waiting []Place  `json:"waiting,omitempty"` // where the program stood when we gave up
	XRay    []string `json:"xray,omitempty"`    // its calls at the end, a line each
	Output  string   `json:"output,omitempty"`  // what it printed; shown, never believed
	Hints   []string `json:"hints,omitempty"`   // those that have unlocked
	Locked  int      `json:"locked,omitempty"`  // how many more there are
}

// A Place is a line of the submission.
type Place struct {
	File string `json:"file"`           // relative to the submission
	Line int    `json:"line"`           // from 1
	Func string `json:"func,omitempty"` // "serve"
	Code string `json:"code,omitempty"` // the line itself
	Call string `json:"call,omitempty"` // the system call it waits in: "read"
}

// A Row is a check with its outcome.
type Row struct {
	Check
	Outcome
}

// Rows are the checks of the exercise, in its order, each with its outcome. A
// check that nobody set an outcome for is not run, or, if the report says why
// nothing could run, has that for its verdict. A pass in a report that is not
// valid is an error.
func (r Report) Rows() []Row {
	rows := make([]Row, len(r.Exercise.Checks))
	valid := r.Validate() == nil
	for i, c := range r.Exercise.Checks {
		o := r.Outcomes[c.Name]
		if !o.Verdict.known() || o.Verdict == Pass && !valid {
			o.Verdict = Error
		}
		if o.Verdict == NotRun {
			switch {
			case r.Fault != "":
				o.Verdict = Error
			case r.Build != "":
				o.Verdict = BuildError
			}
		}
		rows[i] = Row{Check: c, Outcome: o}
	}
	return rows
}

// listed are the rows, and one more if the report as a whole is not a pass for
// a reason that no row has: so no format shows passed checks only.
func (r Report) listed() []Row {
	rows := r.Rows()
	verdict := r.Verdict()
	if verdict == Pass || slices.ContainsFunc(rows, func(row Row) bool { return row.Verdict != Pass }) {
		return rows
	}
	return append(rows, Row{Check: Check{Name: "grading"}, Outcome: Outcome{Verdict: verdict, Message: r.why()}})
}

// Earned are the points of the row.
func (row Row) Earned() int {
	if row.Verdict != Pass {
		return 0
	}
	return max(row.Points, 0)
}

// Validate reports what no grader may hand over: a check without a name or with
// another's, negative points, an outcome of no check, a verdict that does not
// exist, a pass of what was never built. A report that is not valid has the
// verdict [Error].
func (r Report) Validate() error {
	var errs []error
	number := cut(r.Exercise.Number, maxLine)
	seen := map[string]bool{}
	for i, c := range r.Exercise.Checks {
		switch {
		case c.Name == "" || !utf8.ValidString(c.Name):
			errs = append(errs, fmt.Errorf("exercise %s: check %d has the name %q; some text in UTF-8 would be right", number, i+1, cut(c.Name, maxLine)))
		case seen[c.Name]:
			errs = append(errs, fmt.Errorf("exercise %s: two checks are named %q", number, cut(c.Name, maxLine)))
		}
		seen[c.Name] = true
		if c.Points < 0 || c.Points > maxPoints {
			errs = append(errs, fmt.Errorf("check %q has %d points; 0 to %d would be right", cut(c.Name, maxLine), c.Points, maxPoints))
		}
	}
	names := make([]string, 0, len(r.Outcomes))
	for name := range r.Outcomes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v := r.Outcomes[name].Verdict
		if !seen[name] {
			errs = append(errs, fmt.Errorf("an outcome for %q, which exercise %s does not have", cut(name, maxLine), number))
		}
		if !v.known() {
			errs = append(errs, fmt.Errorf("check %q: verdict %d does not exist", cut(name, maxLine), int(v)))
		}
		if v == Pass && r.Build != "" {
			errs = append(errs, fmt.Errorf("check %q passes, but the submission was not built", cut(name, maxLine)))
		}
	}
	if !slices.Contains([]Level{"", LevelA, LevelB, LevelC, LevelD}, r.Level) {
		errs = append(errs, fmt.Errorf("sandbox level %q; A, B, C or D would be right", cut(string(r.Level), maxLine)))
	}
	return errors.Join(errs...)
}

// maxPoints bounds the points of a check, so that no sum overflows.
const maxPoints = 1_000_000

// ForStudent is the report as its student may see it: of a hidden check the
// name, the points and the verdict.
func (r Report) ForStudent() Report {
	checks := slices.Clone(r.Exercise.Checks)
	outcomes := make(map[string]Outcome, len(r.Outcomes))
	for i, c := range checks {
		o, ok := r.Outcomes[c.Name]
		if c.Hidden {
			checks[i] = Check{Name: c.Name, Points: c.Points, Hidden: true}
			o = Outcome{Verdict: o.Verdict}
		}
		if ok {
			outcomes[c.Name] = o
		}
	}
	// Outcomes of no check stay, without what they say: they make the report
	// invalid, and a student's copy must not look better than the teacher's.
	for name, o := range r.Outcomes {
		if _, ok := outcomes[name]; !ok {
			outcomes[name] = Outcome{Verdict: o.Verdict}
		}
	}
	r.Exercise.Checks, r.Outcomes = checks, outcomes
	return r
}
