//go:build amd64 || arm64

package cage_test

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/tier"
)

// TestEarlySignal sends signals to programs that have just been started: none is
// lost, and none disturbs what closes the cage around them. The agent has one
// processor, so that it sends when it waits for the program.
func TestEarlySignal(t *testing.T) {
	path := attacks(t)
	t.Setenv("GOMAXPROCS", "1")
	n := 10
	if tier.Full() {
		n = 50
	}
	tests := []struct {
		program string
		send    syscall.Signal
		want    agent.Exit
	}{
		{"nothing", syscall.SIGURG, agent.Exit{}},
		{"nothing", syscall.SIGCONT, agent.Exit{}},
		{"daemon's child", syscall.SIGTERM, agent.Exit{Code: -1, Signal: "SIGTERM"}},
		{"daemon's child", syscall.SIGHUP, agent.Exit{Code: -1, Signal: "SIGHUP"}},
	}
	for _, test := range tests {
		for _, traced := range []bool{true, false} {
			for _, fenced := range []bool{true, false} {
				t.Run(fmt.Sprintf("%v, traced %t, fenced %t", test.send, traced, fenced), func(t *testing.T) {
					s := spec(t, cage.Limits{}, traced, test.program)
					if fenced {
						if l := agent.Probe(t.Context()); l.Fence != nil {
							tier.Lacks(t, l.Fence.Error())
						}
						o := agent.Order{Path: path, Args: []string{test.program}, Dir: t.TempDir(), Untraced: !traced}
						s.Pocket, s.Up = nil, func(context.Context, *pocket.Pocket) (agent.Order, error) { return o, nil }
					}
					for range n {
						early(t, s, test.send, test.want)
					}
				})
			}
		}
	}
}

// early starts a program, sends it signals at once, and waits for its end.
func early(t *testing.T, s agent.Spec, send syscall.Signal, want agent.Exit) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	r, err := agent.Start(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 3 {
		if err := r.Signal(ctx, send); err != nil && !errors.Is(err, agent.ErrEnded) {
			t.Fatal(err)
		}
	}
	got, err := r.Exit(ctx)
	if got.Wall = 0; err != nil || got != want {
		t.Fatalf("it ended as %+v, %v; want %+v", got, err, want)
	}
}
