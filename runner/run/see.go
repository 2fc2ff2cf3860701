package run

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"strings"
	"time"

	"sockets/runner/agent"
	"sockets/runner/pocket"
	"sockets/runner/process"
	"sockets/runner/recording"
)

// A running is a run on its way.
type running struct {
	spec    Spec
	level   string
	folder  string   // the program's, or where it has another one, of the lab's UNIX sockets
	dirs    []string // of the program's own files
	version string   // of Go, that built it
	lab     services
	args    []string // as the program gets them
}

// see runs the program, and sees what the level allows.
func (r *running) see(ctx context.Context) (*agent.Sight, error) {
	if r.spec.Cage != nil && r.level != recording.LevelFull {
		return nil, errors.New("there is no cage without a private network here")
	}
	if r.level == recording.LevelOutput {
		return r.look(ctx)
	}
	s := agent.Spec{
		Limit: r.spec.limit(), Output: output, Cage: r.spec.Cage, Live: r.spec.Watch != nil, Stdout: r.spec.Stdout, Stderr: r.spec.Stderr,
		Up: func(context.Context, *pocket.Pocket) (agent.Order, error) {
			return r.order(r.spec.Binary, r.folder, start)
		},
	}
	if r.level == recording.LevelFull {
		// The program has a /tmp of its own there, which is its folder.
		binary := path.Join("/tmp/bin", filepath.Base(r.spec.Binary))
		s.Pocket = &pocket.Config{
			Hosts: hosts(), Faults: r.spec.Run.Wire,
			Binds: []pocket.Bind{{From: r.spec.Binary, To: binary}, {From: r.folder, To: labDir}},
		}
		s.Up = func(ctx context.Context, p *pocket.Pocket) (agent.Order, error) {
			return r.order(binary, "/tmp", func(needs []string) (services, error) {
				return startIn(ctx, p, needs, r.folder)
			})
		}
	}
	if r.spec.Watch != nil {
		return r.watch(ctx, s)
	}
	return agent.Run(ctx, s)
}

// look runs the program without an agent, and sees what it prints.
func (r *running) look(ctx context.Context) (*agent.Sight, error) {
	o, err := r.order(r.spec.Binary, r.folder, start)
	if err != nil {
		return nil, err
	}
	stdout, stderr := r.spec.Stdout, r.spec.Stderr
	if r.spec.Watch != nil {
		t := r.tap()
		defer t.end()
		stdout, stderr = t.also(&t.stdout, stdout), t.also(&t.stderr, stderr)
	}
	end, err := process.Run(ctx, process.Command{
		Path: o.Path, Args: o.Args, Dir: o.Dir, Env: o.Env, Limit: o.Limit,
		Output: output, Stdout: stdout, Stderr: stderr,
	})
	if err != nil {
		return nil, err
	}
	return &agent.Sight{End: end, Events: printed(end.Stdout, end.Stderr)}, nil
}

// order starts the lab and says what is to be run among its services.
func (r *running) order(binary, folder string, start func(needs []string) (services, error)) (o agent.Order, err error) {
	if r.lab, err = start(r.spec.Lesson.Needs); err != nil {
		return o, err
	}
	if r.args, err = r.lab.fill(r.spec.Run.Args); err != nil {
		return o, err
	}
	calls := 0
	if r.spec.Watch != nil {
		calls = watched
	}
	return agent.Order{
		Path: binary, Calls: calls, Args: r.args, Dir: folder, Env: append(environment(folder), r.lab.env()...),
		Dirs: r.dirs, Limit: r.spec.limit(),
	}, nil
}

// printed is what a program printed, an event a line; the streams one after the
// other, as nobody knows how they were mixed.
func printed(stdout, stderr []byte) []agent.Seen {
	var all []agent.Seen
	for at, stream := range []struct{ name, text string }{
		{recording.Stdout, string(stdout)}, {recording.Stderr, string(stderr)},
	} {
		for _, e := range events(stream.name, stream.text) {
			all = append(all, agent.Seen{Event: e, At: time.Duration(at)})
		}
	}
	return all
}

// events is an output event for each line.
func events(stream, text string) []recording.Event {
	var es []recording.Event
	for line := range strings.Lines(text) {
		es = append(es, recording.Event{Output: &recording.Output{Stream: stream, Text: line}})
	}
	return es
}
