package page

import (
	"fmt"

	"sockets/runner/recording"
)

// A trace is a recording, by the lines that caused what it holds.
type trace struct {
	*recording.Recording
	lines map[recording.Place]*lineEvents // Func is left empty
	calls map[int]recording.Place         // where the call of an ID was made
}

// lineEvents is what one line did, each kind in order.
type lineEvents struct {
	outputs, calls, frames []recording.Event
}

// newTrace sorts the events of the recording by line. A frame belongs to the
// line that caused it or, failing that, to that of its call.
func newTrace(r *recording.Recording) *trace {
	t := &trace{Recording: r, lines: make(map[recording.Place]*lineEvents), calls: make(map[int]recording.Place)}
	for _, e := range r.Events {
		if at, ok := place(e); ok && e.Call != nil {
			t.calls[e.Call.ID] = at
		}
	}
	for _, e := range r.Events {
		at, ok := t.placeOf(e)
		if !ok {
			continue
		}
		l := t.lines[at]
		if l == nil {
			l = new(lineEvents)
			t.lines[at] = l
		}
		switch {
		case e.Output != nil:
			l.outputs = append(l.outputs, e)
		case e.Call != nil:
			l.calls = append(l.calls, e)
		case e.Frame != nil:
			l.frames = append(l.frames, e)
		}
	}
	return t
}

func place(e recording.Event) (at recording.Place, ok bool) {
	if e.At == nil {
		return at, false
	}
	return recording.Place{File: e.At.File, Line: e.At.Line}, true
}

// placeOf is the line that an event belongs to.
func (t *trace) placeOf(e recording.Event) (at recording.Place, ok bool) {
	if at, ok = place(e); ok || e.Frame == nil {
		return at, ok
	}
	at, ok = t.calls[e.Frame.Call]
	return at, ok
}

// has counts the run's calls and frames.
func (t *trace) has() (calls, frames int) {
	for _, e := range t.Events {
		switch {
		case e.Call != nil:
			calls += e.Times()
		case e.Frame != nil:
			frames += e.Times()
		}
	}
	return calls, frames
}

// key is how a line, a call or a frame is named in data attributes, so that what
// belongs together can be lit together.
func lineKey(run string, at recording.Place) string {
	if at.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%s:%d", run, at.File, at.Line)
}

func callKey(run string, id int) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", run, id)
}
