package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/agent"
	"sockets/runner/lesson"
	"sockets/runner/recording"
	"sockets/runner/tier"
)

// programs are what is in the source of the tests' programs, by name.
var programs = map[string]string{
	"prints": `func main() { fmt.Println("a"); fmt.Println("a"); fmt.Println("b"); fmt.Fprintln(os.Stderr, "c"); os.Exit(3) }`,
	"env": `func main() {
	for _, e := range os.Environ() { if k, _, _ := strings.Cut(e, "="); k != "SOCKETS_RUN" && k != "PATH" { fmt.Println(e) } }
	wd, _ := os.Getwd(); fmt.Println(wd); entries, _ := os.ReadDir("."); fmt.Println(entries) }`,
	"waits": `func read(f *os.File) { f.Read(make([]byte, 1)) }
func main() { r, w, _ := os.Pipe(); go read(r); ln, _ := net.Listen("tcp", "127.0.0.1:0"); fmt.Println("waiting")
	ln.Accept(); w.Close() }`,
	"panics": `func index(s []int, i int) int {
	return s[i] }
func main() { fmt.Println("before"); fmt.Println(index(nil, len(os.Args))) }`,
	"dials": `func main() { c, err := net.Dial("tcp", os.Args[1]); if err != nil { fmt.Println(err); os.Exit(1) }
	fmt.Fprint(c, "hi"); b := make([]byte, 2); io.ReadFull(c, b); fmt.Printf("%s from %v at %v, port %s\n", b, c.RemoteAddr(), c.LocalAddr(), os.Args[1][10:]) }`,
	"splices": `func main() { c, err := net.Dial("tcp", os.Args[1]); if err != nil { fmt.Println(err); os.Exit(1) }
	fmt.Println("first"); fmt.Fprint(c, "by splice\n"); c.(*net.TCPConn).CloseWrite(); io.Copy(os.Stdout, c); fmt.Println("last") }`,
	"killed": `func main() { p, _ := os.FindProcess(os.Getpid()); p.Kill(); select {} }`,
}

// compile makes the named program as a lesson's: its source lies in the folder
// below lessons, which becomes a module.
func compile(tb testing.TB, lessons, folder, name string, flags ...string) string {
	tb.Helper()
	imports := `"fmt"; "io"; "net"; "os"; "strings"`
	source := "package main\nimport (" + imports + ")\nvar _, _, _, _ = fmt.Print, io.EOF, net.Dial, strings.Cut\nvar _ = os.Args\n" + programs[name] + "\n"
	for path, text := range map[string]string{"go.mod": "module sockets/lessons\ngo 1.26.0\n", folder + "/main.go": source} {
		path = filepath.Join(lessons, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	binary := filepath.Join(tb.TempDir(), "program.exe") // a name that every system runs
	cmd := exec.CommandContext(tb.Context(), "go", append(append([]string{"build"}, flags...), "-o", binary, "./"+folder)...)
	cmd.Dir = lessons
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func spec(tb testing.TB, name string) Spec {
	tb.Helper()
	return Spec{
		Lesson: &lesson.Lesson{Number: "03"},
		Run:    lesson.Run{Name: "main", Program: "main.go"},
		Binary: compile(tb, tb.TempDir(), "03", name, "-trimpath", "-gcflags=-l"),
	}
}

// levels has the test at every level that this machine allows; at the others it
// lacks something.
func levels(t *testing.T, test func(t *testing.T, level string)) {
	t.Helper()
	for _, level := range []string{recording.LevelOutput, recording.LevelCalls, recording.LevelFull} {
		t.Run(level, func(t *testing.T) {
			if best := agent.Level(t.Context()); agent.Lower(best, level) != level {
				l := agent.Probe(t.Context())
				tier.Lacks(t, fmt.Sprintf("the best level here is %s: %v, %v", best, l.Calls, l.Full))
			}
			test(t, level)
		})
	}
}

func program(t *testing.T, s Spec) *Result {
	t.Helper()
	r, err := Program(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestProgramRecords(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "prints")
		s.Level = level
		r := program(t, s).Recording
		at := &recording.Place{File: "main.go", Line: 5, Func: "main"}
		cause := recording.Event{At: at, Goroutine: 1}
		if level == recording.LevelOutput {
			cause = recording.Event{}
		}
		want := []recording.Event{cause, cause, cause}
		want[0].Count, want[0].Output = 2, &recording.Output{Stream: recording.Stdout, Text: "a\n"}
		want[1].Output = &recording.Output{Stream: recording.Stdout, Text: "b\n"}
		want[2].Output = &recording.Output{Stream: recording.Stderr, Text: "c\n"}
		if level != recording.LevelOutput {
			exit := cause
			exit.Call = &recording.Call{ID: 1, Name: "exit_group", Args: []string{"3"}, Result: "?"}
			want = append(want, exit)
		}
		if diff := cmp.Diff(want, r.Events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		h := r.Header
		if !cmp.Equal(h.End, recording.End{Exit: 3}) {
			t.Errorf("end = %+v, want exit 3", h.End)
		}
		if h.Lesson != "03" || h.Run != "main" || h.Level != level || !strings.HasPrefix(h.Go, "go1.") {
			t.Errorf("header = %+v", h)
		}
		if (h.Hidden > 0) != (level != recording.LevelOutput) {
			t.Errorf("%d calls are hidden", h.Hidden)
		}
	})
}

func TestProgramHasItsOwnSurroundings(t *testing.T) {
	t.Setenv("SECRET", "do not tell")
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "env")
		s.Level = level
		got := program(t, s).Recording.Printed(recording.Stdout)
		want := "HOME=/tmp\nTMPDIR=/tmp\nLANG=C.UTF-8\nTZ=UTC\n/tmp\n[]\n"
		if level == recording.LevelFull {
			want = "HOME=/tmp\nTMPDIR=/tmp\nLANG=C.UTF-8\nTZ=UTC\nLAB_DNS=192.0.2.53:53\nLAB_DNS6=[2001:db8::53]:53\n/tmp\n[d bin/ d lab/]\n"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("environment, folder, files in it (-want +got):\n%s", diff)
		}
	})
}

func TestProgramTalksToTheLab(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "dials")
		s.Level = level
		s.Lesson.Needs = []string{"echo"}
		s.Run.Args = []string{"{echo}"}
		r := program(t, s).Recording
		echo, want := "127.0.0.1:50001", "hi from 127.0.0.1:50001 at 127.0.0.1:50002, port 50001\n"
		if level == recording.LevelFull {
			echo, want = "192.0.2.7:7", "hi from 192.0.2.7:7 at 192.0.2.10:50001, port 7\n"
		}
		if got := r.Printed(recording.Stdout); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
		if diff := cmp.Diff([]string{echo}, r.Header.Args); diff != "" {
			t.Errorf("arguments (-want +got):\n%s", diff)
		}
		calls, frames := counts(r, "connect", "read", "write"), counts(r, "SYN", "SYN,ACK", "PSH,ACK")
		if want := level != recording.LevelOutput; (calls[0] == 1 && calls[1] > 0 && calls[2] == 1) != want {
			t.Errorf("connect, read, write: %v times", calls)
		}
		if want := level == recording.LevelFull; (frames[0] == 1 && frames[1] == 1 && frames[2] == 2) != want {
			t.Errorf("SYN, SYN-ACK, PSH: %v times", frames)
		}
	})
}

// TestProgramSplices has a program whose output was never in its memory.
func TestProgramSplices(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "splices")
		s.Level = level
		s.Lesson.Needs = []string{"echo"}
		s.Run.Args = []string{"{echo}"}
		if got, want := program(t, s).Recording.Printed(recording.Stdout), "first\nby splice\nlast\n"; got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	})
}

// counts is how many calls or frames of the recording have each name or flags.
func counts(r *recording.Recording, names ...string) []int {
	n := make([]int, len(names))
	for i, name := range names {
		for _, e := range r.Events {
			if e.Call != nil && e.Call.Name == name && e.Call.Errno != "EAGAIN" || e.Frame != nil && e.Frame.Flags == name {
				n[i] += e.Times()
			}
		}
	}
	return n
}

func TestDeadline(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "waits")
		s.Level = level
		s.Run.Expect.Deadline = time.Second
		r := program(t, s)
		want := recording.End{Exit: -1, Deadline: "1s", Waiting: []recording.Place{
			{File: "main.go", Line: 5, Func: "read"}, {File: "main.go", Line: 7, Func: "main"},
		}}
		if diff := cmp.Diff(want, r.Recording.Header.End); diff != "" {
			t.Errorf("end (-want +got):\n%s", diff)
		}
		if got := r.Recording.Printed(recording.Stderr); got != "" {
			t.Errorf("the recording holds the stacks that the runner asked for:\n%s", got)
		}
		if err := Judge(s.Lesson, s.Run, r); err != nil {
			t.Errorf("Judge = %v, want nil: it is as declared", err)
		}
		s.Run.Expect.Deadline = 0
		err := Judge(s.Lesson, s.Run, r)
		if err == nil || !strings.Contains(err.Error(), "it must exit 0, but it was still going after 1s and was stopped; it waited at main.go:5 (read), main.go:7 (main)") ||
			!strings.Contains(err.Error(), "goroutine 1 ") {
			t.Errorf("Judge = %v, want the places, and the stacks", err)
		}
	})
}

func TestPanic(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "panics")
		s.Level = level
		got := program(t, s).Recording.Printed(recording.Stderr)
		want := "panic: runtime error: index out of range [1] with length 0\n\n" +
			"goroutine 1 [running]:\nmain.index(...)\n\tmain.go:6\nmain.main()\n\tmain.go:7\n"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what is kept of the panic (-want +got):\n%s", diff)
		}
	})
}

func TestKilled(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "killed")
		s.Level = level
		s.Run.Expect.Signal = "SIGKILL"
		if err := Judge(s.Lesson, s.Run, program(t, s)); err != nil {
			t.Error(err)
		}
	})
}

func TestProgramIsCancelled(t *testing.T) {
	levels(t, func(t *testing.T, level string) {
		t.Helper()
		s := spec(t, "waits")
		s.Level = level
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if _, err := Program(ctx, s); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Program = %v, want context.DeadlineExceeded", err)
		}
	})
}

// TestPitfall has a program that is not the lesson's own and hangs.
func TestPitfall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "03")
	s := spec(t, "waits")
	s.Lesson.Dir, s.Run.Program = dir, "pitfalls/hang"
	s.Run.Expect.Deadline = time.Second
	// Built without -trimpath, a program has its source's path on this machine.
	s.Binary = compile(t, filepath.Dir(dir), "03/pitfalls/hang", "waits")
	want := []recording.Place{
		{File: "pitfalls/hang/main.go", Line: 5, Func: "read"}, {File: "pitfalls/hang/main.go", Line: 7, Func: "main"},
	}
	if diff := cmp.Diff(want, program(t, s).Recording.Header.End.Waiting); diff != "" {
		t.Errorf("Waiting (-want +got):\n%s", diff)
	}
}

// TestNothingLeft makes a hundred runs, several at a time and with the lab, and
// counts folders, descriptors and goroutines before and after.
func TestNothingLeft(t *testing.T) {
	s := spec(t, "dials")
	s.Lesson.Needs, s.Run.Args = []string{"echo", "web"}, []string{"{echo}"}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	want := program(t, s).Recording // what is made once, is made now
	goroutines := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				result, err := Program(t.Context(), s)
				if err != nil {
					t.Error(err)
					continue
				}
				if diff := Diff(want, result.Recording, nil); diff != "" {
					t.Errorf("a run differs from the first (-want +got):\n%s", diff)
				}
			}
		})
	}
	wg.Wait()
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("%v are left in the temporary folder (%v)", left, err)
	}
	// A goroutine that has done its last act may still be on its way out.
	for until := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%d goroutines run, before there were %d", runtime.NumGoroutine(), goroutines)
		}
	}
}

// TestMachine has the facts that a recording states.
func TestMachine(t *testing.T) {
	if m := Machine(t.Context()); !strings.HasPrefix(m, runtime.GOOS+"/"+runtime.GOARCH+" ") || runtime.GOOS == "linux" && kernel() == "" {
		t.Errorf("Machine = %q, kernel = %q", m, kernel())
	}
}

// BenchmarkProgram and BenchmarkBare run the same program: with all that
// belongs to a run, and as it is.
func BenchmarkProgram(b *testing.B) {
	s := spec(b, "prints")
	for b.Loop() {
		if _, err := Program(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBare(b *testing.B) {
	binary := spec(b, "prints").Binary
	for b.Loop() {
		var stdout, stderr strings.Builder
		cmd := exec.CommandContext(b.Context(), binary)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 3 {
			b.Fatal(err)
		}
	}
}
