// Package attempts keeps what a learner has tried of an exercise: of each check,
// with how many programs it failed, and what came of it last. Hints unlock by it,
// and a map of the lessons can show how far someone is.
//
//	.attempts/05-1f3870be274f.json    exercise 05, in one folder
//
// There is a file for each exercise and each folder that was graded. It is
// rewritten whole, by one grader at a time. A file that is missing or can't be
// understood is one in which nothing was tried yet: deleting it loses attempts and
// nothing else.
//
// A check gives no hint when it first fails, and one more each time that it fails
// with a program that was changed in between. Grading the same program again is no
// attempt, nor is one that does not compile.
//
// The package does not grade. It is no record that a teacher could trust: the file
// is the learner's own.
package attempts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"sockets/runner/report"
)

// Folder is where the files are, below the root of the checkout.
const Folder = ".attempts"

// A Log is what was tried of an exercise in one folder.
type Log struct {
	Exercise string           `json:"exercise"` // "05"
	Folder   string           `json:"folder"`   // that was graded
	Last     time.Time        `json:"last"`     // when; the zero time is never
	Program  string           `json:"program"`  // digest of what was graded last
	Checks   map[string]Check `json:"checks"`   // by name
}

// A Check is what was tried of one check.
type Check struct {
	Verdict report.Verdict `json:"verdict"`           // the last
	Points  int            `json:"points"`            // what it is worth
	Failed  int            `json:"failed"`            // with so many programs
	Program string         `json:"program,omitempty"` // digest of the last that failed
}

// File is the name of the file for an exercise and a folder that is graded.
func File(root, number, folder string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", folder, err)
	}
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	sum := sha256.Sum256([]byte(folder))
	return filepath.Join(root, Folder, number+"-"+hex.EncodeToString(sum[:6])+".json"), nil
}

// Load reads a file. One that is not there, or says nothing that we understand, is
// an empty log.
func Load(file string) (Log, error) {
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Log{}, nil
	case err != nil:
		return Log{}, fmt.Errorf("read attempts: %w", err)
	}
	var l Log
	if json.Unmarshal(text, &l) != nil {
		l = Log{}
	}
	return l, nil
}

// Note adds a report on the program with the digest to a file, and gives what is
// in it now. It makes the file, and waits for others that write it.
func Note(file, folder, digest string, r report.Report) (Log, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return Log{}, fmt.Errorf("keep attempts: %w", err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(filepath.Dir(file), "lock")).Lock()
	if err != nil {
		return Log{}, fmt.Errorf("keep attempts: %w", err)
	}
	defer unlock()
	l, err := Load(file)
	if err != nil {
		return l, err
	}
	l.Folder = folder
	l.add(digest, r)
	return l, l.write(file)
}

// add adds a report.
func (l *Log) add(digest string, r report.Report) {
	if l.Checks == nil {
		l.Checks = make(map[string]Check)
	}
	l.Exercise, l.Last, l.Program = r.Exercise.Number, r.Graded, digest
	for _, row := range r.Rows() {
		if !row.Verdict.Counts() {
			continue
		}
		c := l.Checks[row.Name]
		c.Verdict, c.Points = row.Verdict, row.Points
		if row.Verdict != report.Pass && c.Program != digest {
			c.Failed++
			c.Program = digest
		}
		l.Checks[row.Name] = c
	}
	for name := range l.Checks {
		if !slices.ContainsFunc(r.Exercise.Checks, func(c report.Check) bool { return c.Name == name }) {
			delete(l.Checks, name)
		}
	}
}

// write replaces the file, which is at no time half written.
func (l *Log) write(file string) (err error) {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "new-*")
	if err != nil {
		return fmt.Errorf("keep attempts: %w", err)
	}
	defer func() { err = errors.Join(err, remove(f.Name())) }()
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep attempts: %w", err)
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return fmt.Errorf("keep attempts: %w", err)
	}
	return nil
}

// remove removes a file that may have another name by now.
func remove(file string) error {
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Unlocked is the report with as many hints as the attempts have earned, and with
// how many more there are.
func (l Log) Unlocked(r report.Report) report.Report {
	outcomes := make(map[string]report.Outcome, len(r.Outcomes))
	for name, o := range r.Outcomes {
		n := min(max(l.Checks[name].Failed-1, 0), len(o.Hints))
		o.Hints, o.Locked = o.Hints[:n], len(o.Hints)-n
		outcomes[name] = o
	}
	r.Outcomes = outcomes
	return r
}

// Score is what the checks came to when each was last graded.
func (l Log) Score() (passed, points int) {
	for _, c := range l.Checks {
		if c.Verdict == report.Pass {
			passed++
			points += c.Points
		}
	}
	return passed, points
}
