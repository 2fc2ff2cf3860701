package pocket

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/fault"
	"sockets/runner/frame"
)

// A wire carries frames between the two hosts. One goroutine runs it, and the
// tracer's takes frames out by Drain; mu is held by whoever touches a frame.
type wire struct {
	here, there *end
	kick        int // an eventfd that ends the wait of run
	draining    atomic.Int32

	mu     sync.Mutex
	began  time.Time
	open   bool // the run has begun: frames are noted
	forget bool // but are not to be kept
	plan   *fault.Plan
	frames []frame.Raw
	noted  func()    // is told of each of them; may be nil
	held   []arrival // to be handed to here, in order
	late   []arrival // delayed, either way
	swap   map[string]*arrival
	conns  conns
	failed error

	calls    map[int]int // IDs of calls that may send, to their threads
	activity int         // calls begun and ended
	seen     int         // activity when the program was first seen waiting
	waited   bool        // it was
	newest   time.Time   // when there last sent data
	looked   int         // how many looks ago
	pending  time.Time   // since when here has sent something that is left to a Drain
	stopping bool
}

// An arrival is a frame on its way, and what is to become of it.
type arrival struct {
	dir   string
	data  []byte
	at    time.Time // when it was sent
	due   time.Time // of a late one
	kind  fault.Kind
	label string
	lost  bool
}

func newWire(here, there *end, faults []fault.Fault) (*wire, error) {
	kick, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	return &wire{
		here: here, there: there, kick: kick, began: time.Now(), plan: fault.NewPlan(faults),
		swap: make(map[string]*arrival), conns: make(conns), calls: make(map[int]int),
	}, nil
}

// run carries frames until stop.
func (w *wire) run() {
	ready := true // here has sent something
	for {
		w.mu.Lock()
		if w.stopping || w.failed != nil {
			w.mu.Unlock()
			return
		}
		var wait time.Duration
		ready, wait = w.turn(ready)
		w.mu.Unlock()
		ready = w.poll(wait, !ready) || ready
	}
}

// poll waits until a host has sent something, or for the time; below zero is
// for ever. It reports whether here has.
func (w *wire) poll(wait time.Duration, watchHere bool) (here bool) {
	fds := []unix.PollFd{
		{Fd: int32(w.kick), Events: unix.POLLIN},
		{Fd: int32(w.there.from), Events: unix.POLLIN},
		{Fd: int32(w.here.from), Events: unix.POLLIN},
	}
	if !watchHere {
		fds = fds[:2]
	}
	var ts *unix.Timespec
	if wait >= 0 {
		t := unix.NsecToTimespec(wait.Nanoseconds())
		ts = &t
	}
	_, _ = unix.Ppoll(fds, ts, nil)
	if fds[0].Revents != 0 {
		_, _ = unix.Read(w.kick, make([]byte, 8))
	}
	return watchHere && fds[2].Revents != 0
}

func (w *wire) wake() { _, _ = unix.Write(w.kick, []byte{1, 0, 0, 0, 0, 0, 0, 0}) }

// turn does all that can be done now. It reports whether there still is what here
// has sent, and returns for how long nothing can be done unless a frame comes.
func (w *wire) turn(ready bool) (left bool, wait time.Duration) {
	now := time.Now()
	switch {
	case !ready:
		w.pending = time.Time{}
	case w.pending.IsZero():
		w.pending = now
	}
	// A frame of a call that is about to return belongs to its Drain.
	if ready && (!w.sending() || now.Sub(w.pending) > maxHold) {
		w.takeOut(0)
		ready, w.pending = false, time.Time{}
	}
	w.takeIn()
	w.release(now)
	for w.ready(now) {
		w.deliver()
		now = time.Now()
	}
	if len(w.held) > 0 || len(w.swap) > 0 || ready {
		return ready, tick
	}
	wait = -1
	for _, a := range w.late {
		if d := max(a.due.Sub(now), 0); wait < 0 || d < wait {
			wait = d
		}
	}
	return ready, wait
}

// takeOut carries all that here has sent: as many frames as may wait there, and
// no more, as a program that floods the wire would have it go on for ever. A call
// of 0 is nobody's Drain.
func (w *wire) takeOut(call int) {
	var batch [][]byte
	for range queue {
		data, err := w.here.read()
		if err != nil {
			w.fail(err)
		}
		if data == nil {
			break
		}
		if !w.open || chatter(data) {
			batch = append(batch, data)
			continue
		}
		by := call
		switch {
		case fault.Is(data, fault.ACK):
			by = 0 // the host's own, whenever it comes
		case by == 0 && !fault.Is(data, fault.RST):
			by = w.sole()
		}
		a := arrival{dir: fault.Out, data: data, at: time.Now()}
		v := w.plan.Judge(fault.Out, data)
		a.label, a.lost = v.Label, v.Drop
		w.note(first(a, v), by)
		batch = append(batch, w.apply(a, v)...)
	}
	w.send(w.there, batch)
}

// takeIn takes all that there has sent, to be handed over by deliver.
func (w *wire) takeIn() {
	for {
		data, err := w.there.read()
		if err != nil {
			w.fail(err)
		}
		if data == nil {
			return
		}
		a := arrival{dir: fault.In, data: data, at: time.Now()}
		if !w.open || chatter(data) {
			w.send(w.here, [][]byte{data})
			continue
		}
		v := w.plan.Judge(fault.In, data)
		a.label, a.lost = v.Label, v.Drop
		w.apply(a, v)
	}
}

// apply does to a frame what the plan says. What is to be sent at once is
// returned if it goes to there, and held if it goes to here.
func (w *wire) apply(a arrival, v fault.Verdict) (out [][]byte) {
	pass := func(a arrival) {
		if a.dir == fault.In {
			w.hold(a)
		} else if !a.lost {
			out = append(out, a.data)
		}
	}
	swapped := w.swap[a.dir]
	switch {
	case v.Delay > 0:
		a.due = a.at.Add(v.Delay)
		w.late = append(w.late, a)
	case v.Reorder && swapped == nil:
		a.kind, a.due = v.Kind, a.at.Add(maxSwap)
		w.swap[a.dir] = &a
	default:
		pass(first(a, v))
	}
	if v.Duplicate {
		if a.dir == fault.Out {
			w.note(a, 0)
		}
		pass(a)
	}
	if swapped != nil && fault.Is(a.data, swapped.kind) {
		delete(w.swap, a.dir)
		pass(*swapped)
	}
	if v.ResetOut != nil {
		label := "reset by the wire"
		w.note(arrival{dir: fault.Out, data: v.ResetOut, at: time.Now(), label: label}, 0)
		out = append(out, v.ResetOut)
		w.hold(arrival{dir: fault.In, data: v.ResetIn, at: time.Now(), label: label})
		if a.dir == fault.In {
			w.send(w.there, out)
		}
	}
	return out
}

// first is a frame as it is noted first: of two, only the second is a duplicate.
func first(a arrival, v fault.Verdict) arrival {
	if v.Duplicate {
		a.label = ""
	}
	return a
}

// send hands frames to a host.
func (w *wire) send(to *end, frames [][]byte) {
	for _, s := range merge(frames) {
		if err := to.write(s); err != nil {
			w.fail(err)
		}
		if to == w.there {
			w.takeIn()
		}
	}
}

// note adds a frame to those that the wire has carried.
func (w *wire) note(a arrival, call int) {
	if !a.lost {
		w.conns.follow(a.dir, a.data)
	}
	if w.forget {
		return
	}
	w.frames = append(w.frames, frame.Raw{
		Dir: a.dir, At: time.Since(w.began), Data: a.data, Lost: a.lost, Fault: a.label, Call: call,
	})
	if w.noted != nil {
		w.noted()
	}
}

func (w *wire) fail(err error) {
	if w.failed == nil {
		w.failed = err
	}
}

// stop ends run.
func (w *wire) stop() {
	w.mu.Lock()
	w.stopping = true
	w.mu.Unlock()
	w.wake()
}

func (w *wire) close() error {
	// Either waits for the kernel; so both wait at once.
	closed := make(chan error)
	go func() { closed <- w.there.close() }()
	return errors.Join(w.failed, w.here.close(), <-closed, unix.Close(w.kick))
}
