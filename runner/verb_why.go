package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sockets/runner/build"
)

func whyVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "why NN",
		Short: "Say what the next build would run of a lesson, and why",
		Long: `Why compares what each run of the lesson depends on with what it was made from:
the program and every package it imports, its declaration in lesson.md, the
toolchain, the machine, and the packages of the runner that record it.`,
		Example:           `  go run ./runner why 03`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNumbers,
		RunE: func(c *cobra.Command, args []string) error {
			root, err := findRoot()
			if err != nil {
				return err
			}
			numbers, err := normal(args)
			if err != nil {
				return err
			}
			reasons, err := build.Why(c.Context(), root, numbers[0])
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			if len(reasons) == 0 {
				fmt.Fprintf(out, "lesson %s does not run on this system; its pages show the recordings in the tree\n", numbers[0])
			}
			for _, r := range reasons {
				switch {
				case !r.Stale:
					fmt.Fprintf(out, "%s: not run again: nothing it depends on changed\n", r.Run)
				case r.Never:
					fmt.Fprintf(out, "%s: will run: no earlier run is kept\n", r.Run)
				default:
					fmt.Fprintf(out, "%s: will run again:\n", r.Run)
					for _, cause := range r.Causes {
						fmt.Fprintf(out, "    %s\n", cause)
					}
				}
			}
			return nil
		},
	}
}
