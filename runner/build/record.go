package build

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sockets/runner/compile"
	"sockets/runner/recording"
	"sockets/runner/run"
	"sockets/runner/temporary"
)

// record gives the recording of every run of every lesson: made now where the
// inputs changed, from the cache where they didn't, and from the tree with
// Replay, and for lessons that this operating system can't run.
func (c *Course) record(ctx context.Context, o Options) (results, error) {
	all := make(results)
	var ts []*task
	if !o.Replay {
		ts = c.tasks()
	}
	if err := c.fillKeys(ctx, ts); err != nil {
		return nil, err
	}
	p := &progress{step: o.Step, total: len(ts)}
	var stale []*task
	for _, t := range ts {
		was, r, ok := c.cached(t)
		if !ok || o.Fresh || len(t.key.since(was)) > 0 {
			stale = append(stale, t)
			continue
		}
		all[[2]string{t.lesson.Number, t.run.Name}] = r
		p.done(Step{Lesson: t.lesson.Number, Run: t.run.Name, How: "cached"})
	}
	made, err := c.execute(ctx, stale, 1, jobs(o), p)
	for t, rs := range made { // also when other runs failed
		all[[2]string{t.lesson.Number, t.run.Name}] = rs[0]
		err = errors.Join(err, c.keep(t, rs[0]))
	}
	if err != nil {
		return nil, err
	}
	return all, c.fill(all, o.Replay, p)
}

// fill adds the recordings of the runs that were not made here: the cache's for
// lessons that were not chosen, else the tree's.
func (c *Course) fill(all results, replay bool, p *progress) error {
	for _, l := range c.Lessons {
		for _, r := range l.Runs {
			at := [2]string{l.Number, r.Name}
			if all[at] != nil {
				continue
			}
			if _, old, ok := c.cached(&task{lesson: l, run: r}); ok && !replay {
				all[at] = old
				continue
			}
			var err error
			if all[at], err = stored(l, r.Name); err != nil {
				return err
			}
			p.done(Step{Lesson: l.Number, Run: r.Name, How: "replayed"})
		}
	}
	return nil
}

// execute builds the tasks' programs and runs each count times. The recordings
// are of runs that went as declared, also of those that were done before an error
// ended it all; the others make Problems, after all are done.
func (c *Course) execute(ctx context.Context, ts []*task, count, jobs int, p *progress) (map[*task][]*recording.Recording, error) {
	made := make(map[*task][]*recording.Recording)
	if len(ts) == 0 {
		return made, nil
	}
	folder, err := temporary.New("bin")
	if err != nil {
		return nil, fmt.Errorf("make a folder for binaries: %w", err)
	}
	defer func() { _ = folder.Remove() }()
	tmp := folder.Path
	binaries, err := compile.Build(ctx, c.Root, tmp, programs(ts))
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	problems := make(map[*task]error)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(jobs)
	for range count {
		for _, t := range ts {
			g.Go(func() error {
				start := time.Now()
				r, err := t.once(ctx, binaries[t.dir])
				if err != nil && ctx.Err() != nil {
					return context.Cause(ctx)
				}
				var failed *run.Failure
				if err != nil && !errors.As(err, &failed) {
					return err // the machine's fault, not the lesson's
				}
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					problems[t] = err
				} else {
					made[t] = append(made[t], r)
				}
				p.done(Step{Lesson: t.lesson.Number, Run: t.run.Name, How: "ran", Took: time.Since(start), Err: err})
				return nil
			})
		}
	}
	if err := g.Wait(); err != nil {
		return made, err
	}
	var ps Problems
	for _, t := range ts {
		if err := problems[t]; err != nil {
			ps = append(ps, err)
		}
	}
	if len(ps) > 0 {
		return made, ps
	}
	return made, nil
}

// once runs the task's program and judges how it ended.
func (t *task) once(ctx context.Context, binary string) (*recording.Recording, error) {
	result, err := run.Program(ctx, run.Spec{Lesson: t.lesson, Run: t.run, Binary: binary})
	if err != nil {
		return nil, err
	}
	return result.Recording, run.Judge(t.lesson, t.run, result)
}

// progress tells of each settled run, one at a time.
type progress struct {
	mu           sync.Mutex
	step         func(Step)
	count, total int
}

func (p *progress) done(s Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	p.total = max(p.total, p.count)
	s.Done, s.Total = p.count, p.total
	if p.step != nil {
		p.step(s)
	}
}
