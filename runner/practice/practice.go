// Package practice judges a reader's exercises while they are written: a save of
// lessons/NN/exercise has it graded, and pages of the living site are told how it
// stands. The main.go of an exercise can be written in its page.
//
//	GET  /live/exercises                  all exercises, as a list of [State]
//	GET  /live/exercises/05/main.go       a [File]
//	PUT  /live/exercises/05/main.go       a [Change] to be written; an [Answer]
//	POST /live/exercises/05/difference    how the text of a [Change] differs from the file
//
// What is shown before the first save is what the attempts say that are kept in
// the checkout, see package attempts; each grading is one of them. A save while an
// exercise is judged makes that grading void. One exercise is judged at a time.
// A save from a page is a save like any other: the watch sees it.
//
// A file that was changed elsewhere since the page read it is not written over:
// the answer is 409, with the file as it is. Of a request's path no more is believed
// than the two digits of a number, and no link is followed.
//
// The package does not ask who sends a request: that is the server's to know.
package practice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sockets/runner/attempts"
	"sockets/runner/grade"
	"sockets/runner/handin"
	"sockets/runner/report"
	"sockets/runner/watch"
)

// A Room is where the exercises of a checkout are judged.
type Room struct {
	Root    string        // the checkout
	Poll    time.Duration // look for saves so often, instead of being told; 0 is being told
	Publish func(State)   // tells pages of a new state; calls follow each other

	mu     sync.Mutex
	states map[string]State // by the lesson's number

	writing sync.Mutex // of a main.go

	turn    sync.Mutex // of the one that is judged
	judges  map[string]*grade.Judge
	begun   map[string]context.CancelFunc // gradings that are on their way
	running sync.WaitGroup
}

// Routes are the requests that a room answers.
func (r *Room) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /live/exercises":                      r.all,
		"GET /live/exercises/{number}/main.go":     r.get,
		"PUT /live/exercises/{number}/main.go":     r.put,
		"POST /live/exercises/{number}/difference": r.difference,
	}
}

// all answers with the state of each exercise, in the order of lessons.
func (r *Room) all(w http.ResponseWriter, _ *http.Request) {
	r.mu.Lock()
	list := make([]State, 0, len(r.states))
	for _, s := range r.states {
		list = append(list, s)
	}
	r.mu.Unlock()
	slices.SortFunc(list, func(a, b State) int { return strings.Compare(a.Number, b.Number) })
	answer(w, http.StatusOK, list)
}

// within is a file of an exercise or of its checks, by its path below lessons.
var within = regexp.MustCompile(`^([0-9]{2})/(exercise|solution)/[^/]+\.go$`)

// place is the lesson of a file and whether it is one of the checks'.
func (r *Room) place(path string) (number string, checks, ok bool) {
	rel, err := filepath.Rel(filepath.Join(r.Root, "lessons"), path)
	if err != nil {
		return "", false, false
	}
	m := within.FindStringSubmatch(filepath.ToSlash(rel))
	if m == nil {
		return "", false, false
	}
	return m[1], m[2] == "solution", true
}

// folders are those that lead to such files.
var folders = regexp.MustCompile(`^[0-9]{2}(/(exercise|solution))?$`)

func (r *Room) skip(path string) bool {
	rel, err := filepath.Rel(filepath.Join(r.Root, "lessons"), path)
	if err != nil {
		return true
	}
	rel = filepath.ToSlash(rel)
	return !folders.MatchString(rel) && !within.MatchString(rel)
}

// Run judges what is saved, until the context is done. Then nothing is left that it
// began.
func (r *Room) Run(ctx context.Context) (err error) {
	lessons := filepath.Join(r.Root, "lessons")
	w, err := watch.Open(watch.Tree{Folders: []string{lessons}, Skip: r.skip, Poll: r.Poll})
	if err != nil {
		return err
	}
	r.judges, r.begun = make(map[string]*grade.Judge), make(map[string]context.CancelFunc)
	defer func() {
		r.running.Wait()
		err = errors.Join(err, w.Close())
		for _, j := range r.judges {
			err = errors.Join(err, j.Close())
		}
	}()
	entries, err := os.ReadDir(lessons)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if folders.MatchString(e.Name()) {
			r.remember(e.Name())
			r.sweep(e.Name())
		}
	}
	for {
		changed, err := w.Next(ctx)
		if err != nil {
			return err
		}
		saved := make(map[string]bool)
		for _, path := range changed {
			number, checks, ok := r.place(path)
			if ok && checks {
				saved[number] = r.forget(number) || saved[number]
			}
			saved[number] = saved[number] || ok && !checks
		}
		for number, judged := range saved {
			if judged {
				r.begin(ctx, number)
			}
		}
	}
}

// forget drops the judge of checks that have changed, and reports whether the
// exercise was tried before.
func (r *Room) forget(number string) (tried bool) {
	if cancel := r.begun[number]; cancel != nil {
		cancel()
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	if j := r.judges[number]; j != nil {
		_ = j.Close() // a folder of temporary files
		delete(r.judges, number)
	}
	r.remember(number)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.states[number].Tried
}

// begin has an exercise judged, instead of a grading of it that is under way.
func (r *Room) begin(ctx context.Context, number string) {
	if cancel := r.begun[number]; cancel != nil {
		cancel()
	}
	judging, cancel := context.WithCancel(ctx)
	r.begun[number] = cancel
	r.change(number, func(s *State) { s.Judging = true }) // also while another one is: the file is new
	r.running.Go(func() {
		defer cancel()
		r.turn.Lock()
		defer r.turn.Unlock()
		if judging.Err() != nil {
			return
		}
		file, _ := r.read(number) // what can't be read can't be judged, and the judge says so
		graded, err := r.grade(judging, number)
		if judging.Err() != nil {
			return // another follows, or it is the end
		}
		r.change(number, func(s *State) {
			if err != nil {
				*s = State{Number: s.Number, Name: s.Name, Checks: s.Checks, Max: s.Max, Why: "It could not be judged: " + err.Error()}
			} else {
				*s = graded
			}
			s.Judged = file.Digest
		})
	})
}

// grade judges an exercise as it is now.
func (r *Room) grade(ctx context.Context, number string) (State, error) {
	j := r.judges[number]
	if j == nil {
		var err error
		j, err = grade.Open(ctx, grade.Source{Root: r.Root, Number: number, Cache: filepath.Join(r.Root, ".cache", "handin")})
		if err != nil {
			return State{}, err
		}
		r.judges[number] = j
	}
	name := filepath.Join("lessons", number, "exercise")
	s := grade.Submission{Name: name, Dir: filepath.Join(r.Root, name), Seed: rand.Uint64N(1_000_000), Hints: true, Quick: true}
	// What is wrong with the files is in the report.
	if files, err := handin.Collect(s.Dir); err == nil {
		s.Handed = files
	}
	graded, err := j.Grade(ctx, s)
	if err != nil {
		return State{}, err
	}
	var log attempts.Log
	if s.Handed != nil {
		file, err := attempts.File(r.Root, number, s.Dir)
		if err == nil {
			log, err = attempts.Note(file, s.Dir, s.Handed.Digest(), graded)
		}
		if err != nil {
			return State{}, fmt.Errorf("what was tried can't be kept: %w", err)
		}
	}
	return of(log.Unlocked(graded).ForStudent()), nil
}

// remember has the state of an exercise be what its attempts say.
func (r *Room) remember(number string) {
	e, err := grade.Exercise(filepath.Join(r.Root, "lessons", number, "solution", "check_test.go"), number)
	if err != nil {
		return // it has none, or its checks are being written
	}
	var log attempts.Log
	dir := filepath.Join(r.Root, "lessons", number, "exercise")
	if file, err := attempts.File(r.Root, number, dir); err == nil {
		log, _ = attempts.Load(file) // what can't be read was not tried
	}
	known := report.Report{Exercise: e, Outcomes: make(map[string]report.Outcome)}
	for name, c := range log.Checks {
		if slices.ContainsFunc(e.Checks, func(k report.Check) bool { return k.Name == name }) {
			known.Outcomes[name] = report.Outcome{Verdict: c.Verdict}
		}
	}
	s := of(known.ForStudent())
	for i := range s.Checks {
		s.Checks[i].Detail = ""
	}
	r.change(number, func(old *State) { *old = s })
}

// change changes a state and tells of it, with the file as it is now.
func (r *Room) change(number string, f func(*State)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.states == nil {
		r.states = make(map[string]State)
	}
	s := r.states[number]
	f(&s)
	s.Number = number
	if s.Checks == nil {
		s.Checks = []Check{}
	}
	file, _ := r.read(number) // why it can't be read is said to who asks for it
	s.Digest = file.Digest
	r.states[number] = s
	if r.Publish != nil {
		r.Publish(s)
	}
}
