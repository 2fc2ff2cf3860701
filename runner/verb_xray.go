package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"sockets/runner/compile"
	"sockets/runner/lesson"
	"sockets/runner/run"
	"sockets/runner/temporary"
)

func xrayVerb() *cobra.Command {
	var v view
	var limit time.Duration
	verb := &cobra.Command{
		Use:   "xray PATH [-- ARG...]",
		Short: "Show what each line of any Go program does",
		Long: `Xray builds the Go program at the path, a directory or a file of any module, runs
it, and shows each line of it that did something: what the line printed, the
system calls it made, the frames they put on the wire. Arguments after -- are the
program's.

The program is not changed. It runs in a private network: the lab's servers are
there, by name (www.lab.test, ns.lab.test, ftp.lab.test ...) and on their
well-known ports, and nothing else is. With --level calls it runs on this
machine's own network, and no frames are seen.`,
		Example: `  go run ./runner xray ./cmd/probe -- www.lab.test:80
  go run ./runner xray --wire ./client.go
  go run ./runner xray --level calls . -- example.org
  go run ./runner xray --json . > run.jsonl`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 && c.ArgsLenAtDash() != 1 {
				return misuse{errors.New("one program at a time; its arguments stand after --")}
			}
			if limit <= 0 {
				return misuse{fmt.Errorf("--limit %v: a program needs some time", limit)}
			}
			if err := v.check(); err != nil {
				return err
			}
			folder, err := temporary.New("bin")
			if err != nil {
				return fmt.Errorf("make a folder for the binary: %w", err)
			}
			defer func() { _ = folder.Remove() }()
			tmp := folder.Path
			p, err := compile.Any(c.Context(), args[0], tmp)
			if err != nil {
				return err
			}
			// The program is a lesson of one run that needs all of the lab.
			l := &lesson.Lesson{Dir: p.Dir, Needs: run.Services()}
			r := lesson.Run{Name: "main", Program: "main.go", Args: args[1:], Wire: v.faults}
			result, err := run.Program(c.Context(), run.Spec{Lesson: l, Run: r, Binary: p.Binary, Limit: limit, Level: v.level})
			if err != nil {
				return err
			}
			if err := v.show(c, result.Recording, p.Dir); err != nil {
				return err
			}
			if end := result.Recording.Header.End; end.Exit != 0 {
				return &notPassed{fmt.Errorf("%s: %s", p.Name, run.Happened(end))}
			}
			return nil
		},
	}
	v.flags(verb)
	verb.Flags().DurationVar(&limit, "limit", 30*time.Second, "how long the program may run")
	return verb
}
