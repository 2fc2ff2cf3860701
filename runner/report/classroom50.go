package report

import (
	"cmp"
	"io"
	"strconv"
	"time"
)

// A Classroom50 is what Classroom 50 wants to know beside the report. Its
// workflow gives most of it in the environment: CLASSROOM, ASSIGNMENT,
// SUBMISSION_TAG, COMMIT_URL, RELEASE_URL, REVIEW_URL.
type Classroom50 struct {
	Classroom      string
	Assignment     string
	AssignmentType string // "individual" or "group"
	Owner          string
	Submission     string // tag
	Commit         string // URL, as the next two
	Release        string
	Review         string
	Handed         time.Time // the instant of submission, the same after regrading
	Username       string    // of who submitted
	UserID         int64
}

// Classroom50FromEnv is what Classroom 50's workflow says in the environment, and
// GitHub's, which it runs in, of the one who handed in.
func Classroom50FromEnv(getenv func(string) string) Classroom50 {
	id, _ := strconv.ParseInt(getenv("GITHUB_ACTOR_ID"), 10, 64) // 0 is nobody's
	return Classroom50{
		AssignmentType: cmp.Or(getenv("ASSIGNMENT_TYPE"), "individual"), Owner: getenv("GITHUB_REPOSITORY_OWNER"),
		Username: getenv("GITHUB_ACTOR"), UserID: id,
		Classroom: getenv("CLASSROOM"), Assignment: getenv("ASSIGNMENT"), Submission: getenv("SUBMISSION_TAG"),
		Commit: getenv("COMMIT_URL"), Release: getenv("RELEASE_URL"), Review: getenv("REVIEW_URL"),
	}
}

type classroom50 struct {
	Schema         string            `json:"schema"`
	Classroom      string            `json:"classroom"`
	Assignment     string            `json:"assignment"`
	AssignmentType string            `json:"assignment_type"`
	Owner          string            `json:"owner"`
	Submission     string            `json:"submission"`
	Commit         string            `json:"commit"`
	Release        string            `json:"release"`
	Review         string            `json:"review"`
	Datetime       string            `json:"datetime"`
	GradedAt       string            `json:"graded_at"`
	Score          int               `json:"score"`
	MaxScore       int               `json:"max-score"`
	Tests          []classroom50Test `json:"tests"`
	SubmittedBy    classroom50User   `json:"submitted_by"`
}

type classroom50Test struct {
	TestName string  `json:"test-name"`
	Passed   bool    `json:"passed"`
	Score    int     `json:"score"`
	MaxScore int     `json:"max-score"`
	Verdict  Verdict `json:"verdict"` // extra: kept by Classroom 50
	Message  string  `json:"message,omitempty"`
}

type classroom50User struct {
	Username string `json:"username"`
	ID       int64  `json:"id"`
}

// Write writes the report as result.json, schema
// classroom50/result/v1, for the student: of hidden checks no more than the
// verdict.
func (c Classroom50) Write(w io.Writer, r Report) error {
	score := r.Score()
	r = r.ForStudent()
	out := classroom50{
		Schema: "classroom50/result/v1", Classroom: line(c.Classroom), Assignment: line(c.Assignment),
		AssignmentType: line(c.AssignmentType), Owner: line(c.Owner), Submission: line(c.Submission),
		Commit: line(c.Commit), Release: line(c.Release), Review: line(c.Review),
		Datetime: instant(c.Handed), GradedAt: instant(r.Graded), Score: score.Points, MaxScore: score.Max,
		Tests: []classroom50Test{}, SubmittedBy: classroom50User{line(c.Username), c.UserID},
	}
	for _, row := range r.listed() {
		out.Tests = append(out.Tests, classroom50Test{
			line(row.Name), row.Verdict == Pass, row.Earned(), max(row.Points, 0), row.Verdict, line(row.Said()),
		})
	}
	return writeJSON(w, out)
}

// instant is a time as JSON formats have it, "" for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
