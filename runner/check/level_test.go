package check_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/check"
	"sockets/runner/report"
	"sockets/runner/tier"
)

// TestLevel: what an outcome says of the cage is how the program was confined,
// and what "runner doctor" says of the machine.
func TestLevel(t *testing.T) {
	if runtime.GOOS == "windows" {
		tier.Lacks(t, "Windows passes no descriptors")
	}
	l := agent.Probe(t.Context())
	program := filepath.Join(t.TempDir(), "program")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "./testdata/exercise")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	binary := exercise(t)
	for _, asked := range []string{"full", "calls", "output"} {
		l.Asked = asked
		lines := judged(t, binary, &check.Task{Binary: program, Source: "testdata/exercise", Seed: 1}, "^TestStdin$", "SOCKETS_LEVEL="+asked)
		if n := len(lines); n != 2 || lines[1].Outcome == nil || lines[1].Outcome.Verdict != report.Pass || lines[1].Level != report.Level(l.CageLevel()) {
			t.Errorf("SOCKETS_LEVEL=%s: %+v; want a pass at level %s", asked, lines, l.CageLevel())
		}
		if asked != "full" && l.CageLevel() < cage.LevelC {
			t.Errorf("SOCKETS_LEVEL=%s: CageLevel() = %s, without a private network", asked, l.CageLevel())
		}
	}
}

// judged is what checks say to their judge.
func judged(t *testing.T, binary string, k *check.Task, names string, env ...string) (lines []check.Line) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	k.Outcomes = 3
	text, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-test.run="+names)
	cmd.Env, cmd.ExtraFiles = append(append(os.Environ(), check.TaskKey+"="+string(text)), env...), []*os.File{w}
	out, err := cmd.CombinedOutput() // a few outcomes, for which a pipe has room
	var exit *exec.ExitError
	if closed := w.Close(); closed != nil || err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("%v, %v\n%s", err, closed, out)
	}
	for dec := json.NewDecoder(r); ; {
		var l check.Line
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return lines
		} else if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
}
