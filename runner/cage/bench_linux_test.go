//go:build amd64 || arm64

package cage_test

import (
	"context"
	"testing"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/process"
)

// BenchmarkRun is what a run costs, from Start to Wait: bare, by process alone; in
// a pocket, and in a cage, as a judge starts programs.
func BenchmarkRun(b *testing.B) {
	path := attacks(b)
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if _, err := process.Run(b.Context(), process.Command{Path: path, Args: []string{"nothing"}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, change := range map[string]func(*agent.Spec){
		"agent":  func(s *agent.Spec) { s.Pocket, s.Cage = nil, nil },
		"pocket": func(s *agent.Spec) { s.Cage = nil },
		"cage":   func(*agent.Spec) {},
	} {
		b.Run(name, func(b *testing.B) {
			s := spec(b, cage.Limits{}, false, "nothing")
			change(&s)
			if s.Pocket == nil {
				s.Up = func(context.Context, *pocket.Pocket) (agent.Order, error) {
					return agent.Order{Path: path, Args: []string{"nothing"}, Dir: "/", Untraced: true}, nil
				}
			}
			for b.Loop() {
				if sight, err := agent.Run(b.Context(), s); err != nil || sight.End.Code != 0 {
					b.Fatal(sight, err)
				}
			}
		})
	}
}
