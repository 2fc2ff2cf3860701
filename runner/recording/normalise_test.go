package recording

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// printed is a recording with a line an event, as package run makes it.
func printed(args []string, stdout, stderr string) *Recording {
	r := &Recording{Header: Header{Args: args}}
	for line := range strings.Lines(stdout) {
		r.Events = append(r.Events, Event{Output: &Output{Stdout, line}})
	}
	for line := range strings.Lines(stderr) {
		r.Events = append(r.Events, Event{Output: &Output{Stderr, line}})
	}
	return r
}

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ name, from, to string }{
		{"port", "127.0.0.1:40000 and [::1]:40001, localhost:40002; 0.0.0.0:40003 [::]:40000\n", "127.0.0.1:50001 and [::1]:50002, localhost:50003; 0.0.0.0:50004 [::]:50001\n"},
		{"the same port at another loopback address", "127.0.0.1:40000 127.0.0.2:40000 127.0.1.2:40000\n", "127.0.0.1:50001 127.0.0.2:50001 127.0.1.2:40000\n"},
		{"url", "GET http://127.0.0.1:40000/lines\n", "GET http://127.0.0.1:50001/lines\n"},
		{"low port", "127.0.0.1:80 127.0.0.1:8080 127.0.0.1:32767 127.0.0.1:32768\n", "127.0.0.1:80 127.0.0.1:8080 127.0.0.1:32767 127.0.0.1:50001\n"},
		{"no port", "127.0.0.1:99999 127.0.0.1:400000 192.0.2.1:40000 11127.0.0.1:40000 mylocalhost:40000\n", "127.0.0.1:99999 127.0.0.1:400000 192.0.2.1:40000 11127.0.0.1:40000 mylocalhost:40000\n"},
		{"port by itself", "port 40000, port 40001\nport: 40000 Port=40000 report 40000 40000\n127.0.0.1:40000\n", "port 50001, port 40001\nport: 50001 Port=50001 report 40000 40000\n127.0.0.1:50001\n"},
		{"sockaddr before address", "02 00 9c 40 7f 00 00 01\n00 02 9c 40|0a 00 9c 40|00 0a 9c 40\n9c 40 02 00 9c 41\n127.0.0.1:40000\n", "02 00 c3 51 7f 00 00 01\n00 02 c3 51|0a 00 c3 51|00 0a c3 51\n9c 40 02 00 9c 41\n127.0.0.1:50001\n"},
		{"stand-in as real port", "127.0.0.1:50002 127.0.0.1:50001 127.0.0.1:50002 port 50001\n", "127.0.0.1:50001 127.0.0.1:50002 127.0.0.1:50001 port 50002\n"},
		{"inode", "socket:[123] socket:[70001] socket:[123] pipe:[123]\n", "socket:[70001] socket:[70002] socket:[70001] pipe:[123]\n"},
		{"no UTF-8", "a\xff\xfe\n", "a\ufffd\ufffd\n"},
		{"lab folder", "dial unix /var/folders/x_1/T/sockets-lab-12ab/echo.sock: x; (/tmp/sockets-lab-34) sockets-lab-5\n", "dial unix /tmp/lab/echo.sock: x; (/tmp/lab) sockets-lab-5\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Normalise(printed(nil, c.from, "")).Printed(Stdout)
			if diff := cmp.Diff(c.to, got); diff != "" {
				t.Errorf("Normalise (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNormaliseOrder(t *testing.T) {
	r := printed([]string{"http://127.0.0.1:40005/"}, "127.0.0.1:40007\n", "127.0.0.1:40005\n127.0.0.1:40006\n127.0.0.1:40007\n")
	// stderr may be stored before stdout; the order is that of the streams.
	r.Events = append(r.Events[1:], r.Events[0])
	got := Normalise(r)
	want := printed([]string{"http://127.0.0.1:50001/"}, "127.0.0.1:50002\n", "127.0.0.1:50001\n127.0.0.1:50003\n127.0.0.1:50002\n")
	want.Events = append(want.Events[1:], want.Events[0])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Normalise (-want +got):\n%s", diff)
	}
	if r.Header.Args[0] != "http://127.0.0.1:40005/" || r.Events[0].Output.Text != "127.0.0.1:40005\n" {
		t.Error("Normalise changed what it was given")
	}
}

func TestNormaliseMerges(t *testing.T) {
	r := printed(nil, "a\na\n\nb\n", "b\nb\n")
	r.Events[1].Count = 3
	r.Events = append(r.Events, Event{At: &Place{File: "main.go", Line: 3}, Output: &Output{Stderr, "b\n"}}, Event{Call: &Call{Name: "read"}}, Event{Call: &Call{Name: "read"}})
	got := Normalise(r)
	want := []Event{
		{Count: 4, Output: &Output{Stdout, "a\n"}},
		{Output: &Output{Stdout, "\n"}},
		{Output: &Output{Stdout, "b\n"}},
		{Count: 2, Output: &Output{Stderr, "b\n"}},
		{At: &Place{File: "main.go", Line: 3}, Output: &Output{Stderr, "b\n"}},
		{Count: 2, Call: &Call{ID: 1, Name: "read"}},
	}
	if diff := cmp.Diff(want, got.Events); diff != "" {
		t.Errorf("Normalise (-want +got):\n%s", diff)
	}
}

// TestNormaliseTexts gives the recording events of several lines, as a level
// above output does.
func TestNormaliseTexts(t *testing.T) {
	r := printed(nil, "", "")
	r.Events = []Event{{Output: &Output{Stderr, "panic: x\n\ngoroutine 7 [running]:\nmain.f(0x1)\n"}}, {Output: &Output{Stderr, "\t/l/03/main.go:5 +0x1\nruntime.x()\n\t/r/r.go:1\n"}}}
	got := Normalise(r, "/l/03")
	want := "panic: x\n\ngoroutine N [running]:\nmain.f(...)\n\tmain.go:5\n"
	if got.Printed(Stderr) != want || len(got.Events) != 2 {
		t.Errorf("Normalise = %q in %d events, want %q in 2", got.Printed(Stderr), len(got.Events), want)
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add("127.0.0.1:50002 [::]:40000 port 50001", "02 00 02 00 9c 40 10 02 c3 51\n127.0.0.1:40000", "[::1]:40001")
	f.Add("", "socket:[1]socket:[70001]\n/sockets-lab-1/sockets-lab-2 /tmp/lab-x/sockets-lab-0\n", "")
	f.Add("", "", nilDereference)
	f.Add("", deadlock, stacks)
	f.Add("", "x()\ngoroutine 5 [x]:\n\nruntime stack:\n\tmain.go:5\n", "goroutine 5 [x, 3 minutes]:\nf(0x1)\n\tmain.go:5 +0x1\n\nrax 0x1\n")
	f.Fuzz(func(t *testing.T, arg, stdout, stderr string) {
		once := Normalise(printed([]string{arg}, stdout, stderr), "/home/you/lessons/09", "sockets/lessons/09")
		twice := Normalise(once, "/home/you/lessons/09", "sockets/lessons/09")
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Errorf("Normalise of a normalised recording (-once +twice):\n%s", diff)
		}
		data, err := once.Encode()
		if err != nil {
			t.Fatal(err)
		}
		stored, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(once, stored); diff != "" {
			t.Errorf("Decode(Encode(normalised)) (-want +got):\n%s", diff)
		}
	})
}
