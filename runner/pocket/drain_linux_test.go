package pocket_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sockets/runner/fault"
	"sockets/runner/pocket"
	"sockets/runner/tier"
	"sockets/runner/trace"
)

// tracedVar makes the agent trace the program.
const tracedVar = "POCKET_TEST_TRACED"

// traced runs the program under a tracer, and prints the names of its calls.
func traced(in *pocket.Inside) error {
	_, file, _, _ := runtime.Caller(0)
	names := make(map[int]string)
	env := append(os.Environ(), tracedVar+"=")
	p := trace.Program{
		Path: "/proc/self/exe", Dir: "/tmp", Env: env, Stderr: os.Stderr,
		Dirs: []string{filepath.Dir(file)}, Began: in.Began(),
		Enter: func(thread, call int) { in.Enters(call, thread) },
	}
	end, err := trace.Run(background, p, func(e trace.Event) {
		in.Drain(e.ID)
		if e.Call != nil {
			names[e.ID] = e.Call.Name
		}
	})
	if err == nil && end.Exit != 0 {
		err = fmt.Errorf("the program ended with %d %s", end.Exit, end.Signal)
	}
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(names))
}

// Frames belong to the calls that sent them, also where these wait for an
// answer, and what a host says by itself belongs to none.
func TestDrain(t *testing.T) {
	count := 3
	if tier.Full() {
		count = 50
	}
	for _, busy := range []string{"idle", "busy"} {
		for _, program := range []string{"blocking", "sizes 192.0.2.80:80", "pinging 192.0.2.80:80"} {
			t.Run(program+" "+busy, func(t *testing.T) {
				if busy == "busy" {
					load(t)
				}
				for range count {
					testDrain(t, program)
				}
			})
		}
	}
}

func testDrain(t *testing.T, program string) {
	t.Helper()
	t.Setenv(tracedVar, "1")
	r := play(t, www(), program, serving(t, strings.Repeat("x", 8000), "192.0.2.80:80"))
	names := make(map[int]string)
	if err := json.Unmarshal(r.Stdout, &names); err != nil {
		t.Fatal(err)
	}
	for i, word := range kinds(r) {
		want := map[string]string{"out SYN": "connect", "out data": "write", "out FIN": "close", "out RST": "close"}[word]
		if got := names[r.Frames[i].Call]; got != want {
			t.Errorf("frame %d, %s, belongs to %s (call %d), want %s; calls are %v", i, word, cmp.Or(got, "none"), r.Frames[i].Call, cmp.Or(want, "none"), names)
		}
	}
	if len(r.Frames) < 8 || !fault.Is(r.Frames[0].Data, fault.SYN) {
		t.Errorf("the wire carried %q", kinds(r))
	}
}

func init() { programs["pinging"] = pinging }

// pinging closes one connection after the other before it has read all, which
// sends an RST.
func pinging(addr string) error {
	for range 10 {
		conn, err := (&net.Dialer{}).DialContext(background, "tcp", addr)
		if err != nil {
			return err
		}
		if _, err := conn.Write([]byte("hello\n")); err != nil {
			return err
		}
		_, err = conn.Read(make([]byte, 1))
		if err := errors.Join(err, conn.Close()); err != nil {
			return err
		}
	}
	return nil
}
