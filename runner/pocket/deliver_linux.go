package pocket

import (
	"slices"
	"time"

	"sockets/runner/fault"
)

// When frames to the program are handed over.
const (
	quiet    = 5 * time.Millisecond   // there has been silent for so long, if it has sent data
	looks    = 10                     // and for so many looks, which take longer on a busy machine
	crowded  = 20 * time.Millisecond  // and for so long if somebody waits for a processor: it may be there
	maxHold  = 250 * time.Millisecond // however busy the program is; far less than TCP waits
	maxBytes = 256 << 10              // that may wait
	tick     = 200 * time.Microsecond // from one look at the program to the next
	maxSwap  = 200 * time.Millisecond // for the frame that another is to change places with
)

// hold queues a frame for here.
func (w *wire) hold(a arrival) {
	w.held = append(w.held, a)
	if fault.Is(a.data, fault.Data) || !fault.Is(a.data, fault.Any) || fault.Is(a.data, fault.UDP) || fault.Is(a.data, fault.ICMP) {
		w.newest, w.looked = time.Now(), 0
	}
	w.waited = false
}

// release lets go of what was kept back until now.
func (w *wire) release(now time.Time) {
	var out [][]byte
	free := func(a arrival) {
		if a.dir == fault.In {
			w.hold(a)
		} else {
			out = append(out, a.data)
		}
	}
	w.late = slices.DeleteFunc(w.late, func(a arrival) bool {
		if a.due.After(now) {
			return false
		}
		free(a)
		return true
	})
	for dir, a := range w.swap {
		if !a.due.After(now) {
			delete(w.swap, dir)
			free(*a)
		}
	}
	w.send(w.there, out)
}

// ready reports whether what is held may be handed to here: nothing more is
// coming for now, and the program waits. To see the latter takes two looks,
// with nothing done by the program in between.
func (w *wire) ready(now time.Time) bool {
	if len(w.held) == 0 {
		return false
	}
	size := 0
	for _, a := range w.held {
		size += len(a.data)
	}
	if size >= maxBytes || now.Sub(w.held[0].at) >= maxHold && now.Sub(w.held[len(w.held)-1].at) >= quiet {
		return true
	}
	if w.looked++; now.Sub(w.newest) < quiet || !w.newest.IsZero() && w.looked < looks {
		return false
	}
	// Those who judge a program note no frames, and need not wait for an exact picture.
	if !w.forget && !w.newest.IsZero() && now.Sub(w.newest) < crowded && crowd() {
		return false
	}
	if w.sending() || !waiting() {
		w.waited = false
		return false
	}
	if w.waited && w.seen == w.activity {
		return true
	}
	w.waited, w.seen = true, w.activity
	return false
}

// deliver hands all that is held to here, which may answer at once.
func (w *wire) deliver() {
	var burst [][]byte
	for _, a := range w.held {
		w.note(a, 0)
		if !a.lost {
			burst = append(burst, a.data)
		}
	}
	w.held, w.waited = nil, false
	for _, s := range merge(burst) {
		if err := w.here.write(s); err != nil {
			w.fail(err)
		}
		w.takeOut(0)
	}
}
