package build

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/recording"
)

func TestKeySince(t *testing.T) {
	old := key{"the machine": "linux", "package sockets/lessons/03": "a", "package gone": "b"}
	now := key{"the machine": "linux", "package sockets/lessons/03": "c", "the toolchain": "go1.26"}
	want := []string{"package gone is no longer part of it", "package sockets/lessons/03 changed", "the toolchain is new to it"}
	if diff := cmp.Diff(want, now.since(old)); diff != "" {
		t.Errorf("since (-want +got):\n%s", diff)
	}
	if causes := now.since(now); len(causes) > 0 {
		t.Errorf("since itself = %v", causes)
	}
}

func TestMore(t *testing.T) {
	levels := []string{recording.LevelOutput, recording.LevelCalls, recording.LevelFull}
	for i, a := range levels {
		for j, b := range levels {
			at := func(level string) *recording.Recording {
				return &recording.Recording{Header: recording.Header{Level: level}}
			}
			if got := more(at(a), at(b)); got != (i > j) {
				t.Errorf("more(%s, %s) = %v", a, b, got)
			}
		}
	}
}
