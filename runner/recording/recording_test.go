package recording

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sample() *Recording {
	return &Recording{
		Header: Header{
			Lesson: "03", Run: "main", Program: "main.go", Args: []string{"a b", "<&>"},
			Level: LevelFull, Go: "go1.26.0", OS: "linux", Arch: "amd64",
			End: End{Exit: -1, Deadline: "2s", Waiting: []Place{{File: "main.go", Line: 9, Func: "main"}}},
		},
		Events: []Event{
			{At: &Place{File: "main.go", Line: 7}, Goroutine: 1, Output: &Output{Stream: Stdout, Text: "a\n"}},
			{At: &Place{File: "main.go", Line: 7}, Goroutine: 1, Count: 3, Call: &Call{Name: "read", Args: []string{"3", "1"}, Result: "1"}},
			{At: &Place{File: "main.go", Line: 9}, Frame: &Frame{Dir: "out", Summary: "SYN", Lost: true}},
			{Output: &Output{Stream: Stderr, Text: "</script>\x00\n"}},
			{Count: 2, Output: &Output{Stream: Stdout, Text: "b\n"}},
		},
	}
}

func TestEncodeDecode(t *testing.T) {
	want := sample()
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "\n"); n != 1+len(want.Events) {
		t.Errorf("Encode wrote %d lines, want %d", n, 1+len(want.Events))
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decode(Encode(r)) (-want +got):\n%s", diff)
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", "line 1: the file is empty"},
		{"x\n", "line 1: not a recording's header"},
		{`{"lesson":"03","colour":"red"}` + "\n", "line 1: not a recording's header"},
		{"{}\nx\n", "line 2: not an event"},
		{"{}\n{}\n", "line 2: an event is one of output, call, frame; this one has 0 of them"},
		{`{}` + "\n" + `{"output":{"stream":"stdout","text":"a"},"frame":{"dir":"in","summary":"x"}}` + "\n", "has 2 of them"},
	} {
		if _, err := Decode([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Decode(%q) = %v, want an error with %q", c.data, err, c.want)
		}
	}
}

func TestPrintedAndAt(t *testing.T) {
	r := sample()
	if got, want := r.Printed(Stdout), "a\nb\nb\n"; got != want {
		t.Errorf("Printed(stdout) = %q, want %q", got, want)
	}
	if got, want := r.Printed(Stderr), "</script>\x00\n"; got != want {
		t.Errorf("Printed(stderr) = %q, want %q", got, want)
	}
	if got := r.At("main.go", 7); len(got) != 2 || got[1].Times() != 3 {
		t.Errorf("At(main.go, 7) = %v, want the output and the three reads", got)
	}
}

func TestFrameBy(t *testing.T) {
	for _, c := range []struct {
		frame Frame
		want  string
	}{
		{Frame{Dir: Out, Flags: "SYN"}, ""},
		{Frame{Dir: Out, Flags: "ACK", ByHost: "ACK"}, "by the kernel itself"},
		{Frame{Dir: Out, Flags: "SYN", ByHost: "retransmission"}, "by the kernel itself: retransmission"},
		{Frame{Dir: In, Flags: "SYN,ACK", ByHost: "SYN,ACK"}, "by the other kernel"},
		{Frame{Dir: In, Flags: "RST,ACK", ByHost: "RST: nobody listens"}, "by the other kernel: RST: nobody listens"},
	} {
		if got := c.frame.By(); got != c.want {
			t.Errorf("%+v.By() = %q, want %q", c.frame, got, c.want)
		}
	}
}
