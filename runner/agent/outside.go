package agent

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"sockets/runner/cage"
	"sockets/runner/frame"
	"sockets/runner/pocket"
	"sockets/runner/process"
	"sockets/runner/trace"
)

// An outside is the runner's side of an agent.
type outside struct {
	pocket *pocket.Pocket // nil at level "calls"
	level  cage.Level     // of the cage; "" if there is none
	group  *cage.Group    // nil if there is no cage, or the machine allows none
	end    *process.End   // of the agent

	orders, reports   *os.File // the agent's ends of the pipes
	ordersW, reportsR *os.File // ours

	giving sync.Mutex // one request at a time
	give1  *gob.Encoder

	started, exited, heard chan struct{} // closed when it is so
	exit                   Exit          // to be read when exited is closed

	asking  sync.Mutex // guards what follows
	asked   int
	waiting map[int]chan reply

	// What was heard; to be read when heard is closed, or by look.
	hearing sync.Mutex
	last    message
	events  []trace.Event
	frames  []frame.Raw
	begun   map[int]trace.Event // calls that have not returned, if the order is Live
	news    int                 // counts up
	more    chan struct{}       // closed when it does; nil unless the order is Live
	garbled error
}

func newOutside(s Spec) (*outside, error) {
	o := &outside{
		started: make(chan struct{}), exited: make(chan struct{}), heard: make(chan struct{}),
		waiting: make(map[int]chan reply),
	}
	if s.Live {
		o.begun, o.more = make(map[int]trace.Event), make(chan struct{})
	}
	var err error
	if s.Pocket != nil {
		if o.pocket, err = pocket.New(*s.Pocket); err != nil {
			return nil, err
		}
	}
	if s.Cage != nil {
		o.level = cage.LevelC
		if s.Pocket != nil {
			o.level = cage.LevelB
		}
	}
	if s.Cage != nil && Probe(context.Background()).Group == nil {
		if o.group, err = cage.NewGroup(*s.Cage); err != nil {
			return nil, errors.Join(err, o.closePocket())
		}
		if s.Pocket != nil {
			o.level = cage.LevelA
		}
	}
	if o.orders, o.ordersW, err = os.Pipe(); err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe: %w", err), o.closePocket())
	}
	if o.reportsR, o.reports, err = os.Pipe(); err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe: %w", err), o.orders.Close(), o.ordersW.Close(), o.closePocket())
	}
	o.give1 = gob.NewEncoder(o.ordersW)
	go func() {
		defer close(o.heard)
		o.listen()
	}()
	return o, nil
}

// close ends what is left: the agent is gone already.
func (o *outside) close() error {
	err := o.ordersW.Close()
	for _, f := range []*os.File{o.orders, o.reports} {
		if closed := f.Close(); !errors.Is(closed, os.ErrClosed) {
			err = errors.Join(err, closed)
		}
	}
	<-o.heard
	return errors.Join(err, o.reportsR.Close(), o.closePocket())
}

// closePocket takes the pocket down, and what goes with it.
func (o *outside) closePocket() (err error) {
	if o.pocket != nil {
		err = o.pocket.Close()
	}
	if o.group != nil {
		err = errors.Join(err, o.group.Close())
	}
	return err
}

// groups is what the agent needs to put the program into its group.
func (o *outside) groups() []*os.File {
	if o.group == nil {
		return nil
	}
	return o.group.Files()
}

// give gives the agent a request. It waits for an agent that is busy, and no
// longer than patience.
func (o *outside) give(r request) error {
	o.giving.Lock()
	defer o.giving.Unlock()
	if err := o.ordersW.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if err := o.give1.Encode(r); err != nil {
		return fmt.Errorf("give the agent its order: %w", err)
	}
	return nil
}

// ask gives a request and waits for the reply.
func (o *outside) ask(ctx context.Context, r request) (reply, error) {
	answer := make(chan reply, 1)
	o.asking.Lock()
	o.asked++
	r.ID = o.asked
	o.waiting[r.ID] = answer
	o.asking.Unlock()
	defer func() {
		o.asking.Lock()
		delete(o.waiting, r.ID)
		o.asking.Unlock()
	}()
	if err := o.give(r); err != nil {
		return reply{}, errors.Join(ErrEnded, err)
	}
	select {
	case a := <-answer:
		if a.Error != "" {
			return a, errors.New(a.Error)
		}
		if a.Ended {
			return a, ErrEnded
		}
		return a, nil
	case <-o.heard:
		return reply{}, ErrEnded
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	}
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
		o.hear(m)
	}
}

func (o *outside) hear(m message) {
	switch {
	case m.Event != nil, m.Begun != nil, m.Frames != nil:
		o.happened(m)
	case m.Started:
		close(o.started)
	case m.Exit != nil:
		o.exit = *m.Exit
		close(o.exited)
	case m.Reply != nil:
		o.asking.Lock()
		defer o.asking.Unlock()
		if answer := o.waiting[m.Reply.ID]; answer != nil {
			answer <- *m.Reply
		}
	default:
		o.last = m
	}
}

// sight puts together what was seen, when the agent is gone.
func (o *outside) sight() (*Sight, error) {
	err := o.reports.Close() // the agent had its own; ours keeps the reports from ending
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
	s := &Sight{End: o.end, Frames: o.frames, Cage: o.level, events: o.events}
	s.fillOutput(o.end.Stdout, o.end.Stderr)
	if e != nil {
		s.Hidden, s.Dropped, s.Others = e.Hidden, e.Dropped, e.Others
		s.End.Code, s.End.Signal, s.End.Wall = e.Exit.Code, e.Exit.Signal, e.Exit.Wall
		s.End.Late, s.Killed = e.Late, e.Killed
		s.End.User, s.End.System = e.User, e.System
		s.End.Stragglers += e.Left
	}
	return s, nil
}
