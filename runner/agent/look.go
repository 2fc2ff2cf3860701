package agent

import (
	"context"
	"io"
	"maps"
	"slices"

	"sockets/runner/process"
	"sockets/runner/recording"
)

// Look waits until more has been seen of the program than at the last look,
// which gave the count n; the first has 0. It returns what has been seen so far
// and the new count. A call on its way is in it with the result "?", how it will
// end is not. When the run is over, Look fails with io.EOF: Wait has all of it.
// Without Spec.Live there is nothing to see before that.
func (r *Running) Look(ctx context.Context, n int) (*Sight, int, error) {
	for {
		s, now, more := r.out.look(n)
		if s != nil {
			s.fillOutput(r.Stdout.Bytes(), r.Stderr.Bytes())
			return s, now, nil
		}
		select {
		case <-more:
		case <-r.out.heard:
			return nil, now, io.EOF
		case <-ctx.Done():
			return nil, now, context.Cause(ctx)
		}
	}
}

// look is what has been heard if that is more than n, or nil and what is closed
// when there is more.
func (o *outside) look(n int) (s *Sight, now int, more <-chan struct{}) {
	o.hearing.Lock()
	defer o.hearing.Unlock()
	if o.more == nil || o.news <= n {
		return nil, n, o.more
	}
	s = &Sight{End: new(process.End), Cage: o.level, Frames: slices.Clip(o.frames), events: slices.Clip(o.events)}
	s.events = slices.AppendSeq(s.events, maps.Values(o.begun))
	return s, o.news, nil
}

// happened takes note of an event, the beginning of one, or frames.
func (o *outside) happened(m message) {
	o.hearing.Lock()
	defer o.hearing.Unlock()
	switch {
	case m.Event != nil:
		o.events = append(o.events, *m.Event)
		delete(o.begun, m.Event.ID)
	case m.Begun != nil:
		o.begun[m.Begun.ID] = *m.Begun
	default:
		o.frames = append(o.frames, m.Frames...)
	}
	if o.more == nil {
		return
	}
	o.news++
	close(o.more)
	o.more = make(chan struct{})
}

// fillOutput makes the sight's events of what was heard, and gives the output
// that left the program by splice or sendfile its text: no call had it in memory,
// but we read it, in the order of the calls.
func (s *Sight) fillOutput(stdout, stderr []byte) {
	left := map[string][]byte{recording.Stdout: stdout, recording.Stderr: stderr}
	for _, e := range s.events {
		seen := Seen{e.Event, e.Start}
		if e.Output != nil {
			out := *e.Output
			rest := left[out.Stream]
			n := min(len(out.Text), len(rest))
			if out.Text == "" {
				n = min(e.Sent, len(rest))
				out.Text = string(rest[:n])
			}
			left[out.Stream], seen.Output = rest[n:], &out
		}
		s.Events = append(s.Events, seen)
	}
	s.events = nil
}

// tell reports frames as the wire carries them, until told is called.
func (a *inside) tell() (told func()) {
	more, stop, stopped := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	a.pocket.Watch(func() {
		select {
		case more <- struct{}{}:
		default: // it knows already
		}
	})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-more:
				a.sayFrames()
			case <-stop:
				return
			}
		}
	}()
	return func() {
		a.pocket.Watch(nil)
		close(stop)
		<-stopped
	}
}

// sayFrames reports the frames that were not reported yet.
func (a *inside) sayFrames() {
	if frames := a.pocket.Frames(a.told); len(frames) > 0 {
		a.told += len(frames)
		a.say(message{Frames: frames})
	}
}
