package lesson

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write makes a lesson 03 with a program, a pitfall and the commentary.
func write(t *testing.T, commentary string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "03")
	for name, text := range map[string]string{
		"main.go": "package main\n", "pitfalls/hang/main.go": "package main\n", "lesson.md": commentary,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const head = "---\ntitle: T\nsummary: S.\nminutes: 5\n"

func TestLoad(t *testing.T) {
	dir := write(t, head+`needs: [echo]
platforms: [linux]
runs:
  - name: main
    varies: ["^vsock"]
  - name: refused
    args: ["{closed}"]
    expect: {exit: 1}
  - name: hang
    program: pitfalls/hang
    expect: {deadline: 2s}
  - name: pipe
    expect: {signal: SIGPIPE}
---

## Predict first
`)
	l, ms := Load(dir)
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	if l.Number != "03" || l.Title != "T" || l.Summary != "S." || l.Minutes != 5 {
		t.Errorf("Load = %q %q %q %d", l.Number, l.Title, l.Summary, l.Minutes)
	}
	var got []string
	for _, r := range l.Runs {
		got = append(got, strings.Join([]string{r.Name, r.Program, strings.Join(r.Args, " "), r.Expect.String()}, "|"))
	}
	want := []string{
		"main|main.go||exits 0",
		"refused|main.go|{closed}|exits 1",
		"hang|pitfalls/hang||is still going after 2s",
		"pipe|main.go||is ended by SIGPIPE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Runs (-want +got):\n%s", diff)
	}
	if len(l.Runs[0].Varies) != 1 || l.Runs[2].Expect.Deadline != 2*time.Second {
		t.Errorf("Varies %v, Deadline %v", l.Runs[0].Varies, l.Runs[2].Expect.Deadline)
	}
	if !l.RunsOn("linux") || l.RunsOn("darwin") {
		t.Error("RunsOn: want linux and not darwin")
	}
	if got := string(l.Commentary()); got != "\n## Predict first\n" {
		t.Errorf("Commentary = %q", got)
	}
	if got := l.LineAt(1); got != 20 {
		t.Errorf("LineAt(1) = %d, want 20", got)
	}
}

func TestLoadMistakes(t *testing.T) {
	run := func(text string) string { return head + "runs:\n" + text + "---\n" }
	for _, c := range []struct{ name, commentary, want string }{
		{"no front matter", "# T\n", "lesson.md:1: the front matter is missing or has no end; the file starts with a line of three dashes, the front matter in YAML, and another line of three dashes"},
		{"no end", head, "lesson.md:1: the front matter is missing or has no end"},
		{"empty", "---\n\n---\n", "lesson.md:1: the lesson has no title; title: a few words"},
		{"unknown key", head + "titel: x\n---\n", `lesson.md:5: front matter: unknown field "titel"; the keys are title`},
		{"wrong type", "---\ntitle: T\nsummary: S.\nminutes: soon\n---\n", "lesson.md:4: front matter: "},
		{"no minutes", "---\ntitle: T\nsummary: S.\nminutes: 0\n---\n", "lesson.md:4: the lesson has no reading time; minutes: a number above 0"},
		{"run name", run("  - name: Refused!\n"), `lesson.md:6: a run can't be called "Refused!"; a run's name is lower-case words joined by hyphens`},
		{"program elsewhere", run("  - name: a\n    program: ../../bin\n"), `lesson.md:6: the run a has the program "../../bin"; a program is main.go or pitfalls/NAME`},
		{"no such program", run("  - name: a\n    program: pitfalls/b\n"), "lesson.md:6: the run a has a program that is not there: no such file or directory; its source is "},
		{"twice", run("  - name: a\n  - name: a\n"), "lesson.md:7: there are two runs called a; each run has a name of its own"},
		{"main with args", run("  - name: main\n    args: [x]\n"), "lesson.md:6: the run main has another program, or arguments; the run main is main.go without arguments; give this run another name"},
		{"bad regexp", run("  - name: a\n    varies: [\"(\"]\n"), "lesson.md:6: the run a: varies: error parsing regexp"},
		{"two endings", run("  - name: a\n    expect: {exit: 1, deadline: 2s}\n"), "lesson.md:6: the run a expects 2 endings; expect has one of exit, signal, deadline"},
		{"bad deadline", run("  - name: a\n    expect: {deadline: soon}\n"), `lesson.md:6: the run a has the deadline "soon"; a deadline is a duration of at most one minute: 2s`},
		{"bad exit", run("  - name: a\n    expect: {exit: 256}\n"), "lesson.md:6: the run a expects exit code 256; an exit code is a number from 0 to 255"},
		{"bad signal", run("  - name: a\n    expect: {signal: pipe}\n"), `lesson.md:6: the run a expects the signal "pipe"; a signal's name is like SIGPIPE`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ms := Load(write(t, c.commentary))
			if err := ms.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got:\n%v\nwant it to hold:\n%s", err, c.want)
			}
		})
	}
}

func TestLoadAllMistakesAtOnce(t *testing.T) {
	_, ms := Load(write(t, "---\nminutes: 5\nruns:\n  - name: a\n    expect: {exit: 999}\n  - name: B\n---\n"))
	if len(ms) != 4 {
		t.Errorf("got %d mistakes, want 4 (title, summary, exit, name):\n%v", len(ms), ms)
	}
}

func TestLoadNothing(t *testing.T) {
	l, ms := Load(filepath.Join(t.TempDir(), "03"))
	if l != nil || len(ms) != 1 {
		t.Errorf("Load of nothing = %v, %v; want nil and one mistake", l, ms)
	}
}

func TestNumbers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"02", "01", "lab", "3", "003"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Numbers(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"01", "02"}, got); diff != "" {
		t.Errorf("Numbers (-want +got):\n%s", diff)
	}
}
