package main

import (
	"fmt"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sockets/runner/lesson"
)

func listVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the lessons",
		Long: `List shows each lesson's number, title, reading time in minutes and summary.
Each runs by itself: go run ./lessons/03`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			root, err := findRoot()
			if err != nil {
				return err
			}
			numbers, err := lesson.Numbers(filepath.Join(root, "lessons"))
			if err != nil {
				return err
			}
			var mistakes lesson.Mistakes
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, n := range numbers {
				l, ms := lesson.Load(filepath.Join(root, "lessons", n))
				if l != nil {
					fmt.Fprintf(w, "%s\t%s\t%d min\t%s\n", l.Number, l.Title, l.Minutes, l.Summary)
				}
				mistakes = append(mistakes, ms...)
			}
			if err := w.Flush(); err != nil {
				return fmt.Errorf("write the list: %w", err)
			}
			return mistakes.Err()
		},
	}
}
