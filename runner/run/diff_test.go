package run

import (
	"regexp"
	"strings"
	"testing"

	"sockets/runner/recording"
)

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

func TestDiffParts(t *testing.T) {
	one := func() *recording.Recording {
		return &recording.Recording{
			Header: recording.Header{Lesson: "03", Level: recording.LevelCalls, Go: "go1.26.0"},
			Events: []recording.Event{
				{Count: 2, Output: &recording.Output{Stream: recording.Stdout, Text: "a\n"}},
				{Output: &recording.Output{Stream: recording.Stderr, Text: "b\n"}},
				{Call: &recording.Call{Name: "read"}},
			},
		}
	}
	for _, c := range []struct {
		name   string
		change func(r *recording.Recording)
		want   string // part of the difference; "" if there is none
	}{
		{"nothing", func(*recording.Recording) {}, ""},
		{"machine", func(r *recording.Recording) { r.Header.Go, r.Header.OS, r.Header.Kernel = "go1.27.0", "plan9", "4" }, ""},
		{"empty", func(r *recording.Recording) {
			r.Header.Args, r.Header.End.Waiting = []string{}, []recording.Place{}
		}, ""},
		{"pieces", func(r *recording.Recording) {
			r.Events[0] = recording.Event{Output: &recording.Output{Stream: recording.Stdout, Text: "a\na\n"}}
		}, ""},
		{"streams", func(r *recording.Recording) { r.Events[0], r.Events[1] = r.Events[1], r.Events[0] }, ""},
		{"level", func(r *recording.Recording) {
			r.Header.Level, r.Events = recording.LevelOutput, r.Events[:2]
		}, ""},
		{"arguments", func(r *recording.Recording) { r.Header.Args = []string{"x"} }, "Args"},
		{"end", func(r *recording.Recording) { r.Header.End.Signal = "SIGPIPE" }, "SIGPIPE"},
		{"count", func(r *recording.Recording) { r.Events[0].Count = 3 }, "Stdout"},
		{"stderr", func(r *recording.Recording) {
			r.Events[1].Output = &recording.Output{Stream: recording.Stderr, Text: "c\n"}
		}, `+ 	Stderr`},
		{"call", func(r *recording.Recording) { r.Events[2].Call = &recording.Call{Name: "write"} }, "write"},
		{"newline", func(r *recording.Recording) {
			r.Events[1].Output = &recording.Output{Stream: recording.Stderr, Text: "b"}
		}, "Stderr"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := one()
			c.change(got)
			d := strings.ReplaceAll(Diff(one(), got, nil), "\u00a0", " ")
			if c.want == "" && d != "" || !strings.Contains(d, c.want) {
				t.Errorf("Diff = %q, want %q in it", d, c.want)
			}
			if back := Diff(got, one(), nil); (back == "") != (d == "") {
				t.Errorf("Diff the other way round = %q", back)
			}
		})
	}
}
