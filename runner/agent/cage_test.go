//go:build linux

package agent

import "testing"

func TestProbeCage(t *testing.T) {
	if l := Probe(t.Context()); l.Full == nil && l.Cage != nil {
		t.Errorf("there is a pocket, and no cage: %v", l.Cage)
	}
}
