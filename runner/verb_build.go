package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sockets/runner/build"
)

func buildVerb() *cobra.Command {
	var o build.Options
	verb := &cobra.Command{
		Use:   "build [NN...]",
		Short: "Run the lessons and write the site",
		Long: `Build runs the lessons' programs and writes the site to site/public; open its
index.html in a browser. Nothing else is needed: no server, no network, no root.

A run is made again only if something it depends on changed: the program, a
package it imports, its declaration in lesson.md, the toolchain, the runner. An
edit of the prose runs nothing. "runner why NN" tells the reason for each run.

With numbers, only those lessons are run; the pages of the others show the last
run there was. If any run ends otherwise than its lesson declares, build says so,
exits 1, and leaves the old site as it was.`,
		Example: `  go run ./runner build
  go run ./runner build 03 04
  go run ./runner build --replay -o /tmp/site`,
		ValidArgsFunction: completeNumbers,
		RunE: func(c *cobra.Command, numbers []string) error {
			var err error
			if o.Root, err = findRoot(); err != nil {
				return err
			}
			if o.Numbers, err = normal(numbers); err != nil {
				return err
			}
			if o.Jobs < 0 {
				return misuse{fmt.Errorf("--jobs %d: at least one run goes at a time", o.Jobs)}
			}
			if o.Replay && (o.Fresh || len(numbers) > 0) {
				return misuse{errors.New("--replay runs nothing, so it goes with neither --fresh nor a lesson's number")}
			}
			if o.Out == "" {
				o.Out = filepath.Join(o.Root, "site", "public")
			}
			p := newProgress(c.ErrOrStderr())
			o.Step = p.step
			err = build.Site(c.Context(), o)
			p.end()
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), filepath.Join(shown(o.Out), "index.html"))
			return nil
		},
	}
	f := verb.Flags()
	f.StringVarP(&o.Out, "out", "o", "", "the folder that becomes the site (default site/public)")
	f.BoolVar(&o.Fresh, "fresh", false, "run everything, whatever changed")
	f.BoolVar(&o.Replay, "replay", false, "run nothing; render the recordings in the tree")
	f.IntVarP(&o.Jobs, "jobs", "j", 0, "how many programs run at the same time (default: one a processor)")
	f.StringVar(&o.BaseURL, "base-url", "", "where the site will be published, for its \"link to this page\" boxes")
	return verb
}

// shown is the path as a person in this folder would write it.
func shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && fs.ValidPath(filepath.ToSlash(rel)) {
		return rel
	}
	return path
}
