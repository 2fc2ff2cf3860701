// Runner runs the lessons and renders them into a site.
//
//	go run ./runner build        run what changed, write site/public
//	go run ./runner run 03       run one lesson here, in this terminal
//	go run ./runner verify       run all, compare with the recordings
//	go run ./runner help         all the verbs
//
// Results go to stdout, complaints to stderr. The exit code is 0 if all is well,
// 1 if a lesson did not pass, 2 if the command was misused, and 3 if the machine
// or the runner itself failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"sockets/runner/build"
	"sockets/runner/compile"
	"sockets/runner/lesson"
)

// Exit codes.
const (
	exitFine      = 0
	exitNotPassed = 1
	exitMisuse    = 2
	exitFailed    = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command runs one command line and gives its exit code.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := verbs()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	verb, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitFine
	}
	code := exitCode(ctx, err)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "runner: interrupted")
	case code == exitMisuse:
		words := strings.TrimPrefix(verb.CommandPath()+" --help", root.Name()+" ")
		fmt.Fprintf(stderr, "runner: %v\nTry: go run ./runner %s\n", err, words)
	case errors.Is(err, errSaid):
	case code == exitNotPassed:
		fmt.Fprintln(stderr, err)
	default:
		fmt.Fprintln(stderr, "runner:", err)
	}
	return code
}

// A misuse is a command line that can't be carried out as it is written.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

func exitCode(ctx context.Context, err error) int {
	var (
		used     misuse
		unknown  *build.UnknownLesson
		mistakes lesson.Mistakes
		problems build.Problems
		broken   *compile.Error
		ended    *notPassed
	)
	switch {
	case ctx.Err() != nil:
		return exitFailed
	case errors.As(err, &used), errors.As(err, &unknown):
		return exitMisuse
	case errors.As(err, &mistakes), errors.As(err, &problems), errors.As(err, &broken), errors.As(err, &ended):
		return exitNotPassed
	}
	return exitFailed
}
