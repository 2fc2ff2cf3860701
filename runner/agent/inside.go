package agent

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/process"
	"sockets/runner/trace"
)

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
		probed := func() error { return pocket.Probed(context.Background()) }
		if s.Cage != nil {
			probed = probedCage
		}
		if err := probed(); err != nil {
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
	saying sync.Mutex // guards report
	report *gob.Encoder
	pocket *pocket.Inside // nil at level "calls"
	cage   *cage.Limits   // nil if there is none
	held   *trace.Confine // what the program is held to in it
	order  Order
	told   int       // frames reported
	began  time.Time // of the program, or what the times of frames count from

	mu    sync.Mutex
	pid   int   // of the program, 0 before it is there
	exit  *Exit // nil as long as it is there
	end   ending
	stop  context.CancelFunc // ends all that is left
	later []*time.Timer
}

// say reports. A runner that is gone does not read; its agent will soon be too.
func (a *inside) say(m message) {
	a.saying.Lock()
	defer a.saying.Unlock()
	_ = a.report.Encode(m)
}

func (a *inside) run(s setting, orders io.Reader) (err error) {
	prepare()
	if s.Pocket {
		if a.pocket, err = pocket.Enter(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.pocket.Close()) }()
	}
	var refused error
	if a.cage = s.Cage; a.cage != nil && a.pocket != nil {
		a.held, refused = cage.Enter(*a.cage, s.Shown)
	}
	dec := gob.NewDecoder(orders)
	var first request
	if err := dec.Decode(&first); err != nil || first.Order == nil {
		return fmt.Errorf("no order came: %w", err)
	}
	a.order, a.began = *first.Order, time.Now()
	if a.pocket != nil {
		a.pocket.Await()
		a.began = a.pocket.Began()
	}
	if a.cage != nil && a.pocket == nil {
		a.held, refused = cage.Fence(*a.cage, a.order.Path, a.order.Dir, a.order.Ports)
	}
	if refused != nil {
		return refused
	}
	for i := range s.Groups {
		a.held.Groups = append(a.held.Groups, os.NewFile(uintptr(s.Files+2+i), "cgroup"))
	}
	if a.cage != nil && a.order.Limit == 0 {
		a.order.Limit = a.cage.Wall
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	a.stop = stop
	go a.serve(dec) // until the process ends
	return a.carryOut(ctx)
}

// serve meets the runner's requests. None of them waits for the program.
func (a *inside) serve(dec *gob.Decoder) {
	for {
		var r request
		if err := dec.Decode(&r); err != nil {
			return // the runner is gone; so are we, soon
		}
		answer := reply{ID: r.ID}
		var err error
		switch {
		case r.Kill:
			a.mu.Lock()
			a.end.Killed = a.exit == nil
			a.mu.Unlock()
			a.stop()
		case r.Usage:
			answer.Usage, err = a.usage()
		default:
			err = a.signal(r.Signal, r.Threads)
		}
		if errors.Is(err, ErrEnded) {
			answer.Ended = true
		} else if err != nil {
			answer.Error = err.Error()
		}
		a.say(message{Reply: &answer})
	}
}

const (
	grace  = 3 * time.Second        // from SIGQUIT to SIGKILL; a traced dump of goroutines takes long on a busy machine
	leave  = 250 * time.Millisecond // for processes that the program has left to end by themselves
	settle = 10 * time.Second       // at most, for what the hosts have still to say when the program has ended
)

// carryOut runs the program to its end, at the latest its limit.
func (a *inside) carryOut(ctx context.Context) error {
	o := &a.order
	if err := hide(); err != nil {
		return err
	}
	stdin, fill, err := feed(o.Stdin)
	if err != nil {
		return err
	}
	if o.Limit > 0 {
		a.at(o.Limit, a.late)
		a.at(o.Limit+grace, a.stop)
	}
	p := trace.Program{
		Path: o.Path, Args: o.Args, Dir: o.Dir, Env: append(o.Env, process.Marked()...),
		Stdin: stdin, Stdout: os.Stdout, Stderr: os.Stderr, Dirs: o.Dirs, Calls: o.Calls, Began: a.began,
		Exited: a.exited, Confine: a.held,
	}
	p.Started = func(pid int) {
		a.started(pid)
		if stdin != nil {
			_ = stdin.Close() // the program has its own: when it goes, the rest is not wanted
		}
	}
	if a.pocket != nil {
		p.Enter = func(thread, id int) { a.pocket.Enters(id, thread) }
	}
	told := func() {}
	if o.Live {
		p.Begun = func(e trace.Event) { a.say(message{Begun: &e}) }
		if a.pocket != nil {
			told = a.tell()
		}
	}
	var end trace.End
	if o.Untraced {
		err = a.blind(ctx, p)
	} else {
		end, err = trace.Run(ctx, p, a.emit)
	}
	fill()
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return a.finish(end, told)
}

// finish reports how it all ended, and what has not been told yet.
func (a *inside) finish(traced trace.End, told func()) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.later {
		t.Stop()
	}
	if a.exit == nil {
		return errors.New("the program was lost: nobody saw it end")
	}
	a.end.Exit, a.end.Hidden, a.end.Dropped, a.end.Others = *a.exit, traced.Hidden, traced.Dropped, traced.Others
	a.end.User, a.end.System = spent()
	if a.pocket != nil {
		if !a.end.Killed {
			a.pocket.Settle(settle)
		}
		told()
		a.sayFrames()
	}
	a.say(message{End: &a.end})
	return nil
}

// at has f done after a time, if that is more than none. F holds a.mu.
func (a *inside) at(after time.Duration, f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.later = append(a.later, time.AfterFunc(after, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		f()
	}))
}

// late asks a program that is still there at its limit where its goroutines
// stand, and to end. The caller holds a.mu.
func (a *inside) late() {
	if a.exit == nil && a.pid != 0 {
		a.end.Late = true
		_ = send(a.pid, syscall.SIGQUIT)
	}
}

// signal sends the program a signal, or each of its threads, or when it has
// ended, what it has left.
func (a *inside) signal(s syscall.Signal, threads bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.exit == nil && a.pid != 0 {
		if threads {
			return sendThreads(a.pid, s)
		}
		return send(a.pid, s)
	}
	sent := false
	var errs []error
	for _, p := range processes() {
		if err := send(p.PID, s); !errors.Is(err, ErrEnded) {
			sent, errs = true, append(errs, err)
		}
	}
	if !sent {
		return ErrEnded
	}
	return errors.Join(errs...)
}

// usage counts what the program's processes use.
func (a *inside) usage() (*Usage, error) {
	a.mu.Lock()
	main := a.pid
	if a.exit != nil {
		main = 0
	}
	a.mu.Unlock()
	u := Usage{At: time.Since(a.began)}
	for _, p := range processes() {
		p.Main = p.PID == main
		p.count()
		u.Processes = append(u.Processes, p)
	}
	if len(u.Processes) == 0 {
		return nil, ErrEnded
	}
	return &u, nil
}

// started takes note that the program is there.
func (a *inside) started(pid int) {
	a.mu.Lock()
	a.pid = pid
	a.mu.Unlock()
	a.say(message{Started: true})
}

// exited takes note of the end of the program's own process, and sees to it that
// what it has left does not stay for long.
func (a *inside) exited(end trace.End) {
	x := &Exit{Code: end.Exit, Signal: end.Signal, Wall: time.Since(a.began)}
	a.mu.Lock()
	a.exit = x
	a.mu.Unlock()
	a.say(message{Exit: x})
	if !a.order.Children {
		a.at(leave, func() { a.end.Left = len(processes()); a.stop() })
	}
}

// emit reports an event, and has the wire note what its call sent.
func (a *inside) emit(e trace.Event) {
	if a.pocket != nil {
		a.pocket.Drain(e.ID)
	}
	a.say(message{Event: &e})
}

// feed is a stdin with the bytes in it; nil is an empty one. Done ends the
// goroutine that fills it.
func feed(b []byte) (stdin *os.File, done func(), err error) {
	if b == nil {
		return nil, func() {}, nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make the program's stdin: %w", err)
	}
	filled := make(chan struct{})
	go func() {
		defer close(filled)
		_, _ = w.Write(b) // the program need not read it all
		_ = w.Close()
	}()
	return r, func() {
		_ = w.SetWriteDeadline(time.Now())
		_ = r.Close()
		<-filled
	}, nil
}
