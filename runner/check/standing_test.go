package check_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sockets/runner/agent"
	"sockets/runner/check"
	"sockets/runner/report"
	"sockets/runner/tier"
)

// TestStanding has a right server, which passes the standing checks, and five
// wrong ones, each of which fails the one that is made for it, on a machine that
// is busy.
func TestStanding(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Calls != nil {
		tier.Lacks(t, l.Calls.Error())
	}
	folder := t.TempDir()
	build := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	binary := filepath.Join(folder, "standing.test")
	build("test", "-c", "-o", binary, "./testdata/standing")
	for range 2 {
		load(t)
	}
	for fault, want := range map[string][]string{
		"": nil, "leaks": {"ReturnsDescriptors"}, "blocks": {"KeepsThreads"}, "hoards": {"KeepsMemory"},
		"spins": {"StaysIdle"}, "waits": {"EndsOnSIGTERM"},
	} {
		t.Run("server that "+fault, func(t *testing.T) {
			program := filepath.Join(folder, "program-"+fault)
			build("build", "-trimpath", "-ldflags=-X main.fault="+fault, "-o", program, "./testdata/standing")
			var caught []string
			passed, names, all := 0, ".", len(check.Standing)
			if want != nil && !tier.Full() {
				names, all = want[0], 1
			}
			for _, l := range judged(t, binary, &check.Task{Binary: program, Source: "testdata/standing", Seed: 1}, names) {
				switch o := l.Outcome; {
				case o == nil:
				case o.Verdict == report.Pass:
					passed++
				case o.Verdict == report.Fail, o.Verdict == report.Timeout, o.Verdict == report.Crash:
					caught = append(caught, l.Check)
				default:
					t.Errorf("%s: %s: %s", l.Check, o.Verdict, o.Message)
				}
				if o := l.Outcome; o != nil && o.Verdict != report.Pass {
					t.Logf("%s: %s: %s", l.Check, o.Verdict, o.Message)
				}
			}
			if !slices.Equal(caught, want) || passed+len(caught) != all {
				t.Errorf("caught by %v, passed %d; want it caught by %v, and passed by all others", caught, passed, want)
			}
		})
	}
}

// load keeps a processor busy until the test ends.
func load(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = strings.Repeat("x", 1000)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
}
