package report

import "fmt"

// A Score is the points of one report or the sum of several. Scores are made
// here and nowhere else.
type Score struct {
	Points, Max    int
	Passed, Checks int
	Final          bool // every check ran; otherwise grading again may change it
}

// Score sums the points of the checks that passed. An invalid report has none.
func (r Report) Score() Score {
	s := Score{Final: len(r.Exercise.Checks) > 0 && r.Fault == "" && !r.Truncated && r.Validate() == nil}
	for _, row := range r.Rows() {
		s.Checks++
		s.Max += max(row.Points, 0)
		s.Points += row.Earned()
		if row.Verdict == Pass {
			s.Passed++
		}
		s.Final = s.Final && row.Verdict.Ran()
	}
	return s
}

// Add sums two scores; the sum is final if both are.
func (s Score) Add(o Score) Score {
	return Score{s.Points + o.Points, s.Max + o.Max, s.Passed + o.Passed, s.Checks + o.Checks, s.Final && o.Final}
}

// String is "3 of 5 points", and says if that is not final.
func (s Score) String() string {
	text := fmt.Sprintf("%d of %d points", s.Points, s.Max)
	if !s.Final {
		text += ", not final"
	}
	return text
}

// Share is the points in hundredths of those there are, rounded down: 100 only
// for all of them.
func (s Score) Share() int {
	if s.Max <= 0 {
		return 0
	}
	return s.Points * 100 / s.Max
}

// Verdict is that of the whole report: [Pass] only if it is valid, every check
// ran and every check passed. Otherwise it is the verdict that matters most,
// beginning with those that say the report itself is not to be trusted.
func (r Report) Verdict() Verdict {
	if r.Fault != "" || r.Validate() != nil {
		return Error
	}
	if r.Build != "" {
		return BuildError
	}
	has := map[Verdict]bool{}
	for _, row := range r.Rows() {
		has[row.Verdict] = true
	}
	for _, v := range []Verdict{Error, BuildError, NotRun, Crash, Timeout, Fail, Flaky} {
		if has[v] {
			return v
		}
	}
	if s := r.Score(); s.Final && s.Checks > 0 && s.Passed == s.Checks {
		return Pass
	}
	return NotRun
}

// Summary is the verdict, the score and what repeats the run, in one line.
func (r Report) Summary() string {
	s := r.Score()
	text := fmt.Sprintf("%s: %d of %d checks, %s", r.Verdict(), s.Passed, s.Checks, s)
	if r.Level != "" {
		text += fmt.Sprintf("; sandbox level %s", line(string(r.Level)))
	}
	text += fmt.Sprintf("; seed %d", r.Seed)
	if r.Cached {
		text += "; as graded before for an equal submission"
	}
	return text
}

// why is what the whole report has to say beside its checks, or "".
func (r Report) why() string {
	var text string
	if err := r.Validate(); err != nil {
		text += "The report is not valid: " + err.Error() + "\n"
	}
	if r.Fault != "" {
		text += "The grader failed, not the program: " + r.Fault + "\n"
	}
	if r.Truncated {
		text += "Grading was stopped before its end; grade it again.\n"
	}
	if len(r.Exercise.Checks) == 0 {
		text += "No check was run, so there is nothing to pass.\n"
	}
	if r.Build != "" {
		text += "The program could not be built:\n" + r.Build
	}
	return block(text, maxText)
}
