package run

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/recording"
	"sockets/runner/tier"
)

// TestWatch ends a program when what it did until it waits was seen.
func TestWatch(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		ctx, stop := context.WithCancelCause(t.Context())
		stopped := errors.New("seen enough")
		var once sync.Once
		var ended time.Time
		s := spec(t, "waits")
		s.Level, s.Limit = level, time.Minute
		s.Watch = func(r *recording.Recording) {
			calls := level == recording.LevelOutput || slices.ContainsFunc(r.Events, func(e recording.Event) bool {
				return e.Call != nil && e.Call.Name == "listen"
			})
			if r.Printed(recording.Stdout) == "waiting\n" && calls {
				once.Do(func() { ended = time.Now(); stop(stopped) })
			}
		}
		if _, err := Program(ctx, s); !errors.Is(err, stopped) {
			t.Fatalf("Program = %v, want that it was stopped when it was seen to wait", err)
		}
		t.Logf("it was gone after %v", time.Since(ended))
	})
}

// TestWatchChangesNothing compares a run that is watched with one that is not.
func TestWatchChangesNothing(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "dials")
		s.Level, s.Lesson.Needs, s.Run.Args = level, []string{"echo"}, []string{"{echo}"}
		want := program(t, s).Recording
		seen := 0
		s.Watch = func(r *recording.Recording) {
			if seen++; r.Header.Lesson != "03" || r.Header.Level != level {
				t.Errorf("header = %+v", r.Header)
			}
		}
		if diff := Diff(want, program(t, s).Recording, nil); diff != "" {
			t.Errorf("who watches a run changes it (-want +got):\n%s", diff)
		}
		if seen == 0 {
			t.Error("nothing was seen")
		}
	})
}

// TestCage holds a program that wants what is not in a cage.
func TestCage(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Cage != nil {
		tier.Lacks(t, l.Cage.Error())
	}
	s := spec(t, "dials")
	s.Lesson.Needs, s.Run.Args = []string{"echo"}, []string{"{echo}"}
	s.Level, s.Cage = recording.LevelFull, new(cage.Limits)
	if r := program(t, s).Recording; r.Header.End.Exit != 0 || r.Header.Level != recording.LevelFull {
		t.Errorf("in a cage: %+v", r.Header)
	}
	s.Level = recording.LevelCalls
	if _, err := Program(t.Context(), s); err == nil {
		t.Error("a cage was asked for and there was none, and the program ran")
	}
}
