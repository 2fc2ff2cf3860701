package agent

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"sockets/runner/frame"
	"sockets/runner/pocket"
	"sockets/runner/process"
	"sockets/runner/trace"
)

// agentKey is the variable that makes a process an agent: its value is a setting.
const agentKey = "SOCKETS_AGENT"

// A setting is what an agent must know before it can take an order.
type setting struct {
	Probe  bool // it only tries whether there can be a pocket
	Pocket bool // it is in a pocket
	Files  int  // the descriptor that its order comes from; it reports on the next
}

// An Order is what an agent is to run.
type Order struct {
	Path  string        // of the program, as it is called inside
	Args  []string      // without its name
	Dir   string        // where it starts, inside
	Env   []string      // all of it
	Dirs  []string      // of the program's own files, see trace.Program
	Limit time.Duration // then it gets SIGQUIT, and a second later SIGKILL
}

// A message is one thing that the agent has to say: exactly one field is set.
type message struct {
	Event   *trace.Event // the program did this
	Frames  []frame.Raw  // the wire carried these
	End     *ending      // the last message of an agent that could do its work
	Failure string       // the last of one that could not
}

// An ending is how the program ended, as the agent saw it.
type ending struct {
	trace.End
	Late bool // it was still going at the limit
	Wall time.Duration
}

func init() {
	text, ok := os.LookupEnv(agentKey)
	if !ok {
		return
	}
	var s setting
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		fmt.Fprintln(os.Stderr, "agent: its setting can't be read:", err)
		os.Exit(3)
	}
	if s.Probe {
		if err := pocket.Probed(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	a := inside{report: gob.NewEncoder(os.NewFile(uintptr(s.Files+1), "reports"))}
	if err := a.run(s, os.NewFile(uintptr(s.Files), "orders")); err != nil {
		a.say(message{Failure: err.Error()})
		os.Exit(3)
	}
	os.Exit(0)
}

// An inside is an agent at work. It carries one order out.
type inside struct {
	mu     sync.Mutex // guards report
	report *gob.Encoder
	pocket *pocket.Inside // nil at level "calls"
}

// say reports. A runner that is gone does not read; its agent will soon be too.
func (a *inside) say(m message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = a.report.Encode(m)
}

func (a *inside) run(s setting, orders io.Reader) (err error) {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE, syscall.SIGQUIT)
	if s.Pocket {
		if a.pocket, err = pocket.Enter(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.pocket.Close()) }()
		a.pocket.Await()
	}
	var o Order
	if err := gob.NewDecoder(orders).Decode(&o); err != nil {
		return fmt.Errorf("no order came: %w", err)
	}
	return a.trace(o)
}

const (
	grace  = time.Second            // from SIGQUIT to SIGKILL
	settle = 300 * time.Millisecond // at most, for what the hosts have still to say when the program has ended
)

// trace runs the program to its end, at the latest its limit.
func (a *inside) trace(o Order) error {
	signals := make(chan os.Signal, 2)
	var late atomic.Bool
	began := time.Now()
	quit := time.AfterFunc(o.Limit, func() { late.Store(true); signals <- syscall.SIGQUIT })
	kill := time.AfterFunc(o.Limit+grace, func() { signals <- syscall.SIGKILL })
	defer quit.Stop()
	defer kill.Stop()
	p := trace.Program{
		Path: o.Path, Args: o.Args, Dir: o.Dir, Env: append(o.Env, process.Marked()...),
		Stdout: os.Stdout, Stderr: os.Stderr, Dirs: o.Dirs, Signals: signals, Began: began,
	}
	if a.pocket != nil {
		p.Began, p.Enter = a.pocket.Began(), func(thread, id int) { a.pocket.Enters(id, thread) }
	}
	end, err := trace.Run(context.Background(), p, a.emit)
	if err != nil {
		return err
	}
	e := &ending{End: end, Late: late.Load(), Wall: time.Since(began)}
	if a.pocket != nil {
		a.pocket.Settle(settle)
		a.say(message{Frames: a.pocket.Frames()})
	}
	a.say(message{End: e})
	return nil
}

// emit reports an event, and has the wire note what its call sent.
func (a *inside) emit(e trace.Event) {
	if a.pocket != nil {
		a.pocket.Drain(e.ID)
	}
	a.say(message{Event: &e})
}
