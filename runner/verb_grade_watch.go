package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"sockets/runner/grade"
	"sockets/runner/watch"
)

// again judges the submission now, and whenever it has changed, until the context
// is done: that is how a watch ends, and no failure. What changes while it is
// judged makes that void, and it begins again.
func (g *grading) again(ctx context.Context, out, complaints io.Writer, j *grade.Judge, name, dir string) (err error) {
	w, err := watch.Open(watch.Tree{Folders: []string{dir}, Skip: noSource})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for ctx.Err() == nil {
		judging, void := context.WithCancel(ctx)
		changed := make(chan struct{})
		var lost error
		go func() {
			defer close(changed)
			_, lost = w.Next(judging)
			void()
		}()
		err := g.once(judging, out, complaints, j, name, dir)
		var failed *notPassed
		switch {
		case err == nil, errors.As(err, &failed):
			fmt.Fprintf(complaints, "runner: watching %s; Ctrl-C ends it\n\n", dir)
		case judging.Err() == nil:
			void()
			<-changed
			return err
		}
		if <-changed; lost != nil && ctx.Err() == nil {
			return fmt.Errorf("watch %s: %w", dir, lost)
		}
	}
	return nil
}

// noSource reports whether a file says nothing of a program.
func noSource(path string) bool { return filepath.Ext(path) != ".go" }
