package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"sockets/runner/compile"
	"sockets/runner/lesson"
	"sockets/runner/run"
	"sockets/runner/temporary"
)

func runVerb() *cobra.Command {
	var name string
	var plain bool
	var v view
	verb := &cobra.Command{
		Use:   "run NN [-- ARG...]",
		Short: "Run one lesson in this terminal, and show what each line did",
		Long: `Run builds the lesson's program and runs it here, as build does: with the lab
beside it, with a limit of 10 seconds, and nothing of it left behind. Then it
shows each line that did something: what the line printed, the system calls it
made, the frames they put on the wire, as far as this machine lets them be seen
("runner doctor" says how far). Arguments after -- are the program's.

With --name it makes one of the runs that lesson.md declares, a pitfall for
example, and says whether it ended as declared. With --plain it prints what the
program prints, as it comes, and no more.

To step through a lesson, "go run ./lessons/NN" does as well.`,
		Example: `  go run ./runner run 03
  go run ./runner run 06 -- http://www.lab.test/
  go run ./runner run 06 --name hang
  go run ./runner run 04 --wire --fault 'drop in SYN,ACK 1'`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeNumbers,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 && c.ArgsLenAtDash() != 1 {
				return misuse{errors.New("one lesson at a time; the program's arguments stand after --")}
			}
			if err := v.check(); err != nil {
				return err
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
			r.Wire = append(r.Wire, v.faults...)
			s := run.Spec{Lesson: l, Run: r, Level: v.level}
			if plain {
				s.Stdout, s.Stderr = c.OutOrStdout(), c.ErrOrStderr()
			}
			result, err := runHere(c, root, s)
			if err != nil {
				return err
			}
			if !plain {
				if err := v.show(c, result.Recording, l.Dir); err != nil {
					return err
				}
			}
			return verdict(c, l, r, result)
		},
	}
	v.flags(verb)
	verb.Flags().BoolVar(&plain, "plain", false, "print what the program prints, and no more")
	verb.MarkFlagsMutuallyExclusive("plain", "json")
	verb.MarkFlagsMutuallyExclusive("plain", "wire")
	verb.Flags().StringVar(&name, "name", "main", "the run to make, of those in lesson.md")
	_ = verb.RegisterFlagCompletionFunc("name", completeRuns) // there is such a flag
	return verb
}

// runHere builds the run's program and runs it.
func runHere(c *cobra.Command, root string, s run.Spec) (*run.Result, error) {
	folder, err := temporary.New("bin")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the binary: %w", err)
	}
	defer func() { _ = folder.Remove() }()
	tmp := folder.Path
	dir := "./" + filepath.ToSlash(filepath.Join("lessons", s.Lesson.Number, s.Run.Package()))
	binaries, err := compile.Build(c.Context(), root, tmp, []string{dir})
	if err != nil {
		return nil, err
	}
	s.Binary = binaries[dir]
	return run.Program(c.Context(), s)
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
