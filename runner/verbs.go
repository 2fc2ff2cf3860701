package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sockets/runner/lesson"
)

// verbs is the command line: every verb, its flags and its help.
func verbs() *cobra.Command {
	root := &cobra.Command{
		Use:   "runner",
		Short: "Run the lessons and render them into a site",
		Long: `Runner runs the lessons of "Sockets, line by line" and renders each into a page
that shows, for each line of the program, what it printed, what it asked of the
kernel, and what it put on the wire, from a real run.

Start with:

    go run ./runner build       run the lessons, write site/public/index.html
    go run ./runner run 03      run one lesson here, and see what each line did
    go run ./runner xray DIR    the same for a program of your own
    go run ./runner grade 05    judge your solution of an exercise

Results go to stdout, complaints to stderr. Exit code 0: all is well; 1: a lesson
did not pass; 2: the command was misused; 3: the machine or the runner failed.`,
		SilenceUsage:  true,
		SilenceErrors: true,

		SuggestionsMinimumDistance: 2,

		Args: noVerb,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misuse{err} })
	root.AddCommand(listVerb(), runVerb(), buildVerb(), verifyVerb(), xrayVerb(), gradeVerb(), exportVerb(), whyVerb(), serveVerb(), doctorVerb())
	for _, verb := range root.Commands() {
		misusable(verb)
		for _, sub := range verb.Commands() {
			misusable(sub)
		}
	}
	misusable(root)
	return root
}

// noVerb complains of a first word that is no verb, and says which it might be.
func noVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("there is no verb %q; did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no verb %q; runner help lists them", args[0])
}

// misusable makes errors about a verb's arguments misuses.
func misusable(verb *cobra.Command) {
	check := verb.Args
	if check == nil {
		return
	}
	verb.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return misuse{err}
		}
		return nil
	}
}

// findRoot is the checkout we stand in: the nearest folder upward with a go.mod
// and lessons.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the checkout: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		_, noMod := os.Stat(filepath.Join(dir, "go.mod"))
		info, noLessons := os.Stat(filepath.Join(dir, "lessons"))
		if noMod == nil && noLessons == nil && info.IsDir() {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", misuse{fmt.Errorf("%s is not in a checkout of the lessons: no folder above it has go.mod and lessons/", start)}
		}
	}
}

// completeNumbers offers the lessons' numbers to the shell, with their titles.
func completeNumbers(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	root, err := findRoot()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	numbers, err := lesson.Numbers(filepath.Join(root, "lessons"))
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var offers []cobra.Completion
	for _, n := range numbers {
		if l, _ := lesson.Load(filepath.Join(root, "lessons", n)); l != nil {
			offers = append(offers, cobra.CompletionWithDesc(n, l.Title))
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}

// one is the lesson of that number; "3" is "03".
func one(root, number string) (*lesson.Lesson, error) {
	numbers, err := normal([]string{number})
	if err != nil {
		return nil, err
	}
	l, ms := lesson.Load(filepath.Join(root, "lessons", numbers[0]))
	if l == nil {
		return nil, misuse{fmt.Errorf("there is no lesson %s; runner list shows those there are", number)}
	}
	return l, ms.Err()
}

// normal makes two digits of each lesson number.
func normal(numbers []string) ([]string, error) {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		var value int
		if _, err := fmt.Sscanf(n, "%d", &value); err != nil || value < 0 || value > 99 || fmt.Sprintf("%0*d", len(n), value) != n {
			return nil, misuse{fmt.Errorf("%q is not a lesson's number; a number is like 03", n)}
		}
		out[i] = fmt.Sprintf("%02d", value)
	}
	return out, nil
}

// A notPassed is a program that ended otherwise than it should.
type notPassed struct{ error }

func (n *notPassed) Unwrap() error { return n.error }
