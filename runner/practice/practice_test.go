package practice

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/attempts"
	"sockets/runner/report"
)

// patient is how long anything may take on a busy machine.
const patient = 2 * time.Minute

// until waits until it holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patient); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited for %s", what)
		}
	}
}

// A wall keeps what a room publishes.
type wall struct {
	mu     sync.Mutex
	states []State
}

func (w *wall) publish(s State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states = append(w.states, s)
}

// all are the states that were published so far.
func (w *wall) all() []State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.states)
}

// last is the state that was published last.
func (w *wall) last() (s State) {
	if all := w.all(); len(all) > 0 {
		s = all[len(all)-1]
	}
	return s
}

// run has the room judge until the test ends, or until stop, and gives what came of it.
func run(t *testing.T, r *Room) (w *wall, stop func() error) {
	t.Helper()
	w = new(wall)
	r.Publish = w.publish
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(patient):
			return errors.New("it runs on")
		}
	})
	t.Cleanup(func() {
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	})
	return w, stop
}

// checks are those of an exercise; they are read, not run.
const checks = `package solution

func TestMain(m *testing.M) { check.Main(m, "linereader") }

func TestFirst(t *testing.T) { check.Points(t, 2) }

func TestSecond(t *testing.T) { check.Points(t, 3) }

func TestThird(t *testing.T) {
	check.Hidden(t)
	check.Points(t, 1)
}
`

// TestAttempts has states be what was tried, before anything is judged.
func TestAttempts(t *testing.T) {
	d := sit(t)
	solution := filepath.Join(d.root, "lessons", "05", "solution")
	file, err := attempts.File(d.root, "05", filepath.Dir(d.file()))
	if err := firstOf(err, os.Mkdir(solution, 0o755), os.WriteFile(filepath.Join(solution, "check_test.go"), []byte(checks), 0o600)); err != nil {
		t.Fatal(err)
	}
	digest := d.get().Digest
	want := State{
		Number: "05", Name: "linereader", Digest: digest, Max: 6,
		Checks: []Check{{Name: "First", Verdict: "not run", Points: 2}, {Name: "Second", Verdict: "not run", Points: 3}, {Name: "Third", Verdict: "not run", Points: 1, Hidden: true}},
	}
	shows := func(what string) {
		t.Helper()
		w, stop := run(t, d.room)
		until(t, what, func() bool { return w.last().Number == "05" })
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		status, text := d.ask("GET", "../exercises", "")
		var got []State
		if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s: %v", status, text, err)
		}
		if diff := cmp.Diff([]State{want}, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", what, diff)
		}
	}
	shows("what nobody has tried")

	tried := report.Report{
		Exercise: report.Exercise{Number: "05", Checks: []report.Check{{Name: "First", Points: 2}, {Name: "Second", Points: 3}, {Name: "Gone", Points: 3}}},
		Outcomes: map[string]report.Outcome{"First": {Verdict: report.Pass}, "Second": {Verdict: report.Timeout, Message: "nothing came"}, "Gone": {Verdict: report.Pass}},
	}
	if _, err := attempts.Note(file, filepath.Dir(d.file()), "some program", tried); err != nil {
		t.Fatal(err)
	}
	want.Tried, want.Passed, want.Points = true, 1, 2
	want.Checks[0].Verdict, want.Checks[1].Verdict = "pass", "timeout"
	shows("what was tried")

	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	want.Tried, want.Passed, want.Points = false, 0, 0
	want.Checks[0].Verdict, want.Checks[1].Verdict = "not run", "not run"
	shows("attempts that can't be read")
}

// TestMistakes takes apart what the compiler says.
func TestMistakes(t *testing.T) {
	got := of(report.Report{Build: "main.go:3:15: declared and not used: x\nmain.go:7: too many arguments\n\thave (int)\n\twant ()\nmain_other.go:1:1: expected 'package'\nmain.go:99999999999999999999: far away\n"})
	want := []Mistake{{3, "declared and not used: x"}, {7, "too many arguments\n\thave (int)\n\twant ()"}, {0, "main_other.go:1:1: expected 'package'"}, {0, "far away"}}
	if diff := cmp.Diff(want, got.Mistakes); diff != "" || !strings.HasPrefix(got.Why, "It can't be built:\nmain.go:3:15: declared") {
		t.Errorf("%q (-want +got)\n%s", got.Why, diff)
	}
}

// hangs is a program that no check ends.
const hangs = "package main\n\nfunc main() {\n\tselect {}\n}\n"

// TestVoid saves, in the page, what would be judged for long, and while it is, what
// can't be built: only that is told of, and the first was no attempt. Then it ends in
// the middle of a grading, and nothing is left.
func TestVoid(t *testing.T) {
	d := sit(t)
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err := firstOf(err, os.WriteFile(filepath.Join(d.root, name), text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"runner", "lessons/lab", "lessons/05/solution"} {
		if err := os.CopyFS(filepath.Join(d.root, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv("TMP", temporary) // as Windows has it
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()

	w, stop := run(t, d.room)
	until(t, "the state before", func() bool { return w.last().Digest != "" })
	status, a := d.put(hangs, d.get().Digest)
	if status != http.StatusOK {
		t.Fatalf("%d %+v", status, a)
	}
	long := a.Digest
	until(t, "that it is judged", func() bool { s := w.last(); return s.Judging && s.Digest == long })
	const wrong = "package main\n\nfunc main() {\n\tif\n}\n"
	if status, a = d.put(wrong, long); status != http.StatusOK {
		t.Fatalf("%d %+v", status, a)
	}
	until(t, "what is wrong", func() bool { s := w.last(); return s.Judged == a.Digest && !s.Judging })
	last := w.last()
	if diff := cmp.Diff([]Mistake{{5, "expected operand, found '}'"}}, last.Mistakes); diff != "" || last.Digest != a.Digest || last.Tried || len(last.Checks) != 13 {
		t.Errorf("%+v\n%s", last, diff)
	}
	for _, s := range w.all() {
		if s.Judged == long {
			t.Errorf("a grading that was void was told of: %+v", s)
		}
	}

	// The same text once more is judged once more: the reader may ask for that.
	count := len(w.all())
	if status, a = d.put(wrong, a.Digest); status != http.StatusOK {
		t.Fatalf("%d %+v", status, a)
	}
	until(t, "another grading", func() bool { s := w.last(); return len(w.all()) >= count+2 && !s.Judging })

	if status, a = d.put(hangs, a.Digest); status != http.StatusOK {
		t.Fatalf("%d %+v", status, a)
	}
	until(t, "that it is judged again", func() bool { s := w.last(); return s.Judging && s.Digest == long })
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
	until(t, "as few goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
	d.holds(hangs)
}
