// Package agent runs a program under observation. What is to be seen beyond what
// a program prints needs a process between it and the runner: a tracer, and the
// first process of a private network. It is the runner's own binary started
// again, the agent, which finds a setting in its environment while its packages
// are initialised, carries one order out, and never reaches main. So a binary
// that imports this package must do nothing of note before it reaches main.
//
//	runner                 agent                    program
//	Run   -- starts -->    makes the pocket
//	Up    -- order  -->    starts and traces  -->   runs
//	Sight <-- reports --   drains the wire at each call's end
//
// It joins process, pocket and trace, and says what they saw as a
// [recording.Recording]; it knows no lesson and no lab.
package agent

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sockets/runner/frame"
	"sockets/runner/pocket"
	"sockets/runner/process"
	"sockets/runner/trace"
)

// A Spec is a program to be observed.
type Spec struct {
	// Pocket is the private network to run in; nil is the machine's own.
	Pocket *pocket.Config

	// Up is called when the network is there, with nil where it is the machine's
	// own, and gives the order. The program starts when it has returned.
	Up func(ctx context.Context, p *pocket.Pocket) (Order, error)

	Limit  time.Duration // no longer than which the order's is
	Output int           // bytes kept of each stream; printing more ends it

	Stdout, Stderr io.Writer // also get what is printed, as it comes; may be nil
}

// patience is what an agent may take beyond its program's limit: to make the
// network, to trace the dump of many goroutines, to report.
const patience = time.Minute

// Run observes the program to its end. How it ends is no error.
func Run(ctx context.Context, s Spec) (_ *Sight, err error) {
	o, err := newOutside()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	c := process.Command{
		Path: self, Env: os.Environ(), Limit: s.Limit + patience,
		Output: s.Output, Stdout: s.Stdout, Stderr: s.Stderr,
		Files: []*os.File{o.orders, o.reports},
	}
	if s.Pocket == nil {
		err = o.plain(ctx, s, c)
	} else {
		err = o.private(ctx, s, c)
	}
	if err != nil {
		return nil, err
	}
	return o.sight()
}

// plain runs the agent on the machine's own network.
func (o *outside) plain(ctx context.Context, s Spec, c process.Command) error {
	order, err := s.Up(ctx, nil)
	if err != nil {
		return err
	}
	if err := o.give(order); err != nil {
		return err
	}
	c.Env = append(c.Env, setting{Files: 3}.env())
	o.end, err = process.Run(ctx, c)
	return err
}

// private runs the agent in a pocket.
func (o *outside) private(ctx context.Context, s Spec, c process.Command) (err error) {
	if o.pocket, err = pocket.New(*s.Pocket); err != nil {
		return err
	}
	c.Env = append(c.Env, setting{Pocket: true, Files: 3 + len(o.pocket.Files())}.env())
	o.end, err = o.pocket.Run(ctx, c, func(ctx context.Context) error {
		order, err := s.Up(ctx, o.pocket)
		if err != nil {
			return err
		}
		return o.give(order)
	})
	return err
}

// An outside is the runner's side of an agent.
type outside struct {
	pocket *pocket.Pocket // nil at level "calls"
	end    *process.End   // of the agent

	orders, reports   *os.File // the agent's ends of the pipes
	ordersW, reportsR *os.File // ours
	heard             chan struct{}

	// What was heard; to be read when heard is closed.
	last    message
	events  []trace.Event
	frames  []frame.Raw
	garbled error
}

func newOutside() (*outside, error) {
	o := &outside{heard: make(chan struct{})}
	var err error
	if o.orders, o.ordersW, err = os.Pipe(); err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	if o.reportsR, o.reports, err = os.Pipe(); err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe: %w", err), o.orders.Close(), o.ordersW.Close())
	}
	go func() {
		defer close(o.heard)
		o.listen()
	}()
	return o, nil
}

// close ends what is left: the agent is gone already.
func (o *outside) close() error {
	err := errors.Join(o.orders.Close(), o.ordersW.Close())
	if o.reports != nil {
		err = errors.Join(err, o.reports.Close())
	}
	<-o.heard
	err = errors.Join(err, o.reportsR.Close())
	if o.pocket != nil {
		err = errors.Join(err, o.pocket.Close())
	}
	return err
}

// give gives the agent its order. A pipe has room for it.
func (o *outside) give(order Order) error {
	if err := o.ordersW.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if err := gob.NewEncoder(o.ordersW).Encode(order); err != nil {
		return fmt.Errorf("give the agent its order: %w", err)
	}
	return nil
}

// listen takes the agent's reports to their end.
func (o *outside) listen() {
	for dec := gob.NewDecoder(o.reportsR); ; {
		var m message
		if err := dec.Decode(&m); err != nil {
			if !errors.Is(err, io.EOF) {
				o.garbled = err
			}
			_, _ = io.Copy(io.Discard, o.reportsR) // or the agent would wait for us
			return
		}
		switch {
		case m.Event != nil:
			o.events = append(o.events, *m.Event)
		case m.Frames != nil:
			o.frames = append(o.frames, m.Frames...)
		default:
			o.last = m
		}
	}
}

// sight puts together what was seen, when the agent is gone.
func (o *outside) sight() (*Sight, error) {
	err := o.reports.Close() // the agent had its own; ours keeps the reports from ending
	o.reports = nil
	<-o.heard
	e := o.last.End
	switch {
	case err != nil:
		return nil, err
	case o.garbled != nil && !o.end.Cut:
		return nil, fmt.Errorf("read what the agent reports: %w", o.garbled)
	case o.last.Failure != "":
		return nil, errors.New(o.last.Failure)
	case e == nil && !o.end.Cut:
		return nil, fmt.Errorf("the agent ended without a word (exit %d %s): %.2000s", o.end.Code, o.end.Signal, o.end.Stderr)
	}
	s := &Sight{End: o.end, Frames: o.frames}
	for _, event := range o.events {
		s.Events = append(s.Events, Seen{event.Event, event.Start})
	}
	if e != nil {
		s.Hidden = e.Hidden
		s.End.Code, s.End.Signal, s.End.Late, s.End.Wall = e.Exit, e.Signal, e.Late, e.Wall
	}
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
