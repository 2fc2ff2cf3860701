package recording

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// call is an event of a call at the line.
func call(line, id int, name, result string, args ...string) Event {
	return Event{At: &Place{File: "main.go", Line: line}, Goroutine: 1, Call: &Call{ID: id, Name: name, Args: args, Result: result}}
}

func TestFold(t *testing.T) {
	r := &Recording{}
	for i, b := range "sockets" {
		r.Events = append(r.Events, call(7, 10+2*i, "read", "1", "3", strconv.Quote(string(b)), "1"))
	}
	r.Events = append(r.Events,
		Event{Frame: &Frame{N: 1, Call: 22}},
		call(7, 40, "read", "0", "3", `""`, "1"),
		call(7, 41, "getpid", "7"), call(7, 42, "getpid", "7"), call(8, 43, "getpid", "7"),
		call(9, 50, "close", "0", "3"), call(9, 51, "close", "0", "4"),
		Event{Frame: &Frame{N: 2, Call: 60}}, call(9, 60, "write", "1", "3"), Event{Frame: &Frame{N: 3}})
	want := []Event{
		call(7, 1, "read", "1", "3", `"s"`, "1"),
		call(7, 2, "read", "1", "3", "...", "1"),
		{Frame: &Frame{N: 1, Call: 2}},
		call(7, 3, "read", "0", "3", `""`, "1"),
		call(7, 4, "getpid", "7"), call(8, 5, "getpid", "7"),
		call(9, 6, "close", "0", "3"), call(9, 7, "close", "0", "4"),
		{Frame: &Frame{N: 2, Call: 8}},
		call(9, 8, "write", "1", "3"),
		{Frame: &Frame{N: 3}},
	}
	want[1].Count, want[4].Count = 6, 2
	r.Fold()
	if diff := cmp.Diff(want, r.Events); diff != "" {
		t.Errorf("Fold (-want +got):\n%s", diff)
	}
	r.Fold()
	if diff := cmp.Diff(want, r.Events); diff != "" {
		t.Errorf("Fold of a folded recording (-want +got):\n%s", diff)
	}
}

func TestReplaceCalls(t *testing.T) {
	r := printed(nil, "192.0.2.10:41000 [2001:db8::10]:41001\n", "")
	r.Header.Lab = map[string]string{"web": "127.0.0.1:43000", "echo": "127.0.0.1:42000"}
	r.Events = append(r.Events, Event{Goroutine: 35, Call: &Call{
		Name: "connect", FD: "TCP 192.0.2.10:41002 > 192.0.2.80:80",
		Args: []string{"3", "{sa_family=AF_INET, sin_port=htons(41000)}", "0xc000012345"},
	}}, Event{Goroutine: 1, Call: &Call{Name: "close", Args: []string{"0x20"}}})
	got, ports := Replace(r)
	want := printed(nil, "192.0.2.10:50001 [2001:db8::10]:50002\n", "")
	want.Header.Lab = map[string]string{"echo": "127.0.0.1:50004", "web": "127.0.0.1:50005"}
	want.Events = append(want.Events, Event{Goroutine: 2, Call: &Call{
		Name: "connect", FD: "TCP 192.0.2.10:50003 > 192.0.2.80:80",
		Args: []string{"3", "{sa_family=AF_INET, sin_port=htons(50001)}", "0x..."},
	}}, Event{Goroutine: 1, Call: &Call{Name: "close", Args: []string{"0x20"}}})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Replace (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[uint16]uint16{41000: 50001, 41001: 50002, 41002: 50003, 42000: 50004, 43000: 50005}, ports); diff != "" {
		t.Errorf("the ports of Replace (-want +got):\n%s", diff)
	}
}
