//go:build amd64 || arm64

package trace

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sockets/runner/recording"
	"sockets/runner/tier"
)

func lacks(tb testing.TB, reason string) {
	tb.Helper()
	tier.Lacks(tb, reason)
}

// A line of a program of the corpus says in a comment what the trace has to tell
// of it: "// trace: connect=EINPROGRESS stdout inherited:read a|b". A line
// without the comment has no events.
func expectations(t *testing.T, name string) map[int][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(source(name), "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	want := make(map[int][]string)
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if _, list, ok := strings.Cut(lines.Text(), "// trace:"); ok {
			want[n] = strings.Fields(list)
		}
	}
	if err := lines.Err(); err != nil || len(want) == 0 {
		t.Fatalf("%s: %d lines say what to expect, %v", name, len(want), err)
	}
	return want
}

// meets reports whether the event is what a comment speaks of.
func meets(e Event, want string) bool {
	want, inherited := strings.CutPrefix(want, "inherited:")
	if e.Inherited != inherited {
		return false
	}
	if e.Output != nil {
		return e.Output.Stream == want
	}
	names, result, some := strings.Cut(want, "=")
	if some && result != e.Call.Result && result != e.Call.Errno {
		return false
	}
	return slices.Contains(strings.Split(names, "|"), e.Call.Name)
}

// check compares the run with what the program's comments say.
func check(t *testing.T, name string, r *run) {
	t.Helper()
	want := expectations(t, name)
	at := make(map[int][]Event)
	for _, e := range r.events {
		if e.At == nil {
			if e.Output == nil {
				t.Errorf("no line: %s", show(e))
			}
			continue
		}
		if e.At.File != "main.go" {
			t.Errorf("line of another file: %s", show(e))
		}
		at[e.At.Line] = append(at[e.At.Line], e)
		if _, ok := want[e.At.Line]; !ok {
			t.Errorf("main.go:%d has no comment, and an event: %s", e.At.Line, show(e))
		}
	}
	for line, items := range want {
		for _, item := range items {
			if !slices.ContainsFunc(at[line], func(e Event) bool { return meets(e, item) }) {
				t.Errorf("main.go:%d: no %s, but %d events", line, item, len(at[line]))
			}
		}
	}
	if t.Failed() {
		t.Logf("%s%+v", r, r.end)
	}
}

// ends is how the programs of the corpus end that don't exit with 0.
var ends = map[string]End{
	"panics": {Exit: 2},
	"exits":  {Exit: 3},
	"killed": {Exit: -1, Signal: "SIGKILL"},
}

func TestCorpus(t *testing.T) {
	dir := corpus(t)
	entries, err := os.ReadDir(source(""))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if name == "blocked" {
			continue // TestSignal, TestCancel
		}
		for _, slow := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/slow=%v", name, slow), func(t *testing.T) {
				if name == "many" || slow && name == "crowd" {
					tier.Long(t)
				}
				r := traced(t, Program{Path: filepath.Join(dir, name), slow: slow})
				check(t, name, r)
				if r.end.Slow != slow {
					t.Errorf("Slow = %v, want %v", r.end.Slow, slow)
				}
				if r.end.Exit != ends[name].Exit || r.end.Signal != ends[name].Signal {
					t.Errorf("End = %+v, want %+v", r.end, ends[name])
				}
				if got := r.printed(recording.Stdout); got != r.stdout && name != "copies" {
					t.Errorf("the events print %q, the program printed %q", got, r.stdout)
				}
				if got := r.printed(recording.Stderr); got != r.stderr {
					t.Errorf("the events print %q to stderr, the program printed %q", got, r.stderr)
				}
			})
		}
	}
}

// TestStripped traces binaries without symbols, position-independent ones and
// such with import paths in their line table.
func TestStripped(t *testing.T) {
	corpus(t)
	for i, flags := range [][]string{{"-trimpath", "-ldflags=-s -w", "-buildmode=pie"}, {"-ldflags=-s -w"}, {"-buildmode=pie"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			if i > 0 {
				tier.Long(t)
			}
			dir := t.TempDir()
			if err := build(dir, append(flags, "./testdata/programs/web", "./testdata/programs/goroutines")...); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"web", "goroutines"} {
				check(t, name, traced(t, Program{Path: filepath.Join(dir, name)}))
			}
		})
	}
}

// TestInlined traces programs that the compiler was free to inline. With symbols
// every line is found all the same; without them lines are missing, none wrong.
func TestInlined(t *testing.T) {
	corpus(t)
	for _, flags := range []string{"-ldflags=", "-ldflags=-s -w"} {
		dir := t.TempDir()
		if err := build(dir, flags, "-gcflags=-e", "./testdata/programs/inlining", "./testdata/programs/closures", "./testdata/programs/epoll"); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"inlining", "closures", "epoll"} {
			t.Run(name+flags, func(t *testing.T) {
				r := traced(t, Program{Path: filepath.Join(dir, name)})
				if flags == "-ldflags=" {
					check(t, name, r)
					return
				}
				want := expectations(t, name)
				for _, e := range r.events {
					if e.At != nil && want[e.At.Line] == nil {
						t.Errorf("main.go:%d has no comment, and an event: %s", e.At.Line, show(e))
					}
				}
			})
		}
	}
}

func TestMany(t *testing.T) {
	r := traced(t, Program{Path: filepath.Join(corpus(t), "many"), Calls: 1000})
	reads := r.named("read")
	if len(reads) != 999 || r.end.Calls != 1000 || r.end.Dropped < 99_001 {
		t.Errorf("%d reads, %+v; want 999 after one openat, and the others dropped", len(reads), r.end)
	}
	if r.printed(recording.Stdout) != "100000\n" {
		t.Errorf("printed %q", r.printed(recording.Stdout))
	}
}

func TestOrder(t *testing.T) {
	r := traced(t, Program{Path: filepath.Join(corpus(t), "goroutines")})
	seen := make(map[int]bool)
	last := make(map[int]Event) // of each thread
	for i, e := range r.events {
		if seen[e.ID] || e.ID < 1 || e.Call != nil && e.Call.ID != e.ID {
			t.Errorf("event %d: ID %d is not its own", i, e.ID)
		}
		seen[e.ID] = true
		if e.End < e.Start || e.Goroutine < 1 {
			t.Errorf("event %d took from %v to %v on goroutine %d", i, e.Start, e.End, e.Goroutine)
		}
		if was, ok := last[e.TID]; ok && (e.Start < was.End || e.ID < was.ID) {
			t.Errorf("thread %d: %s begins before %s has ended", e.TID, show(e), show(was))
		}
		last[e.TID] = e
	}
	if len(seen) != r.end.Calls+1 {
		t.Errorf("%d events, want %d calls and one output", len(seen), r.end.Calls)
	}
	if others := len(goroutinesOf(r)); others < 41 {
		t.Errorf("%d goroutines made calls, want main's, 20 clients and 20 servers at least", others)
	}
}

func goroutinesOf(r *run) map[int]bool {
	of := make(map[int]bool)
	for _, e := range r.events {
		of[e.Goroutine] = true
	}
	return of
}

func TestInterrupted(t *testing.T) {
	r := traced(t, Program{Path: filepath.Join(corpus(t), "signals")})
	if reads := r.named("read"); len(reads) != 1 {
		t.Errorf("%d reads, want one that 20 signals interrupted:\n%s", len(reads), r)
	}
}

// TestSignal sends a program that is blocked in a call what a deadline sends.
func TestSignal(t *testing.T) {
	signals := make(chan os.Signal, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	entered := 0
	r := tracedUntil(ctx, t, Program{
		Path: filepath.Join(corpus(t), "blocked"), Signals: signals,
		Enter: func(int, int) {
			if entered++; entered == 5 { // after socket, bind, listen and write
				signals <- syscall.SIGQUIT
			}
		},
	})
	if r.err != nil || r.end.Exit != 2 {
		t.Fatalf("Run = %+v, %v; want exit 2, as of a Go program upon SIGQUIT", r.end, r.err)
	}
	check(t, "blocked", r)
	if !strings.Contains(r.stderr, "SIGQUIT: quit") || r.stderr != r.printed(recording.Stderr) {
		t.Errorf("stderr is %q, by the events %q", r.stderr, r.printed(recording.Stderr))
	}
	for _, e := range r.events {
		if e.Output != nil && e.Output.Stream == recording.Stderr && e.At != nil {
			t.Errorf("the dump is not of a line: %s", show(e))
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	entered := 0
	r := tracedUntil(ctx, t, Program{
		Path: filepath.Join(corpus(t), "blocked"),
		Enter: func(int, int) {
			if entered++; entered == 5 {
				cancel()
			}
		},
	})
	if r.err == nil || r.end.Signal != "SIGKILL" {
		t.Fatalf("Run = %+v, %v; want SIGKILL and the context's cause", r.end, r.err)
	}
	check(t, "blocked", r)
}
