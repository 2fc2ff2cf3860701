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
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/process"
)

// A Spec is a program to be observed.
type Spec struct {
	// Pocket is the private network to run in; nil is the machine's own.
	Pocket *pocket.Config

	// Up is called when the network is there, with nil where it is the machine's
	// own, and gives the order. The program starts when it has returned.
	Up func(ctx context.Context, p *pocket.Pocket) (Order, error)

	// Cage confines the program, on the pocket's network: the program sees the
	// pocket's binds, to be read only, and a /tmp of its own. Without a pocket it
	// is held by a cage.Fence, and may write to the order's Dir. Output and Limit
	// that are 0 are the cage's. Nil is no cage.
	Cage *cage.Limits

	Limit  time.Duration // no longer than which the order's is; 0 is as long as the context
	Output int           // bytes kept of each stream; printing more ends it

	Live bool // Running.Look is wanted

	Stdout, Stderr io.Writer // also get what is printed, as it comes; may be nil
}

// patience is what an agent may take beyond its program's limit: to make the
// network, to trace the dump of many goroutines, to report.
const patience = time.Minute

// Run observes the program to its end: Start, then Wait. How it ends is no error.
func Run(ctx context.Context, s Spec) (*Sight, error) {
	r, err := Start(ctx, s)
	if err != nil {
		return nil, err
	}
	<-r.done
	return r.sight, r.err
}

// agent is the command that starts the agent.
func (o *outside) agent(s Spec) (process.Command, error) {
	self, err := os.Executable()
	if err != nil {
		return process.Command{}, fmt.Errorf("find this program: %w", err)
	}
	limit := s.Limit
	if limit > 0 {
		limit += patience
	}
	return process.Command{
		Path: self, Env: os.Environ(), Limit: limit,
		Output: s.Output, Files: append([]*os.File{o.orders, o.reports}, o.groups()...),
	}, nil
}

// run runs the agent to its end.
func (o *outside) run(ctx context.Context, s Spec, c process.Command) (*Sight, error) {
	var err error
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
	c.Env = append(c.Env, setting{Files: 3, Cage: s.Cage, Groups: len(o.groups())}.env())
	order.Live = s.Live
	given := make(chan error, 1)
	go func() { given <- o.give(request{Order: &order}) }() // a pipe may lack the room before the agent reads
	o.end, err = process.Run(ctx, c)
	return errors.Join(err, errors.Join(o.orders.Close(), <-given))
}

// private runs the agent in a pocket.
func (o *outside) private(ctx context.Context, s Spec, c process.Command) (err error) {
	set := setting{Pocket: true, Files: 3 + len(o.pocket.Files()), Cage: s.Cage, Groups: len(o.groups())}
	for _, b := range s.Pocket.Binds {
		set.Shown = append(set.Shown, b.To)
	}
	c.Env = append(c.Env, set.env())
	o.end, err = o.pocket.Run(ctx, c, func(ctx context.Context) error {
		order, err := s.Up(ctx, o.pocket)
		if err != nil {
			return err
		}
		order.Live = s.Live
		return o.give(request{Order: &order})
	})
	return err
}

// env is the variable that lets an agent know itself.
func (s setting) env() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // it holds nothing that JSON lacks
	}
	return agentKey + "=" + string(text)
}
