package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sockets/runner/build"
)

func verifyVerb() *cobra.Command {
	var o build.VerifyOptions
	verb := &cobra.Command{
		Use:   "verify [NN...]",
		Short: "Run the lessons and compare with their recordings",
		Long: `Verify runs the lessons, always anew, and compares what they print and how they
end with the recordings in lessons/NN/recordings. It is silent if they agree; if
not, it shows the difference and exits 1.

With --update the recordings are rewritten where they differ: look at the diff
before you commit it. With --count 20 each run is made 20 times, and all must
agree: a program that prints something else now and then has no place here.`,
		Example: `  go run ./runner verify
  go run ./runner verify 04 --count 20
  go run ./runner verify --update && git diff lessons`,
		ValidArgsFunction: completeNumbers,
		RunE: func(c *cobra.Command, numbers []string) error {
			var err error
			if o.Root, err = findRoot(); err != nil {
				return err
			}
			if o.Numbers, err = normal(numbers); err != nil {
				return err
			}
			if o.Count < 1 {
				return misuse{fmt.Errorf("--count %d: each run is made at least once", o.Count)}
			}
			p := newProgress(c.ErrOrStderr())
			if p.terminal {
				o.Step = p.step
			}
			err = build.Verify(c.Context(), o)
			p.end()
			return err
		},
	}
	f := verb.Flags()
	f.BoolVar(&o.Update, "update", false, "rewrite the recordings that differ")
	f.IntVar(&o.Count, "count", 1, "how often each run is made")
	f.IntVarP(&o.Jobs, "jobs", "j", 0, "how many programs run at the same time (default: one a processor)")
	return verb
}
