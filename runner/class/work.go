package class

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"sockets/runner/grade"
	"sockets/runner/report"
	"sockets/runner/temporary"
)

// chunk is how many submissions are built with one call of the go command.
const chunk = 50

// A work is the grading of what a shard has not graded yet.
type work struct {
	o      Options
	class  *class
	plan   *plan
	judges judges
	store  *store
	level  report.Level // at which this machine confines programs

	mu     sync.Mutex
	done   int
	total  int
	before int
	again  []*submission // that did not settle
}

// run grades what is not graded, then again, one at a time, what did not settle.
func (w *work) run(ctx context.Context) error {
	var todo []*submission
	for _, s := range w.plan.jobs(w.o.Shard) {
		if w.store.has(s.Key) {
			w.before++
			continue
		}
		todo = append(todo, s)
	}
	w.total = len(todo)
	w.step(Step{})
	jobs := w.o.Jobs
	if jobs <= 0 {
		jobs = 2 * runtime.NumCPU()
	}
	if err := w.grade(ctx, todo, jobs, false); err != nil {
		return err
	}
	return w.grade(ctx, w.again, 1, true)
}

// A ready is a submission that was built, or was not.
type ready struct {
	*submission
	grade.Built
	fault string // of ours
	batch *batch
}

// A batch is what was built together, and lies in a folder until all is judged.
type batch struct {
	folder string
	left   atomic.Int32
}

func (b *batch) judged() error {
	if b.left.Add(-1) > 0 {
		return nil
	}
	return os.RemoveAll(b.folder)
}

// grade builds submissions and judges so many of them at a time, side by side.
func (w *work) grade(ctx context.Context, todo []*submission, jobs int, last bool) (err error) {
	if len(todo) == 0 {
		return nil
	}
	made, err := temporary.New("class")
	if err != nil {
		return fmt.Errorf("make a folder for programs: %w", err)
	}
	defer func() { err = errors.Join(err, made.Remove()) }()
	folder := made.Path
	if err := os.Chmod(folder, 0o711); err != nil { // who builds in a cage must reach what lies in it
		return err
	}
	running, ctx := errgroup.WithContext(ctx)
	built := make(chan ready, chunk) // one chunk is judged while the next is built
	running.Go(func() error {
		defer close(built)
		for i, c := range chunks(todo) {
			if err := w.build(ctx, filepath.Join(folder, fmt.Sprint(i)), c, built); err != nil {
				return err
			}
		}
		return nil
	})
	for range jobs {
		running.Go(func() error {
			for b := range built {
				if err := errors.Join(w.judge(ctx, b, last), b.batch.judged()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return running.Wait()
}

// chunks cuts the submissions of each exercise into what is built together.
func chunks(todo []*submission) [][]*submission {
	by := make(map[string][]*submission)
	var order []string
	for _, s := range todo {
		if by[s.Exercise] == nil {
			order = append(order, s.Exercise)
		}
		by[s.Exercise] = append(by[s.Exercise], s)
	}
	var all [][]*submission
	for _, number := range order {
		for of := by[number]; len(of) > 0; {
			n := min(chunk, len(of))
			all = append(all, of[:n])
			of = of[n:]
		}
	}
	return all
}

// build builds a chunk and hands the programs over.
func (w *work) build(ctx context.Context, folder string, todo []*submission, built chan<- ready) error {
	subs := make([]grade.Submission, len(todo))
	for i, s := range todo {
		var err error
		if subs[i], err = w.submission(s); err != nil {
			return err
		}
	}
	programs, faults := w.programs(ctx, folder, w.judges[todo[0].Exercise], subs)
	if err := ctx.Err(); err != nil {
		return err
	}
	b := &batch{folder: folder}
	b.left.Store(int32(len(todo)))
	for i, s := range todo {
		select {
		case built <- ready{s, programs[i], faults[i], b}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// programs builds submissions together. If that fails on our side, each is built
// by itself: one of them may have done that, and the others must not pay.
func (w *work) programs(ctx context.Context, folder string, j *grade.Judge, subs []grade.Submission) ([]grade.Built, []string) {
	faults := make([]string, len(subs))
	programs, err := j.Build(ctx, folder, subs)
	if err == nil {
		return programs, faults
	}
	programs = make([]grade.Built, len(subs))
	for i := range subs {
		one, err := j.Build(ctx, filepath.Join(folder, fmt.Sprint("alone-", i)), subs[i:i+1])
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			faults[i] = "It could not be built, for a reason on our side: " + err.Error()
			continue
		}
		programs[i] = one[0]
	}
	return programs, faults
}

// submission reads what is to be built, which must be what the plan says.
func (w *work) submission(s *submission) (grade.Submission, error) {
	u := w.class.upload(s.Student, s.Exercise)
	files, refused, err := w.class.take(u)
	if err == nil && (refused != "" || files.Digest() != s.Digest) {
		err = fmt.Errorf("%s has changed while the class was graded; the same command grades it again", filepath.Join(w.o.Dir, u.where()))
	}
	return grade.Submission{Name: s.Student, Handed: files, Seed: w.plan.exercise(s.Exercise).Seed, Hints: true}, err
}

// judge judges a program, and stores what came of it, or leaves it to be judged
// again.
func (w *work) judge(ctx context.Context, b ready, last bool) error {
	r := report.Report{Exercise: w.judges[b.Exercise].Exercise, Seed: b.Seed, Fault: b.fault}
	if b.fault == "" {
		var err error
		r, err = w.judges[b.Exercise].Judge(ctx, b.Built)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.Fault = err.Error()
		}
	}
	r.Submission = b.Student
	if r.Level > w.level && r.Fault == "" {
		r.Fault = fmt.Sprintf("The program was confined at level %s, and this machine allows %s.", r.Level, w.level)
	}
	if !last && unsettled(r) {
		w.mu.Lock()
		w.again = append(w.again, b.submission)
		w.mu.Unlock()
		w.step(Step{Report: r, Again: true})
		return nil
	}
	if err := w.store.keep(b.Key, r); err != nil {
		return err
	}
	w.step(Step{Report: r})
	return nil
}

// unsettled reports whether grading again, in peace, may say something else.
func unsettled(r report.Report) bool {
	for _, row := range r.Rows() {
		if row.Verdict == report.Flaky {
			return true
		}
	}
	return failed(r)
}

// step says what was done.
func (w *work) step(s Step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.Report.Exercise.Number != "" && !s.Again {
		w.done++
	}
	if w.o.Progress != nil {
		s.Done, s.Total, s.Before = w.done, w.total, w.before
		w.o.Progress(s)
	}
}
