package agent

import (
	"cmp"
	"slices"
	"time"

	"sockets/runner/cage"
	"sockets/runner/frame"
	"sockets/runner/process"
	"sockets/runner/recording"
	"sockets/runner/trace"
)

// A Sight is what was seen of a program, as it was.
type Sight struct {
	End     *process.End
	Killed  bool       // by Kill, when the program was still there
	Cage    cage.Level // how it was confined; "" if it was not asked for
	Hidden  int        // calls that no line of the program made
	Dropped int        // calls beyond as many as the order asked for
	Others  int        // calls of processes that it started
	Events  []Seen     // output and calls, in no order
	Frames  []frame.Raw

	events []trace.Event // that Events are to be made of
}

// A Seen is an event, and when it began.
type Seen struct {
	recording.Event
	At time.Duration
}

// Record makes a recording of what was seen, normalised: output, calls and
// frames in the order in which they began. Rewrite is what else is to be done to
// every text, and dirs are the directories of the program's own files.
func (s *Sight) Record(h recording.Header, rewrite func(string) string, dirs []string) *recording.Recording {
	h.Hidden, h.Dropped = s.Hidden, s.Dropped
	raw := &recording.Recording{Header: h, Events: s.inOrder()}
	raw.Rewrite(rewrite)
	if s.End.Late {
		raw.Header.End.Waiting = recording.Waiting(raw.CutDump(), dirs...)
	}
	r, ports := recording.Replace(raw, dirs...)
	decoded := frame.Decode(s.Frames, frame.NewPorts(ports))
	var calls []recording.Call
	for _, e := range r.Events {
		if e.Call != nil {
			calls = append(calls, *e.Call)
		}
	}
	frame.Tie(decoded, calls)
	for _, e := range r.Events {
		if e.Frame != nil {
			*e.Frame = decoded[e.Frame.N-1]
		}
	}
	r.Fold()
	return r
}

// inOrder is the events, and among them a place for each frame, by its number.
func (s *Sight) inOrder() []recording.Event {
	all := slices.Clone(s.Events)
	for i, f := range s.Frames {
		all = append(all, Seen{recording.Event{Frame: &recording.Frame{N: i + 1}}, f.At})
	}
	slices.SortStableFunc(all, func(a, b Seen) int { return cmp.Compare(a.At, b.At) })
	var events []recording.Event
	for _, e := range all {
		events = append(events, e.Event)
	}
	return events
}
