package run

import (
	"cmp"
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"sockets/runner/frame"
	"sockets/runner/pocket"
	"sockets/runner/process"
	"sockets/runner/recording"
)

// A sight is what was seen of one run, as it was.
type sight struct {
	end    *process.End
	args   []string
	lab    map[string]string
	hidden int
	events []seen // in the order in which they began; none at level "output"
	frames []frame.Raw
}

// A seen is an event, and when it began.
type seen struct {
	recording.Event
	id int // of its call, in the order in which they began
	at time.Duration
}

// agentPatience is what an agent may take beyond its program's limit: to make
// the network, to trace the dump of many goroutines, to report.
const agentPatience = time.Minute

// observe runs the program in the folder under an agent, at a level above
// "output".
func observe(ctx context.Context, s Spec, level, folder string, dirs []string) (_ *sight, err error) {
	u, err := newUnder()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, u.close()) }()
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	c := process.Command{
		Path: self, Env: os.Environ(), Limit: s.limit() + agentPatience,
		Output: output, Stdout: s.Stdout, Stderr: s.Stderr,
		Files: []*os.File{u.orders, u.reports},
	}
	if level == recording.LevelFull {
		err = u.private(ctx, s, c, folder, dirs)
	} else {
		err = u.plain(ctx, s, c, folder, dirs)
	}
	if err != nil {
		return nil, err
	}
	return u.sight()
}

// plain runs the agent on the machine's own network.
func (u *under) plain(ctx context.Context, s Spec, c process.Command, folder string, dirs []string) (err error) {
	if u.lab, err = start(s.Lesson.Needs); err != nil {
		return err
	}
	if err := u.give(s, s.Binary, folder, dirs); err != nil {
		return err
	}
	c.Env = append(c.Env, setting{Files: 3}.env())
	u.end, err = process.Run(ctx, c)
	return err
}

// private runs the agent in a pocket. The program has a /tmp of its own there,
// which is its folder; ours holds the lab's UNIX sockets.
func (u *under) private(ctx context.Context, s Spec, c process.Command, folder string, dirs []string) (err error) {
	binary := path.Join("/tmp/bin", filepath.Base(s.Binary))
	config := pocket.Config{
		Hosts: hosts(), Faults: s.Run.Wire,
		Binds: []pocket.Bind{{From: s.Binary, To: binary}, {From: folder, To: labDir}},
	}
	if u.pocket, err = pocket.New(config); err != nil {
		return err
	}
	c.Env = append(c.Env, setting{Pocket: true, Files: 3 + len(u.pocket.Files())}.env())
	u.end, err = u.pocket.Run(ctx, c, func(ctx context.Context) (err error) {
		if u.lab, err = startIn(ctx, u.pocket, s.Lesson.Needs, folder); err != nil {
			return err
		}
		return u.give(s, binary, "/tmp", dirs)
	})
	return err
}

// An under is the runner's side of an agent.
type under struct {
	pocket *pocket.Pocket // nil at level "calls"
	lab    running
	order  order
	end    *process.End // of the agent

	orders, reports   *os.File // the agent's ends of the pipes
	ordersW, reportsR *os.File // ours
	heard             chan struct{}

	// What was heard; to be read when heard is closed.
	last    message
	events  []seen
	frames  []frame.Raw
	garbled error
}

func newUnder() (*under, error) {
	u := &under{heard: make(chan struct{})}
	var err error
	if u.orders, u.ordersW, err = os.Pipe(); err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	if u.reportsR, u.reports, err = os.Pipe(); err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe: %w", err), u.orders.Close(), u.ordersW.Close())
	}
	go func() {
		defer close(u.heard)
		u.listen()
	}()
	return u, nil
}

// close ends what is left: the agent is gone already.
func (u *under) close() error {
	err := errors.Join(u.orders.Close(), u.ordersW.Close())
	if u.reports != nil {
		err = errors.Join(err, u.reports.Close())
	}
	<-u.heard
	err = errors.Join(err, u.reportsR.Close(), u.lab.close())
	if u.pocket != nil {
		err = errors.Join(err, u.pocket.Close())
	}
	return err
}

// give gives the agent its order: the binary, and the folder that is the
// program's, by their names inside. A pipe has room for it.
func (u *under) give(s Spec, binary, folder string, dirs []string) (err error) {
	u.order = order{Path: binary, Dir: folder, Dirs: dirs, Limit: s.limit(), Env: append(environment(folder), u.lab.env()...)}
	if u.order.Args, err = u.lab.fill(s.Run.Args); err != nil {
		return err
	}
	if err := u.ordersW.SetWriteDeadline(time.Now().Add(agentPatience)); err != nil {
		return err
	}
	if err := gob.NewEncoder(u.ordersW).Encode(u.order); err != nil {
		return fmt.Errorf("give the agent its order: %w", err)
	}
	return nil
}

// listen takes the agent's reports to their end.
func (u *under) listen() {
	for dec := gob.NewDecoder(u.reportsR); ; {
		var m message
		if err := dec.Decode(&m); err != nil {
			if !errors.Is(err, io.EOF) {
				u.garbled = err
			}
			_, _ = io.Copy(io.Discard, u.reportsR) // or the agent would wait for us
			return
		}
		switch {
		case m.Event != nil:
			u.events = append(u.events, seen{m.Event.Event, m.Event.ID, m.Event.Start})
		case m.Frames != nil:
			u.frames = append(u.frames, m.Frames...)
		default:
			u.last = m
		}
	}
}

// sight puts together what was seen, when the agent is gone.
func (u *under) sight() (*sight, error) {
	err := u.reports.Close() // the agent had its own; ours keeps the reports from ending
	u.reports = nil
	<-u.heard
	switch e := u.last.End; {
	case err != nil:
		return nil, err
	case u.garbled != nil && !u.end.Cut:
		return nil, fmt.Errorf("read what the agent reports: %w", u.garbled)
	case u.last.Failure != "":
		return nil, errors.New(u.last.Failure)
	case e == nil && !u.end.Cut:
		return nil, fmt.Errorf("the agent ended without a word (exit %d %s): %s", u.end.Code, u.end.Signal, last(string(u.end.Stderr), quotedStderr))
	}
	s := &sight{end: u.end, args: u.order.Args, lab: u.lab.addresses(), events: u.events, frames: u.frames}
	if e := u.last.End; e != nil {
		s.hidden = e.Hidden
		s.end.Code, s.end.Signal, s.end.Late, s.end.Wall = e.Exit, e.Signal, e.Late, e.Wall
	}
	// They were reported as they ended.
	slices.SortStableFunc(s.events, func(a, b seen) int { return cmp.Compare(a.id, b.id) })
	return s, nil
}

// env is the variable that lets an agent know itself.
func (s setting) env() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // it holds nothing that JSON lacks
	}
	return agentKey + "=" + string(text)
}
