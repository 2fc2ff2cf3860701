package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"sockets/runner/doctor"
)

func doctorVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can show of a run, and what would show more",
		Long: `Doctor tries what the runner needs: the go command and its modules, the loopback
interface, folders that can be written. It says what it found and, where something
is missing, what would help. It changes nothing. It exits 3 if the lessons can't
be run here at all.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			root, err := findRoot()
			if err != nil {
				return err
			}
			out, broken := c.OutOrStdout(), false
			for _, f := range doctor.Look(c.Context(), root) {
				mark := "ok"
				if !f.OK {
					mark = "--"
				}
				fmt.Fprintf(out, "%s  %-9s %s\n", mark, f.Name, f.Found)
				if !f.OK {
					fmt.Fprintf(out, "    %-9s %s\n", "", f.Remedy)
					broken = broken || f.Needed
				}
			}
			if broken {
				return errors.New("the lessons can't be run on this machine as it is; see above")
			}
			return nil
		},
	}
}
