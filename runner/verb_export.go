package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sockets/runner/build"
	"sockets/runner/export"
)

func exportVerb() *cobra.Command {
	var o build.Options
	var format, out string
	verb := &cobra.Command{
		Use:   "export [NN...]",
		Short: "Write lessons as a notebook, a book, a PDF or an archive",
		Long: `Export writes lessons in a form to take along:

` + exportHelp() + `
The numbers choose lessons; without, all are taken. txtar, ipynb and html are a
file a lesson: --out is the file or, for several lessons, their folder. epub, pdf
and zip are one file of all. None needs a network to be read; pdf needs Chromium
to be made. What they show of runs is what the site shows: lessons that changed
are run first, as build does; --replay runs nothing and takes the recordings in
the tree. The same lessons give the same bytes; SOURCE_DATE_EPOCH sets the date
that the files carry.`,
		Example: `  go run ./runner export --format epub
  go run ./runner export 04 --format pdf -o connect.pdf
  go run ./runner export --format ipynb -o notebooks`,
		ValidArgsFunction: completeNumbers,
		RunE: func(c *cobra.Command, numbers []string) error {
			if format == "" {
				return misuse{errors.New("--format is needed: one of " + strings.Join(exportNames(), ", "))}
			}
			f, err := export.Find(format)
			if err != nil {
				return misuse{err}
			}
			if o.Root, err = findRoot(); err != nil {
				return err
			}
			if numbers, err = normal(numbers); err != nil {
				return err
			}
			if f.Name == "zip" && len(numbers) > 0 {
				return misuse{errors.New("zip is the whole site, so it goes with no lesson's number; html is a lesson as one file")}
			}
			if o.BaseURL != "" {
				o.BaseURL = strings.TrimSuffix(o.BaseURL, "/") + "/"
			}
			if !o.Replay {
				o.Numbers = numbers
			}
			p := newProgress(c.ErrOrStderr())
			o.Step = p.step
			site, err := build.Pages(c.Context(), o)
			p.end()
			if err != nil {
				return err
			}
			for _, n := range numbers {
				if site.Lesson(n) == nil {
					return misuse{fmt.Errorf("there is no lesson %s; runner list shows those there are", n)}
				}
			}
			if out == "" {
				out = export.FileName("", f)
				if !f.Course {
					out = "."
				}
			}
			files, err := export.Write(c.Context(), site, numbers, f, out)
			for _, name := range files {
				fmt.Fprintln(c.OutOrStdout(), shown(filepath.Clean(name)))
			}
			return err
		},
	}
	flags := verb.Flags()
	flags.StringVarP(&format, "format", "f", "", strings.Join(exportNames(), ", "))
	flags.StringVarP(&out, "out", "o", "", "the file or folder to write (default: a file in this folder, named after the course or the lesson)")
	flags.BoolVar(&o.Replay, "replay", false, "run nothing; show the recordings in the tree")
	flags.IntVarP(&o.Jobs, "jobs", "j", 0, "how many programs run at the same time (default: one a processor)")
	flags.StringVar(&o.BaseURL, "base-url", "", "where the site is published, to link there")
	_ = verb.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(exportNames(), cobra.ShellCompDirectiveNoFileComp)) // there is such a flag
	return verb
}

func exportNames() []string {
	var names []string
	for _, f := range export.Formats {
		names = append(names, f.Name)
	}
	return names
}

// exportHelp is a line of help a format.
func exportHelp() string {
	var b strings.Builder
	for _, f := range export.Formats {
		fmt.Fprintf(&b, "  %-6s %s\n", f.Name, f.What)
	}
	return b.String()
}
