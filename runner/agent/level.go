package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/process"
	"sockets/runner/recording"
	"sockets/runner/trace"
)

// levelKey is a variable that lowers the level: output, calls or full.
const levelKey = "SOCKETS_LEVEL"

// Levels is what this machine allows, found by trying it.
type Levels struct {
	Calls error  // why system calls can't be traced; nil if they can
	Full  error  // why there can't be a private network; nil if there can
	Cage  error  // why there can't be a cage; nil if there can
	Fence error  // why there can't be a cage without a pocket; nil if there can
	Group error  // why there can't be a cgroup for it; nil if there can
	Wire  string // of what kind the network's wire is
	Asked string // the value of SOCKETS_LEVEL
}

// Probe tries what this machine allows, once.
func Probe(ctx context.Context) Levels {
	probing.Do(func() {
		probed = Levels{Calls: trace.Probe(), Asked: os.Getenv(levelKey)}
		if probed.Calls == nil {
			probed.Wire, probed.Full = probePocket(ctx)
			if probed.Cage = probed.Full; probed.Full == nil {
				probed.Cage = probeCage(ctx)
			}
		} else {
			probed.Cage = probed.Calls
		}
		probed.Group, probed.Fence = probeGroup(), cage.ProbeFence()
		if probed.Calls != nil {
			probed.Fence = probed.Calls
		}
	})
	return probed
}

func probePocket(ctx context.Context) (wire string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return pocket.Probe(ctx, process.Command{Path: self, Env: append(os.Environ(), setting{Probe: true}.env())})
}

// probeCage closes a cage around an agent, which looks for what it could do in it.
func probeCage(ctx context.Context) (err error) {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	p, err := pocket.New(pocket.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	end, err := p.Run(ctx, process.Command{
		Path: self, Limit: patience, Env: append(os.Environ(), setting{Probe: true, Cage: &cage.Limits{}}.env()),
	}, nil)
	if err == nil && end.Code != 0 {
		err = fmt.Errorf("no cage: %s", bytes.TrimSpace(end.Stderr))
	}
	return err
}

func probeGroup() error {
	g, err := cage.NewGroup(cage.Limits{})
	if err != nil {
		return err
	}
	return g.Close()
}

// CageLevel says how far this machine can confine a program. It may be asked not
// to, by a variable that leaves no pocket to put it in.
func (l Levels) CageLevel() cage.Level {
	lowered := Lower(recording.LevelFull, l.Asked) != recording.LevelFull
	switch caged := l.Cage == nil && !lowered; {
	case !caged && l.Fence != nil:
		return cage.LevelD
	case !caged:
		return cage.LevelC
	case l.Group != nil:
		return cage.LevelB
	}
	return cage.LevelA
}

// probedCage is the agent's part of probeCage.
func probedCage() error {
	in, err := pocket.Enter()
	if err != nil {
		return err
	}
	in.Await()
	return errors.Join(cage.Probed(), in.Close())
}

var (
	probing sync.Once
	probed  Levels
)

// Level is the best level at which this machine lets us see a run, or a lower
// one that the variable SOCKETS_LEVEL asks for.
func Level(ctx context.Context) string {
	l := Probe(ctx)
	best := recording.LevelFull
	switch {
	case l.Calls != nil:
		best = recording.LevelOutput
	case l.Full != nil:
		best = recording.LevelCalls
	}
	return Lower(best, l.Asked)
}

// Lower is the lower of two levels; one that there isn't lowers nothing.
func Lower(a, b string) string {
	levels := []string{recording.LevelOutput, recording.LevelCalls, recording.LevelFull}
	if j := slices.Index(levels, b); j >= 0 && j < slices.Index(levels, a) {
		return b
	}
	return a
}
