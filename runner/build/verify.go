package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"sockets/runner/agent"
	"sockets/runner/lesson"
	"sockets/runner/recording"
	"sockets/runner/run"
)

// VerifyOptions say what to verify, and how.
type VerifyOptions struct {
	Root    string
	Numbers []string // lessons; none means all
	Count   int      // how often each run is made; all must agree
	Update  bool     // store what the runs print now, instead of comparing
	Jobs    int
	Step    func(Step)
}

// A Difference is a run that printed something else than recorded.
type Difference struct {
	Lesson, Run string
	Diff        string // -recorded +now
}

func (d *Difference) Error() string {
	return fmt.Sprintf("lesson %s, run %s: not as recorded (-recorded +now):\n%s", d.Lesson, d.Run, d.Diff)
}

// Verify runs the chosen lessons, never from the cache, and compares what they
// leave with the recordings in the tree. It also reports what no build needs to
// stop for: declarations of a program that no cell shows, recordings of runs
// that are not declared. What it finds is a lesson.Mistakes or Problems.
func Verify(ctx context.Context, o VerifyOptions) error {
	c, err := Load(o.Root, o.Numbers)
	if err != nil {
		return err
	}
	ts := c.tasks()
	count := max(o.Count, 1)
	p := &progress{step: o.Step, total: len(ts) * count}
	made, err := c.execute(ctx, ts, count, jobs(Options{Jobs: o.Jobs}), p)
	var ps Problems
	if err != nil && !errors.As(err, &ps) {
		return err
	}
	for _, t := range ts {
		ps = append(ps, t.compare(made[t], o.Update)...)
	}
	strays, err := c.strays(o.Update)
	if err != nil {
		return err
	}
	if err := append(c.unshown(), strays...).Err(); err != nil {
		ps = append(ps, err)
	}
	if len(ps) > 0 {
		return ps
	}
	return nil
}

// compare holds the runs of a task against its stored recording, or with update
// stores the first and holds the others against it.
func (t *task) compare(rs []*recording.Recording, update bool) Problems {
	if len(rs) == 0 {
		return nil // it failed, and is a problem already
	}
	want, err := stored(t.lesson, t.run.Name)
	if update {
		if err != nil || run.Diff(want, rs[0], t.run.Varies) != "" || more(rs[0], want) {
			want, err = rs[0], t.store(rs[0])
		}
	}
	if err != nil {
		return Problems{err}
	}
	var ps Problems
	seen := make(map[string]bool)
	for _, r := range rs {
		if d := run.Diff(want, r, t.run.Varies); d != "" && !seen[d] {
			seen[d] = true
			ps = append(ps, &Difference{Lesson: t.lesson.Number, Run: t.run.Name, Diff: d})
		}
	}
	return ps
}

// more reports whether a holds layers that b lacks: it was recorded at a higher
// level.
func more(a, b *recording.Recording) bool {
	return a.Header.Level != b.Header.Level && agent.Lower(a.Header.Level, b.Header.Level) == b.Header.Level
}

func (t *task) store(r *recording.Recording) error {
	data, err := r.Encode()
	if err != nil {
		return err
	}
	return writeFile(t.lesson.RecordingPath(t.run.Name), data)
}

// strays are recordings of runs that no longer exist; with remove they go.
func (c *Course) strays(remove bool) (lesson.Mistakes, error) {
	var ms lesson.Mistakes
	for _, l := range c.Lessons {
		if !c.chosen[l.Number] || !l.RunsOn(runtime.GOOS) {
			continue
		}
		dir := filepath.Join(l.Dir, "recordings")
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read recordings: %w", err)
		}
		for _, e := range entries {
			name, isRecording := strings.CutSuffix(e.Name(), ".jsonl")
			if _, declared := l.Run(name); declared && isRecording {
				continue
			}
			path := filepath.Join(dir, e.Name())
			if !remove || !isRecording {
				ms.Add(relative(c.Root, path), 0, "it is the recording of no declared run", "recordings/ holds one file a run, NAME.jsonl")
				continue
			}
			if err := os.Remove(path); err != nil {
				return nil, fmt.Errorf("remove an old recording: %w", err)
			}
		}
	}
	return ms, nil
}

// unshown are declarations of the chosen lessons' programs that no cell shows.
func (c *Course) unshown() lesson.Mistakes {
	var ms lesson.Mistakes
	for i, p := range c.pages {
		if c.chosen[c.Lessons[i].Number] {
			ms = append(ms, p.Unshown()...)
		}
	}
	for i := range ms {
		ms[i].File = relative(c.Root, ms[i].File)
	}
	return ms
}
