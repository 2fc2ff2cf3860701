package terminal

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"sockets/runner/ladder"
	"sockets/runner/recording"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

var samples = []string{"http", "refused", "lookup", "server"}

// sample is a run of package frame's testdata.
func sample(t *testing.T, name string) *recording.Recording {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "frame", "testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := recording.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// source is a program whose lines fit the samples well enough.
func source(t *testing.T) map[string][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "program.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"main.go": data}
}

func written(t *testing.T, source map[string][]byte, r *recording.Recording, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, source, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update rewrites it:\n%s", file, diff)
	}
}

func TestWrite(t *testing.T) {
	for _, name := range samples {
		r := sample(t, name)
		golden(t, name+".golden", written(t, source(t), r, Options{Width: 100, Wire: ladder.Text(r, ladder.Options{}, 100)}))
	}
	golden(t, "http-color.golden", written(t, source(t), sample(t, "http"), Options{Color: true}))
}

// busy is a run that repeats itself.
func busy() *recording.Recording {
	at := &recording.Place{File: "main.go", Line: 2}
	r := &recording.Recording{Header: recording.Header{Lesson: "05", Run: "main", Program: "main.go", Level: recording.LevelCalls, Hidden: 1, Dropped: 2, End: recording.End{Exit: -1, Signal: "SIGPIPE"}}}
	add := func(n int, e recording.Event) {
		e.At, e.Count = at, n
		r.Events = append(r.Events, e)
	}
	add(8046, recording.Event{Call: &recording.Call{ID: 1, Name: "read", Args: []string{"3", `"x"`, "1"}, Result: "1"}})
	for range 500 {
		add(0, recording.Event{Call: &recording.Call{Name: "read", Args: []string{"4", `"ab"`, "2"}, Result: "2"}})
		add(2, recording.Event{Call: &recording.Call{Name: "write", Args: []string{"5", `"ab"`, "2"}, Result: "2"}})
	}
	add(0, recording.Event{Call: &recording.Call{Name: "close", Args: []string{"4"}, Result: "0"}})
	for range 30 {
		add(3, recording.Event{Output: &recording.Output{Stream: recording.Stdout, Text: "again\n"}})
	}
	for i := range 40 {
		add(0, recording.Event{Frame: &recording.Frame{N: i + 1, Dir: recording.In, Proto: "TCP", Summary: "PSH,ACK seq 1 ack 1, 1448 bytes", Len: 1448}})
	}
	return r
}

func TestWriteFolds(t *testing.T) {
	golden(t, "busy.golden", written(t, map[string][]byte{"main.go": []byte("package main\nfunc main() { copyAll() }\n")}, busy(), Options{Width: 80}))
}

// TestNotes: calls that were made for one reason are one line with the reason;
// a reason is given once, whole, in as many lines as it needs; and a call that
// is too long keeps its result.
func TestNotes(t *testing.T) {
	at := &recording.Place{File: "main.go", Line: 1}
	r := &recording.Recording{Header: recording.Header{Program: "main.go", Level: recording.LevelCalls}}
	add := func(name, arg, note string) {
		r.Events = append(r.Events, recording.Event{At: at, Call: &recording.Call{Name: name, Args: []string{"3", arg}, Result: "-1", Errno: "EAGAIN", Note: note, FD: "TCP"}})
	}
	const once = "Once in a program's life, package net tries whether the kernel speaks IPv4 and IPv6."
	for _, name := range []string{"socket", "bind", "close", "socket"} {
		add(name, "", once)
	}
	add("read", strings.Repeat("x", 200), "Nothing is there yet.")
	add("readv", "y", "Nothing is there yet.")
	add("close", "", once)
	golden(t, "notes.golden", written(t, map[string][]byte{"main.go": []byte("main()\n")}, r, Options{Width: 60}))
}

// TestNothingIsLost: what is folded is counted; the counts add up.
func TestNothingIsLost(t *testing.T) {
	text := written(t, nil, busy(), Options{})
	for _, want := range []string{"x 8,046", "read, write and so on: 1,494 more", "close(4) = 0", "x 3", "and 60 more lines", "and 29 more frames, 41,992 bytes", "1 call that no line", "killed by SIGPIPE", "main.go:2"} {
		if !strings.Contains(text, want) {
			t.Errorf("the run does not say %q:\n%s", want, text)
		}
	}
}

// TestHostileOutput: nothing that was printed or received reaches the terminal
// as a command, and no line is wider than it.
func TestHostileOutput(t *testing.T) {
	evil := "\x1b]0;title\x07\x1b[2J\r\b\x00\x7f\u009b31m\u202e gnihton \u2066\ufeff\xff 世界 " + strings.Repeat("w", 300)
	at := &recording.Place{File: evil, Line: 1, Func: evil}
	r := &recording.Recording{
		Header: recording.Header{Lesson: evil, Run: evil, Program: evil, Args: []string{evil}, Level: recording.LevelFull, End: recording.End{Deadline: evil, Waiting: []recording.Place{*at}}},
		Events: []recording.Event{
			{At: at, Output: &recording.Output{Stream: recording.Stdout, Text: evil + "\n" + evil}},
			{Output: &recording.Output{Stream: recording.Stderr, Text: evil}},
			{At: at, Call: &recording.Call{Name: evil, Args: []string{evil}, Result: "-1", Errno: "EPERM", FD: evil, Note: evil}},
			{At: at, Frame: &recording.Frame{Summary: evil, Fault: evil, ByHost: evil, From: evil, To: evil}},
		},
	}
	for _, width := range []int{20, 40, 79, 80, 200} {
		text := written(t, map[string][]byte{evil: []byte(evil + "\n" + evil)}, r, Options{Width: width})
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
				t.Fatalf("a character that does not print in %q", line)
			}
			if n := columns(line); n > width {
				t.Errorf("width %d: a line of %d columns: %q", width, n, line)
			}
		}
	}
}

func TestColorOnlyWhenAsked(t *testing.T) {
	r := sample(t, "http")
	without := written(t, source(t), r, Options{Width: 90})
	if strings.Contains(without, "\x1b") {
		t.Errorf("an escape sequence without Color:\n%q", without)
	}
	with := written(t, source(t), r, Options{Width: 90, Color: true})
	bare := with
	for _, n := range []string{"0", "1", "2", "31", "33", "35", "36"} {
		bare = strings.ReplaceAll(bare, "\x1b["+n+"m", "")
	}
	if with == bare {
		t.Error("no escape sequence with Color")
	}
	if diff := cmp.Diff(without, bare); diff != "" {
		t.Errorf("colours change more than colours (-without +with):\n%s", diff)
	}
}

// TestLongFile: of a long file only the lines that did something are written.
func TestLongFile(t *testing.T) {
	long := strings.Repeat("\n", 199) + "did()\n" + strings.Repeat("\n", 200)
	r := &recording.Recording{Events: []recording.Event{{At: &recording.Place{File: "big.go", Line: 200}, Output: &recording.Output{Stream: recording.Stdout, Text: "here\n"}}}}
	text := written(t, map[string][]byte{"big.go": []byte(long)}, r, Options{})
	if n := strings.Count(text, "\n"); n > 16 || !strings.Contains(text, " 200 | did()\n") || !strings.Contains(text, "printed  here\n") {
		t.Errorf("%d lines:\n%s", n, text)
	}
}

type broken struct{}

var errBroken = errors.New("no terminal")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteFails(t *testing.T) {
	if err := Write(broken{}, nil, new(recording.Recording), Options{}); !errors.Is(err, errBroken) {
		t.Errorf("Write to a broken terminal = %v, want %v", err, errBroken)
	}
}
