package run

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/lesson"
	"sockets/runner/process"
	"sockets/runner/recording"
)

// programs are the sources of testdata-like lessons, by name.
var programs = map[string]string{
	"prints": `func main() { fmt.Println("a"); fmt.Println("a"); fmt.Println("b"); fmt.Fprintln(os.Stderr, "c"); os.Exit(3) }`,
	"env": `func main() {
	for _, e := range os.Environ() { if k, _, _ := strings.Cut(e, "="); k != "SOCKETS_RUN" && k != "PATH" { fmt.Println(e) } }
	wd, _ := os.Getwd(); fmt.Println(wd); entries, _ := os.ReadDir("."); fmt.Println(len(entries)) }`,
	"waits": `func read(f *os.File) { f.Read(make([]byte, 1)) }
func main() { r, w, _ := os.Pipe(); go read(r); ln, _ := net.Listen("tcp", "127.0.0.1:0"); fmt.Println("waiting")
	ln.Accept(); w.Close() }`,
	"panics": `func index(s []int, i int) int {
	return s[i] }
func main() { fmt.Println("before"); fmt.Println(index(nil, len(os.Args))) }`,
	"dials": `func main() { c, err := net.Dial("tcp", os.Args[1]); if err != nil { fmt.Println(err); os.Exit(1) }
	fmt.Fprint(c, "hi"); b := make([]byte, 2); io.ReadFull(c, b); fmt.Printf("%s from %v at %v, port %s\n", b, c.RemoteAddr(), c.LocalAddr(), os.Args[1][10:]) }`,
	"killed": `func main() { p, _ := os.FindProcess(os.Getpid()); p.Kill(); select {} }`,
}

// build makes a program as a lesson would be built, in a module of its own that
// is called sockets.
func build(t *testing.T, name string) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "lessons", "03")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	imports := `"fmt"; "io"; "net"; "os"; "strings"`
	source := "package main\nimport (" + imports + ")\nvar _, _, _, _ = fmt.Print, io.EOF, net.Dial, strings.Cut\nvar _ = os.Args\n" + programs[name] + "\n"
	for path, text := range map[string]string{"go.mod": "module sockets\ngo 1.26.0\n", "lessons/03/main.go": source} {
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(root, name)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", binary, "./lessons/03")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func spec(t *testing.T, name string) Spec {
	t.Helper()
	return Spec{
		Lesson: &lesson.Lesson{Number: "03"},
		Run:    lesson.Run{Name: "main", Program: "main.go"},
		Binary: build(t, name),
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
	r := program(t, spec(t, "prints"))
	want := []recording.Event{
		{Count: 2, Output: &recording.Output{Stream: recording.Stdout, Text: "a\n"}},
		{Output: &recording.Output{Stream: recording.Stdout, Text: "b\n"}},
		{Output: &recording.Output{Stream: recording.Stderr, Text: "c\n"}},
	}
	if diff := cmp.Diff(want, r.Recording.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	h := r.Recording.Header
	if !cmp.Equal(h.End, recording.End{Exit: 3}) {
		t.Errorf("end = %+v, want exit 3", h.End)
	}
	if h.Lesson != "03" || h.Run != "main" || h.Level != recording.LevelOutput || !strings.HasPrefix(h.Go, "go1.") {
		t.Errorf("header = %+v", h)
	}
}

func TestProgramStartsInAnEmptyFolder(t *testing.T) {
	t.Setenv("SECRET", "do not tell")
	got := program(t, spec(t, "env")).Recording.Printed(recording.Stdout)
	want := "HOME=/tmp\nTMPDIR=/tmp\nLANG=C.UTF-8\nTZ=UTC\n/tmp\n0\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment, folder, files in it (-want +got):\n%s", diff)
	}
}

func TestProgramTalksToTheLab(t *testing.T) {
	s := spec(t, "dials")
	s.Lesson.Needs = []string{"echo"}
	s.Run.Args = []string{"{echo}"}
	r := program(t, s).Recording
	if got, want := r.Printed(recording.Stdout), "hi from 127.0.0.1:50001 at 127.0.0.1:50002, port 50001\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"127.0.0.1:50001"}, r.Header.Args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestProgramOfAnUnknownService(t *testing.T) {
	s := Spec{Lesson: &lesson.Lesson{Number: "03", Needs: []string{"telnet"}}}
	if _, err := Program(t.Context(), s); err == nil || !strings.Contains(err.Error(), `the lab has no service "telnet"; it has closed, echo,`) {
		t.Errorf("Program = %v, want an error that names the services", err)
	}
	s.Lesson.Needs = []string{"echo"}
	s.Run.Args = []string{"http://{web}/"}
	if _, err := Program(t.Context(), s); err == nil || !strings.Contains(err.Error(), `the lesson does not need web; `) {
		t.Errorf("Program = %v, want an error about needs", err)
	}
}

func TestDeadline(t *testing.T) {
	s := spec(t, "waits")
	s.Run.Expect.Deadline = 300 * time.Millisecond
	r := program(t, s)
	want := recording.End{Exit: -1, Deadline: "300ms", Waiting: []recording.Place{
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
	if err == nil || !strings.Contains(err.Error(), "it must exit 0, but it was still going after 300ms and was stopped; it waited at main.go:5 (read), main.go:7 (main)") ||
		!strings.Contains(err.Error(), "goroutine 1 ") {
		t.Errorf("Judge = %v, want the places, and the stacks", err)
	}
}

func TestPanic(t *testing.T) {
	got := program(t, spec(t, "panics")).Recording.Printed(recording.Stderr)
	want := "panic: runtime error: index out of range [1] with length 0\n\n" +
		"goroutine 1 [running]:\nmain.index(...)\n\tmain.go:6\nmain.main()\n\tmain.go:7\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is kept of the panic (-want +got):\n%s", diff)
	}
}

func TestJudge(t *testing.T) {
	type end = recording.End
	type expect = lesson.Expect
	for _, c := range []struct {
		name   string
		end    end
		expect expect
		want   string // part of the failure; "" if there is none
	}{
		{"exit 0", end{}, expect{}, ""},
		{"exit 1 for 0", end{Exit: 1}, expect{}, "it must exit 0, but it exited 1"},
		{"exit 1", end{Exit: 1}, expect{Exit: 1}, ""},
		{"exit 0 for 1", end{}, expect{Exit: 1}, "it must exit 1, but it exited 0"},
		{"signal", end{Exit: -1, Signal: "SIGPIPE"}, expect{Signal: "SIGPIPE"}, ""},
		{"other signal", end{Exit: -1, Signal: "SIGSEGV"}, expect{Signal: "SIGPIPE"}, "it must be ended by SIGPIPE, but SIGSEGV ended it"},
		{"signal for exit", end{Exit: -1, Signal: "SIGSEGV"}, expect{Exit: 1}, "it must exit 1, but SIGSEGV ended it"},
		{"exit for signal", end{Exit: 2}, expect{Signal: "SIGPIPE"}, "it must be ended by SIGPIPE, but it exited 2"},
		{"deadline", end{Exit: -1, Deadline: "1s"}, expect{Deadline: time.Second}, ""},
		{"too soon", end{}, expect{Deadline: time.Second}, "it must be still going after 1s, but it exited 0"},
		{"too late", end{Exit: -1, Deadline: "10s"}, expect{}, "it must exit 0, but it was still going after 10s"},
		{"too much", end{Exit: -1, Signal: "SIGKILL", Cut: true}, expect{Signal: "SIGKILL"}, "it printed more than 1 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, r := &lesson.Lesson{Number: "03"}, lesson.Run{Name: "x", Expect: c.expect}
			err := Judge(l, r, &Result{
				Recording: &recording.Recording{Header: recording.Header{End: c.end}},
				Raw:       &process.End{Stderr: []byte("complaint\n")},
			})
			var failed *Failure
			switch {
			case c.want == "" && err != nil:
				t.Errorf("Judge = %v, want nil", err)
			case c.want != "" && (!errors.As(err, &failed) || !strings.Contains(err.Error(), "lesson 03, run x: "+c.want)):
				t.Errorf("Judge = %v, want a *Failure with %q", err, c.want)
			}
		})
	}
}

func TestKilled(t *testing.T) {
	s := spec(t, "killed")
	s.Run.Expect.Signal = "SIGKILL"
	if err := Judge(s.Lesson, s.Run, program(t, s)); err != nil {
		t.Error(err)
	}
}

func TestDiff(t *testing.T) {
	make := func(level string, lines ...string) *recording.Recording {
		r := &recording.Recording{Header: recording.Header{Level: level, Kernel: level}}
		for _, l := range lines {
			r.Events = append(r.Events, recording.Event{Output: &recording.Output{Stream: recording.Stdout, Text: l + "\n"}})
		}
		return r
	}
	varies := []*regexp.Regexp{regexp.MustCompile("^vsock ")}
	want := make("full", "a", "vsock ENODEV", "b")
	if d := Diff(want, make("output", "a", "vsock ok", "vsock ok", "b"), varies); d != "" {
		t.Errorf("lines that vary, and the machine, are compared:\n%s", d)
	}
	if Diff(want, make("full", "a", "vsock ENODEV"), varies) == "" {
		t.Error("a line that is missing makes no difference")
	}
	exited := make("full", "a", "b")
	exited.Header.End.Exit = 1
	if Diff(want, exited, varies) == "" {
		t.Error("another exit code makes no difference")
	}
}

func TestProgramIsCancelled(t *testing.T) {
	s := spec(t, "waits")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Program(ctx, s); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Program = %v, want context.DeadlineExceeded", err)
	}
}
