package class

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"sockets/runner/report"
)

// A plan is what there is to grade, as class.json has it: equal for all shards.
type plan struct {
	Schema      string        `json:"schema"`
	Name        string        `json:"name"` // of the class
	At          time.Time     `json:"at"`   // alone not a part of what shards must agree in
	Seed        uint64        `json:"seed"`
	Exercises   []exercise    `json:"exercises"`
	Students    []student     `json:"students"`
	Submissions []*submission `json:"submissions"`
}

const planSchema = "sockets/class/v1"

// An exercise is what is asked, and which version of its checks asks.
type exercise struct {
	report.Exercise
	Digest string `json:"digest"`
	Seed   uint64 `json:"seed"`
}

// A student is one of the roster, or a guest.
type student struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Guest  bool   `json:"guest,omitempty"` // not on the roster
	Folder string `json:"folder"`          // below students and results
}

// A submission is what a student handed in for an exercise.
type submission struct {
	Student  string `json:"student"`
	Exercise string `json:"exercise"`
	Digest   string `json:"digest,omitempty"`  // of its sources
	Refused  string `json:"refused,omitempty"` // why nothing was built
	Key      string `json:"key,omitempty"`     // of what came of it
	Cached   bool   `json:"cached,omitempty"`  // an earlier one has the same key
}

// plan reads every submission once, and notes what is to be graded. It stores the
// plan, or takes seed and time from the one that is stored.
func (c *class) plan(ctx context.Context, o Options, js judges, st *store) (*plan, error) {
	p := &plan{Schema: planSchema, Name: filepath.Base(absolute(o.Dir)), Students: c.list(o.Roster)}
	p.Submissions = make([]*submission, len(c.uploads))
	var reading errgroup.Group
	reading.SetLimit(runtime.NumCPU())
	for i, u := range c.uploads {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		reading.Go(func() error {
			s, refused, err := c.take(u)
			p.Submissions[i] = &submission{Student: u.student, Exercise: u.exercise, Refused: short(refused)}
			if err == nil && refused == "" {
				p.Submissions[i].Digest = s.Digest()
			}
			return err
		})
	}
	if err := reading.Wait(); err != nil {
		return nil, err
	}
	for _, n := range c.numbers {
		digest, err := js[n].Digest()
		if err != nil {
			return nil, err
		}
		p.Exercises = append(p.Exercises, exercise{Exercise: js[n].Exercise, Digest: digest})
	}
	return p, st.agree(o, p)
}

// short is the beginning of a text that a student may have made long.
func short(text string) string {
	const most = 4 << 10
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

// list is the roster, then those who are not on it.
func (c *class) list(roster []report.Student) []student {
	var all []student
	var ids []string
	known := make(map[string]bool)
	for _, s := range roster {
		all = append(all, student{ID: s.ID, Name: s.Name})
		known[s.ID] = true
	}
	for _, s := range c.students {
		if !known[s] {
			all = append(all, student{ID: s, Guest: roster != nil})
		}
	}
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	names := folders(ids)
	for i := range all {
		all[i].Folder = names[all[i].ID]
	}
	return all
}

// sow derives from the class's seed all that depends on it.
func (p *plan) sow(seed uint64) {
	p.Seed = seed
	digests := make(map[string]*exercise)
	for i := range p.Exercises {
		e := &p.Exercises[i]
		e.Seed = seedOf(fmt.Sprintf("seed %d exercise %s", seed, e.Number))
		digests[e.Number] = e
	}
	seen := make(map[string]bool)
	for _, s := range p.Submissions {
		if s.Refused != "" {
			continue
		}
		e := digests[s.Exercise]
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %s", e.Number, e.Digest, e.Seed, s.Digest))
		s.Key = hex.EncodeToString(sum[:16])
		s.Cached = seen[s.Key]
		seen[s.Key] = true
	}
}

// natural is the seed of a class that was given none.
func (p *plan) natural() uint64 {
	var text []byte
	for _, e := range p.Exercises {
		text = fmt.Appendf(text, "%s %s\n", e.Number, e.Digest)
	}
	for _, s := range p.Submissions {
		text = fmt.Appendf(text, "%q %s %s %q\n", s.Student, s.Exercise, s.Digest, s.Refused)
	}
	return seedOf(string(text))
}

// seedOf is a seed that people can type.
func seedOf(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:]) % 1_000_000_000
}

// digest tells plans apart by all but the time.
func (p *plan) digest() string {
	timeless := *p
	timeless.At = time.Time{}
	text, err := json.Marshal(timeless)
	if err != nil {
		panic(err) // it holds nothing that JSON lacks
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// jobs are the different submissions of a shard, by their keys.
func (p *plan) jobs(s Shard) []*submission {
	var jobs []*submission
	for _, sub := range p.Submissions {
		if sub.Refused == "" && !sub.Cached && s.holds(sub.Exercise, sub.Digest) {
			jobs = append(jobs, sub)
		}
	}
	return jobs
}

func (p *plan) exercise(number string) *exercise {
	i := slices.IndexFunc(p.Exercises, func(e exercise) bool { return e.Number == number })
	return &p.Exercises[i]
}
