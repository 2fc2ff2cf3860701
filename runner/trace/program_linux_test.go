//go:build amd64 || arm64

package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test binary is also its own tracer in another process, if this variable
// names the program; see TestTracerKilled and TestNobody.
const as = "TRACE_TEST"

func TestMain(m *testing.M) {
	switch path := os.Getenv(as); path {
	case "":
	case refused:
		os.Exit(probeRefused())
	default:
		os.Exit(traceInstead(path))
	}
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// traceInstead prints what the program at path did, one event a line.
func traceInstead(path string) int {
	end, err := Run(context.Background(), Program{Path: path, Dirs: dirsOf(path), Env: os.Environ()}, func(e Event) {
		fmt.Println(show(e))
	})
	fmt.Printf("%+v %v\n", end, err)
	if err != nil {
		return 1
	}
	return 0
}

// built is the corpus, built once into one directory.
var built struct {
	sync.Once
	dir string
	err error
}

// corpus is the directory of the corpus's binaries.
func corpus(tb testing.TB) string {
	tb.Helper()
	if err := Probe(); err != nil {
		lacks(tb, err.Error())
	}
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "trace-test-"); built.err == nil { //nolint:usetesting // it outlives the test
			built.err = os.Chmod(built.dir, 0o755)
		}
		if built.err == nil {
			built.err = build(built.dir, "./testdata/programs/...")
		}
	})
	if built.err != nil {
		tb.Fatal(built.err)
	}
	return built.dir
}

// build builds programs as the runner builds a lesson's.
func build(to string, args ...string) error {
	args = append([]string{"build", "-gcflags=-l", "-o", to + string(filepath.Separator)}, args...)
	cmd := exec.CommandContext(context.Background(), "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// source is the directory of the named program of the corpus.
func source(name string) string { return filepath.Join("testdata", "programs", name) }

// dirsOf is the directories of the files of the program at path, which has the
// name of a program of the corpus.
func dirsOf(path string) []string {
	name := filepath.Base(path)
	dir, err := filepath.Abs(source(name))
	if err != nil {
		panic(err)
	}
	return []string{dir, "sockets/runner/trace/testdata/programs/" + name}
}

// A run is what a test knows of a traced program.
type run struct {
	events         []Event
	end            End
	err            error
	stdout, stderr string
}

// traced runs the program under the tracer, with a deadline.
func traced(tb testing.TB, p Program) *run {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r := tracedUntil(ctx, tb, p)
	if r.err != nil {
		tb.Fatalf("Run(%s) = %v", filepath.Base(p.Path), r.err)
	}
	return r
}

func tracedUntil(ctx context.Context, tb testing.TB, p Program) *run {
	tb.Helper()
	var r run
	var readers sync.WaitGroup
	pipe := func(text *string) *os.File {
		from, to, err := os.Pipe()
		if err != nil {
			tb.Fatal(err)
		}
		readers.Go(func() {
			b, err := io.ReadAll(from)
			if err != nil {
				tb.Error(err)
			}
			*text = string(b)
			_ = from.Close()
		})
		return to
	}
	p.Stdout, p.Stderr = pipe(&r.stdout), pipe(&r.stderr)
	if p.Dirs == nil {
		p.Dirs = dirsOf(p.Path)
	}
	r.end, r.err = Run(ctx, p, func(e Event) { r.events = append(r.events, e) })
	if err := errors.Join(p.Stdout.Close(), p.Stderr.Close()); err != nil {
		tb.Fatal(err)
	}
	readers.Wait()
	return &r
}

// named is the events of calls with that name, in order.
func (r *run) named(name string) []Event {
	var some []Event
	for _, e := range r.events {
		if e.Call != nil && e.Call.Name == name {
			some = append(some, e)
		}
	}
	return some
}

// printed is what the events say was written to the stream.
func (r *run) printed(stream string) string {
	var b strings.Builder
	for _, e := range r.events {
		if e.Output != nil && e.Output.Stream == stream {
			b.WriteString(e.Output.Text)
		}
	}
	return b.String()
}

// show is an event on one line, for a failing test.
func show(e Event) string {
	at := "-"
	if e.At != nil {
		at = fmt.Sprintf("%s:%d", e.At.File, e.At.Line)
	}
	if e.Inherited {
		at += " inherited"
	}
	if e.Output != nil {
		return fmt.Sprintf("%s g%d %s %q", at, e.Goroutine, e.Output.Stream, e.Output.Text)
	}
	return fmt.Sprintf("%s g%d %s(%s) = %s %s [%s]", at, e.Goroutine, e.Call.Name, strings.Join(e.Call.Args, ", "), e.Call.Result, e.Call.Errno, e.Call.FD)
}

func (r *run) String() string {
	var b strings.Builder
	for _, e := range r.events {
		b.WriteString(show(e) + "\n")
	}
	return b.String()
}
