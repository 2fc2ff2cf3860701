package pocket

import (
	"strconv"
	"time"
)

func (w *wire) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.takeOut(0)
	w.takeIn()
	w.open, w.began = true, time.Now()
}

func (w *wire) enters(call, thread int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.activity++
	w.calls[call] = thread
}

func (w *wire) drain(call int) {
	w.draining.Add(1)
	defer w.draining.Add(-1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.activity++
	delete(w.calls, call)
	before := len(w.held) + len(w.late) + len(w.swap)
	w.takeOut(call)
	if len(w.held)+len(w.late)+len(w.swap) != before {
		w.wake()
	}
}

func (w *wire) settle(limit time.Duration) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(limit); ; <-ticker.C {
		w.mu.Lock()
		w.takeOut(0)
		w.takeIn()
		done := len(w.conns)+len(w.held)+len(w.late)+len(w.swap) == 0 || w.failed != nil
		w.mu.Unlock()
		w.wake()
		if done || time.Now().After(end) {
			return
		}
	}
}

// sending reports whether a call that may send is not blocked, or is over and its
// Drain is due: what it has sent so far may not be all.
func (w *wire) sending() bool {
	if w.draining.Load() > 0 {
		return true
	}
	for _, thread := range w.calls {
		switch state("/proc/" + strconv.Itoa(thread)) {
		case 'R', 'D', 't':
			return true
		}
	}
	return false
}

// sole is the call that frames belong to that were sent outside of a Drain: the
// only one that could have sent them.
func (w *wire) sole() int {
	only := 0
	for id, thread := range w.calls {
		switch {
		case state("/proc/"+strconv.Itoa(thread)) == 0: // it ended in the middle of the call
			delete(w.calls, id)
		case only != 0:
			return 0
		default:
			only = id
		}
	}
	return only
}
