package grade

import (
	"context"
	"errors"

	"sockets/runner/check"
	"sockets/runner/handin"
	"sockets/runner/report"
)

// A Built is a submission with its program, or without one and why.
type Built struct {
	Submission
	Binary  string // "" if there is none
	Source  string // the folder of its sources, as they were built
	Refused string // what its author did wrong, for its author to read
}

// Build builds submissions into a folder, which it makes and the caller removes.
// One that can't be built costs the others nothing.
func (j *Judge) Build(ctx context.Context, folder string, subs []Submission) ([]Built, error) {
	built := make([]Built, len(subs))
	var handed []*handin.Submission
	var at []int // of handed, in built
	for i, s := range subs {
		built[i].Submission = s
		files := s.Handed
		if files == nil {
			var err error
			var mistakes handin.Mistakes
			if files, err = handin.Collect(s.Dir); errors.As(err, &mistakes) {
				built[i].Refused = mistakes.Error()
				continue
			} else if err != nil {
				return nil, err
			}
		}
		handed, at = append(handed, files), append(at, i)
	}
	if len(handed) == 0 {
		return built, nil
	}
	programs, err := j.builder.Build(ctx, folder, handed)
	if err != nil {
		return nil, err
	}
	for k, p := range programs {
		b := &built[at[k]]
		if b.Binary, b.Source = p.Binary, p.Source; b.Binary == "" {
			b.Refused = p.Complaint
		}
	}
	return built, nil
}

// Level is how well this machine confines programs.
func Level() report.Level { return check.Level() }
