package run

import (
	"cmp"
	"slices"
	"time"

	"sockets/runner/frame"
	"sockets/runner/recording"
)

// assemble makes a recording, normalised, out of what was seen: output, calls
// and frames in the order in which they began.
func (s *sight) assemble(h recording.Header, folder string, dirs []string) *recording.Recording {
	h.Hidden = s.hidden
	raw := &recording.Recording{Header: h, Events: s.inOrder()}
	raw.Rewrite(func(text string) string { return shown(text, folder) })
	if s.end.Late {
		raw.Header.End.Waiting = recording.Waiting(raw.CutDump(), dirs...)
	}
	r, ports := recording.Replace(raw, dirs...)
	decoded := frame.Decode(s.frames, frame.NewPorts(ports))
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
func (s *sight) inOrder() []recording.Event {
	all := slices.Clone(s.events)
	for i, f := range s.frames {
		all = append(all, seen{recording.Event{Frame: &recording.Frame{N: i + 1}}, 0, f.At})
	}
	slices.SortStableFunc(all, func(a, b seen) int { return cmp.Compare(a.at, b.at) })
	var events []recording.Event
	for _, e := range all {
		events = append(events, e.Event)
	}
	return events
}

// printed is what a program printed, an event a line; the streams one after the
// other, as nobody knows how they were mixed.
func printed(stdout, stderr []byte) []seen {
	var all []seen
	for at, stream := range []struct{ name, text string }{
		{recording.Stdout, string(stdout)}, {recording.Stderr, string(stderr)},
	} {
		for _, e := range events(stream.name, stream.text) {
			all = append(all, seen{e, 0, time.Duration(at)})
		}
	}
	return all
}
