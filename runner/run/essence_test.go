package run

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/recording"
)

func at(line, goroutine int, name, result, errno string, args ...string) recording.Event {
	return recording.Event{
		At: &recording.Place{File: "main.go", Line: line}, Goroutine: goroutine,
		Call: &recording.Call{Name: name, Args: args, Result: result, Errno: errno},
	}
}

func times(n int, e recording.Event) recording.Event {
	e.Count = n
	return e
}

// TestCallsOf holds two runs against each other that differ in what the kernel
// settles anew each time.
func TestCallsOf(t *testing.T) {
	one := []recording.Event{
		at(5, 1, "socket", "3", "", "AF_INET"),
		at(9, 1, "read", "-1", "EAGAIN", "3", "", "4096"),
		at(9, 1, "read", "100", "", "3", `"a"`, "4096"),
		times(2, at(9, 1, "read", "50", "", "3", "...", "4096")),
		at(9, 1, "read", "0", "", "3", `""`, "4096"),
		at(12, 2, "close", "0", "", "4"), at(12, 3, "close", "0", "", "5"),
	}
	other := []recording.Event{
		at(12, 2, "close", "0", "", "5"),
		at(5, 1, "socket", "3", "", "AF_INET"),
		at(9, 1, "read", "200", "", "3", `"ab"`, "4096"),
		at(9, 1, "epoll_pwait", "1", "", "4"),
		at(9, 1, "read", "0", "", "3", `""`, "4096"),
		at(12, 3, "close", "0", "", "4"),
	}
	want := []string{
		"main.go:5 socket(AF_INET) = 3",
		"main.go:9 read 3: 200 bytes",
		`main.go:9 read(3, "", 4096) = 0`,
		"main.go:12 close(4) = 0", "main.go:12 close(5) = 0",
	}
	for _, events := range [][]recording.Event{one, other} {
		if diff := cmp.Diff(want, callsOf(events)); diff != "" {
			t.Errorf("callsOf (-want +got):\n%s", diff)
		}
	}
	short := append([]recording.Event{}, other...)
	short[2] = at(9, 1, "read", "199", "", "3", `"ab"`, "4096")
	if cmp.Equal(want, callsOf(short)) {
		t.Error("a byte less makes no difference")
	}
}

func TestFramesOf(t *testing.T) {
	const here, there = "192.0.2.10:50001", "192.0.2.80:80"
	segment := func(from, to, flags string, length int, by string) recording.Event {
		return recording.Event{Frame: &recording.Frame{Proto: "TCP", From: from, To: to, Flags: flags, Len: length, ByHost: by}}
	}
	lost := segment(there, here, "SYN,ACK", 0, "")
	lost.Frame.Lost, lost.Frame.Fault = true, "dropped"
	one := []recording.Event{
		{Frame: &recording.Frame{Proto: "ARP", Summary: "who has", ByHost: "chatter"}},
		segment(here, there, "SYN", 0, ""), lost, segment(here, there, "SYN", 0, "retransmission"), segment(there, here, "SYN,ACK", 0, ""),
		segment(here, there, "ACK", 0, "ACK"), segment(here, there, "PSH,ACK", 18, ""),
		segment(there, here, "ACK", 1460, ""), segment(there, here, "PSH,ACK", 40, ""), segment(there, here, "FIN,ACK", 0, ""),
		segment(here, there, "FIN,ACK", 0, ""),
	}
	other := []recording.Event{
		segment(here, there, "SYN", 0, ""), lost, segment(there, here, "SYN,ACK", 0, ""),
		segment(here, there, "PSH,ACK", 18, ""), segment(there, here, "ACK", 0, "ACK"),
		segment(there, here, "FIN,PSH,ACK", 1500, ""), segment(here, there, "FIN,ACK", 0, ""),
	}
	want := []string{
		"TCP 192.0.2.10 #1 > 192.0.2.80:80: SYN, 18 bytes, FIN",
		"TCP 192.0.2.80:80 > 192.0.2.10 #1: SYN lost dropped, SYN, 1500 bytes, FIN",
	}
	for _, events := range [][]recording.Event{one, other} {
		if diff := cmp.Diff(want, framesOf(events)); diff != "" {
			t.Errorf("framesOf (-want +got):\n%s", diff)
		}
	}
}

// The kernel may give one port to two connections, if their peers differ.
func TestSharedPort(t *testing.T) {
	run := func(ports ...string) []recording.Event {
		var events []recording.Event
		for i, port := range ports {
			peer := fmt.Sprintf("192.0.2.%d:80", 80+i%2)
			events = append(events,
				recording.Event{Call: &recording.Call{Name: "getsockname", Args: []string{"7", "{AF_INET, 192.0.2.10:" + port + "}"}, Result: "0"}},
				recording.Event{Frame: &recording.Frame{Proto: "TCP", From: "192.0.2.10:" + port, To: peer, Flags: "SYN"}},
				recording.Event{Frame: &recording.Frame{Proto: "TCP", From: peer, To: "192.0.2.10:" + port, Flags: "SYN,ACK"}})
		}
		return events
	}
	apart, shared := run("50001", "50002", "50003"), run("50001", "50001", "50002")
	if diff := cmp.Diff(callsOf(apart), callsOf(shared)); diff != "" {
		t.Errorf("callsOf (-apart +shared):\n%s", diff)
	}
	want := []string{
		"TCP 192.0.2.10 #1 > 192.0.2.80:80: SYN", "TCP 192.0.2.10 #1 > 192.0.2.81:80: SYN",
		"TCP 192.0.2.10 #2 > 192.0.2.80:80: SYN", "TCP 192.0.2.80:80 > 192.0.2.10 #1: SYN",
		"TCP 192.0.2.80:80 > 192.0.2.10 #2: SYN", "TCP 192.0.2.81:80 > 192.0.2.10 #1: SYN",
	}
	for _, events := range [][]recording.Event{apart, shared} {
		if diff := cmp.Diff(want, framesOf(events)); diff != "" {
			t.Errorf("framesOf (-want +got):\n%s", diff)
		}
	}
}

// TestDiffNetworks holds a run in the private network against one on loopback.
func TestDiffNetworks(t *testing.T) {
	pocket := &recording.Recording{
		Header: recording.Header{
			Level: recording.LevelFull, Args: []string{"192.0.2.9:9"},
			Lab: map[string]string{"web": "192.0.2.80:80", "web6": "[2001:db8::80]:80", "closed": "192.0.2.9:9"},
		},
		Events: []recording.Event{{Output: &recording.Output{Stream: recording.Stdout, Text: "to 192.0.2.80:80 and [2001:db8::80]:80\n02 00 00 50 c0 00 02 50\nfrom 192.0.2.10:50001, port 50001, host 192.0.2.80\n"}}},
	}
	loopback := &recording.Recording{
		Header: recording.Header{
			Level: recording.LevelOutput, Args: []string{"127.0.0.1:50001"},
			Lab: map[string]string{"web": "127.0.0.1:50002", "web6": "[::1]:50003", "closed": "127.0.0.1:50001"},
		},
		Events: []recording.Event{{Output: &recording.Output{Stream: recording.Stdout, Text: "to 127.0.0.1:50002 and [::1]:50003\n02 00 c3 52 7f 00 00 01\nfrom 127.0.0.1:50004, port 50004, host 127.0.0.1\n"}}},
	}
	if d := Diff(pocket, loopback, nil); d != "" {
		t.Errorf("the networks make a difference:\n%s", d)
	}
	loopback.Events[0].Output.Text = "to 127.0.0.1:50001 and [::1]:50003\n"
	if Diff(pocket, loopback, nil) == "" {
		t.Error("another service makes no difference")
	}
}

// A machine's control groups decide at which number descriptors begin.
func TestCallsOfDescriptors(t *testing.T) {
	run := func(a, b, c string) []recording.Event {
		var events []recording.Event
		for _, c := range []recording.Call{
			{Name: "socket", Args: []string{"AF_INET", "SOCK_STREAM", a}, Result: a},
			{Name: "readlinkat", Args: []string{"AT_FDCWD", `"/proc/self/fd/` + a + `"`, `"socket:[70001]"`, "128"}, Result: "14"},
			{Name: "fcntl", Args: []string{a, "F_DUPFD_CLOEXEC", "0"}, Result: b, FD: "TCP"},
			{Name: "ppoll", Args: []string{"[{" + b + ", POLLOUT}]", "1", "1.5s", "NULL", "0"}, Result: "1"},
			{Name: "read", Args: []string{b, `"ab"`, "2"}, Result: "2", FD: "TCP"},
			{Name: "close", Args: []string{b}, Result: "0"},
			{Name: "close", Args: []string{a}, Result: "0"},
			{Name: "pipe2", Args: []string{"[" + a + ", " + b + "]", "O_CLOEXEC"}, Result: "0"},
			{Name: "pidfd_open", Args: []string{"1001", "0"}, Result: c, FD: "process 1001"},
			{Name: "waitid", Args: []string{"P_PIDFD", c, "...", "WEXITED", "NULL"}, Result: "0"},
			{Name: "getsockname", Args: []string{b, "...", "..."}, Result: "-1", Errno: "EBADF"},
			{Name: "write", Args: []string{"1", `"x"`, "1"}, Result: "1", FD: "pipe"},
		} {
			events = append(events, recording.Event{At: &recording.Place{File: "main.go", Line: 1}, Call: &c})
		}
		events[0].Call.Args[2] = "0"
		return events
	}
	want := callsOf(run("3", "4", "5"))
	if diff := cmp.Diff(want, callsOf(run("5", "6", "7"))); diff != "" {
		t.Errorf("callsOf (-from 3 +from 5):\n%s", diff)
	}
	if cmp.Equal(want, callsOf(run("5", "7", "6"))) {
		t.Error("callsOf takes one descriptor for another")
	}
}
