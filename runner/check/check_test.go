package check_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/tier"
)

// The checks under test are those of testdata/exercise, a command of their own:
// most of them fail, as they must.
var cases = []struct {
	name string
	want []string // in what the author reads; none is a pass
	also bool     // also on loopback, where there is something better
}{
	{"Good", nil, true},
	{"Stdin", nil, false},
	{"Head", nil, true},
	{"HeadLF", []string{"HeadLF: fail", `The line "GET / HTTP/1.0" of the request ends with LF alone`}, false},
	{"HeadOther", []string{"HeadOther: fail", "The first line of the request is not right.", "GET /x HTTP/1.0"}, false},
	{"HeadTwice", []string{"HeadTwice: fail", "The field Host of the request is not right."}, false},
	{"HeadWithout", []string{"HeadWithout: fail", "The request has no field Host."}, false},
	{"HeadOpen", []string{"HeadOpen: timeout", "before its request was complete: an empty line ends it"}, true},
	{"FarOff", []string{"FarOff: fail", "up to byte 100000 they are right", "xxxherexxx"}, false},
	{"Calls", nil, false},
	{"Seed", nil, false},
	{"CallsWrong", []string{"CallsWrong: fail", "The program made the system call listen (1 times), which it must not."}, false},
	{"Panics", []string{"Panics: crash", "The program crashed (panic: no).", "panic(\"no\")", "main.go:"}, false},
	{"Hangs", []string{"Hangs: timeout", "We waited 2s, and the program still ran before it had sent what it must.", "time.Sleep(time.Hour)", "hint: the hint", "68 69 0a"}, true},
	{"Leaves", []string{"Leaves: fail", "The program closed its side of the connection (FIN) before all of what it must send had come."}, false},
	{"Silent", []string{"Silent: fail", "The program ended with exit code 0 before it said \"listening HOST:PORT\" on stdout."}, true},
	{"NoWord", []string{"NoWord: timeout", "We waited 2s", "time.Sleep(time.Hour)"}, false},
	{"Shouts", []string{"Shouts: fail", "The program sent something else than it must.", "hi!", "- \"hi there\"", "+ \"hi!\""}, true},
	{"More", []string{"More: fail", "The program sent more bytes than it must."}, false},
	{"StaysOpen", []string{"StaysOpen: timeout", "before it closed the connection", "conn.Read(buf)"}, false},
	{"Leaks", []string{"Leaks: fail", "descriptors open"}, false},
	{"Spins", []string{"Spins: fail", "instead of waiting"}, false},
	{"ExitCode", []string{"ExitCode: fail", "The program ended with exit code 3; exit code 0 is right here."}, false},
	{"RunsOn", nil, true},
	{"RunsOut", []string{"RunsOut: fail", "The program ended with exit code 3, and it must still run."}, true},
	{"Killed", []string{"Killed: crash", "by the signal SIGKILL"}, false},
	{"Listeners", nil, true},
	{"Meets", nil, true},
	{"MeetsWrong", []string{"MeetsWrong: fail", "our peer at ", "74 68 69 73 20 69 73 20  62", "+ this is b"}, true},
	{"Sockets", []string{"Sockets: fail", "The program has 4 sockets open; 2 would do."}, true},
	{"Number", nil, false},
	{"NumberWrong", []string{"NumberWrong: fail", "The program printed \"41 and more\" on stdout; a number from 3 to 40 must come first."}, false},
	{"SignalUntil", nil, false},
	{"SignalInVain", []string{"SignalInVain: timeout", "the program still ran before it had printed what it must."}, false},
	{"TooShort", []string{"TooShort: fail", "it must take 1m0s at least."}, false},
	{"Without", []string{"Without: fail", "The program uses package net, which it must not"}, false},
	{"CalledWith", []string{"CalledWith: fail", "The program called socket(", "without no such text."}, false},
	{"HidesNotCalled", []string{"HidesNotCalled: fail", "of which 20000 are kept: what came after them was not seen", "A program that makes fewer than 20000 would be.", " calls after the last that is kept"}, false},
	{"HidesCalled", []string{"HidesCalled: fail", "of which 20000 are kept: what came after them was not seen", "A program that makes fewer than 20000 would be.", " calls after the last that is kept"}, false},
	{"HidesWantCalls", []string{"HidesWantCalls: fail", "of which 20000 are kept: what came after them was not seen", "A program that makes fewer than 20000 would be.", " calls after the last that is kept"}, false},
	{"HidesCalledWith", []string{"HidesCalledWith: fail", "of which 20000 are kept: what came after them was not seen", "A program that makes fewer than 20000 would be.", " calls after the last that is kept"}, false},
	{"HidesWantReads", []string{"HidesWantReads: fail", "of which 20000 are kept: what came after them was not seen", "A program that makes fewer than 20000 would be.", " calls after the last that is kept"}, false},
	{"HidesCalls", []string{"HidesCalls: fail", "of which 20000 are kept: what came after them was not seen", "A program that makes fewer than 20000 would be.", " calls after the last that is kept"}, false},
	{"ReadsInChild", []string{"ReadsInChild: fail", "The program started another process, which made ", "that does its work itself would be right."}, false},
	{"ReadsMPTCP", []string{"ReadsMPTCP: fail", " reads from its connection; 20 would do."}, false},
	{"UDPServer", nil, true},
	{"UDPShouts", []string{"UDPShouts: fail", "The program sent another datagram than it must.", "hello!", "we sent 5 bytes, datagram 1", "came 6 bytes, datagram 1"}, true},
	{"UDPSplits", []string{"UDPSplits: fail", "The program sent in 2 datagrams what must be in one."}, true},
	{"UDPSwallows", []string{"UDPSwallows: timeout", "We waited 2s, and the program still ran before it had sent the datagram that it must."}, true},
	{"UDPClosed", []string{"UDPClosed: fail", "port unreachable"}, true},
	{"UDPTalks", []string{"UDPTalks: fail", "The program sent a datagram where it must send none."}, false},
	{"UDPFloods", []string{"UDPFloods: timeout", "datagram 10\n", ",", " turns more\n"}, false},
	{"UDPHoards", []string{"UDPHoards: fail", " bytes, before we had come to the first; an answer to each of ours would be right."}, true},
	{"UDPSockets", []string{"UDPSockets: fail", "from more than 1000 sockets; one would do."}, true},
	{"UDPLossyServer", nil, true},
	{"UDPLost", []string{"UDPLost: timeout", "the program's datagram 1 was lost", "relay(seed="}, true},
	{"UDPClient", nil, true},
	{"UDPLossyClient", nil, true},
	{"UDPNobody", []string{"UDPNobody: fail", "The program ended with exit code 0 before it sent us a datagram", "The address to send to is an argument"}, true},
	{"UDPSomebody", []string{"UDPSomebody: fail", "The program ended with exit code 0 before it had sent the datagram"}, false},
	{"Unread", nil, true},
	{"UnreadWrong", []string{"UnreadWrong: fail", "The full reply came, but the connection was reset: the program closed it while some of our input was unread.", "It must end as \"clean EOF\" or \"open\"."}, false},
	{"EndingLate", []string{"EndingLate: timeout", "The full reply came, and the connection stayed open."}, false},
	{"Connects", []string{"Connects: fail", "The program made the system call connect (1 times), which it must not."}, false},
	{"WhichOne", []string{"WhichOne: fail", "connection 1: came 3 bytes", "connection 2: we sent 2 bytes", "connection 2: came 3 bytes"}, false},
	{"WantsNothing", []string{"panic: TestWantsNothing compares no bytes, at most an exit code"}, false},
	{"ExitAlone", []string{"panic: TestExitAlone compares no bytes, at most an exit code"}, false},
}

// exercise is the checks of testdata/exercise, built.
func exercise(t *testing.T) string {
	t.Helper()
	binary := t.TempDir() + "/exercise.test"
	out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, "./testdata/exercise").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// runCheck runs one check as its author does.
func runCheck(t *testing.T, binary, name string, env ...string) (output string, passed bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-test.run=^Test"+name+"$", "-test.v")
	cmd.Dir = "testdata/exercise"
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	if bytes.Contains(out, []byte("no tests to run")) {
		t.Fatalf("there is no check %s", name)
	}
	return string(out), err == nil
}

func TestVocabulary(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Calls != nil {
		tier.Lacks(t, l.Calls.Error())
	}
	binary := exercise(t)
	levels := []string{"full", "calls"}
	if l := agent.Probe(t.Context()); l.Full != nil {
		t.Logf("on loopback only: %v", l.Full)
		levels = levels[1:]
	}
	for _, level := range levels {
		for _, c := range cases {
			if level != levels[0] && !c.also {
				continue
			}
			t.Run(level+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				output, passed := runCheck(t, binary, c.name, "SOCKETS_LEVEL="+level)
				if passed != (c.want == nil) {
					t.Errorf("it passed: %v\n%s", passed, output)
				}
				if !strings.Contains(output, "random:") && c.name == "Seed" {
					t.Errorf("no random number:\n%s", output)
				}
				for _, want := range c.want {
					if !strings.Contains(output, want) {
						t.Errorf("no %q in\n%s", want, output)
					}
				}
			})
		}
	}
}

func TestOnly(t *testing.T) {
	if output, _ := runCheck(t, exercise(t), "Only"); !strings.Contains(output, "SKIP: TestOnly") || !strings.Contains(output, "The program needs plan9 or aix; this is ") {
		t.Error(output)
	}
}

func TestSeedRepeats(t *testing.T) {
	binary := exercise(t)
	number := regexp.MustCompile(`random: \d+`)
	of := func(seed string) string {
		output, passed := runCheck(t, binary, "Seed", "SOCKETS_SEED="+seed)
		if !passed {
			t.Fatal(output)
		}
		return number.FindString(output)
	}
	if a, b, c := of("1"), of("1"), of("2"); a == "" || a != b || a == c {
		t.Errorf("seeds 1, 1 and 2 give %q, %q and %q", a, b, c)
	}
	if output, passed := runCheck(t, binary, "Seed", "SOCKETS_SEED=x"); passed || !strings.Contains(output, `SOCKETS_SEED="x" is no seed`) {
		t.Errorf("passed %v:\n%s", passed, output)
	}
}
