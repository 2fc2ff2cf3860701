package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sockets/runner/compile"
	"sockets/runner/lesson"
	"sockets/runner/run"
)

func runVerb() *cobra.Command {
	var name string
	verb := &cobra.Command{
		Use:   "run NN [-- ARG...]",
		Short: "Run one lesson in this terminal",
		Long: `Run builds the lesson's program and runs it here, as build does: with the lab
beside it, with a limit of 10 seconds, and nothing of it left behind. What it
prints is printed. Arguments after -- are the program's.

With --name it makes one of the runs that lesson.md declares, a pitfall for
example, and says whether it ended as declared.

To step through a lesson, "go run ./lessons/NN" does as well.`,
		Example: `  go run ./runner run 03
  go run ./runner run 06 -- http://127.0.0.1:8080/
  go run ./runner run 06 --name hang`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeNumbers,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 && c.ArgsLenAtDash() != 1 {
				return misuse{errors.New("one lesson at a time; the program's arguments stand after --")}
			}
			root, err := findRoot()
			if err != nil {
				return err
			}
			l, err := one(root, args[0])
			if err != nil {
				return err
			}
			r, ok := l.Run(name)
			if !ok {
				return misuse{fmt.Errorf("lesson %s has no run %q; it has %s", l.Number, name, runNames(l))}
			}
			if len(args) > 1 {
				r.Args = args[1:]
			}
			result, err := runHere(c, root, l, r)
			if err != nil {
				return err
			}
			return verdict(c, l, r, result)
		},
	}
	verb.Flags().StringVar(&name, "name", "main", "the run to make, of those in lesson.md")
	_ = verb.RegisterFlagCompletionFunc("name", completeRuns) // there is such a flag
	return verb
}

// runHere builds the program and runs it in this terminal.
func runHere(c *cobra.Command, root string, l *lesson.Lesson, r lesson.Run) (*run.Result, error) {
	tmp, err := os.MkdirTemp("", "sockets-bin-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the binary: %w", err)
	}
	defer os.RemoveAll(tmp)
	dir := "./" + filepath.ToSlash(filepath.Join("lessons", l.Number, r.Package()))
	binaries, err := compile.Build(c.Context(), root, tmp, []string{dir})
	if err != nil {
		return nil, err
	}
	return run.Program(c.Context(), run.Spec{
		Lesson: l, Run: r, Binary: binaries[dir], Stdout: c.OutOrStdout(), Stderr: c.ErrOrStderr(),
	})
}

// verdict says how a run ended that is more than the program's own: a declared
// run ended as declared, or the main one did not exit 0.
func verdict(c *cobra.Command, l *lesson.Lesson, r lesson.Run, result *run.Result) error {
	end := result.Recording.Header.End
	if err := run.Judge(l, r, result); err != nil {
		var failed *run.Failure
		if errors.As(err, &failed) {
			failed.Stderr = "" // it was printed already
		}
		if r.Main() && end.Deadline == "" && end.Signal == "" {
			return &notPassed{fmt.Errorf("lesson %s exited %d", l.Number, end.Exit)}
		}
		return &notPassed{err}
	}
	if !r.Main() {
		fmt.Fprintf(c.ErrOrStderr(), "as declared, the run %s %v\n", r.Name, r.Expect)
	}
	return nil
}

func runNames(l *lesson.Lesson) string {
	var names string
	for i, r := range l.Runs {
		if i > 0 {
			names += ", "
		}
		names += r.Name
	}
	return names
}

// completeRuns offers the runs of the lesson that stands on the line.
func completeRuns(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	root, err := findRoot()
	if err != nil || len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	l, err := one(root, args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var offers []cobra.Completion
	for _, r := range l.Runs {
		offers = append(offers, cobra.CompletionWithDesc(r.Name, r.Program+" "+r.Expect.String()))
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}
