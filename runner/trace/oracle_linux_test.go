//go:build amd64 || arm64

package trace

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sockets/runner/recording"

	gocmp "github.com/google/go-cmp/cmp"
)

// strace is an independent tracer: with -k it unwinds stacks in its own way. Its
// calls are compared with ours.

// A seen is one call as both tracers tell it.
type seen struct {
	Name, Result, Func string
}

// A straced is a call that strace saw return.
type straced struct {
	seen
	maker string // the innermost function that is no stub
}

var (
	straceLine   = regexp.MustCompile(`^(\d+) +(\w+)\((.*?)\) += (0x[0-9a-f]+|-?\d+|\?)(?: (E[A-Z0-9]+))?`)
	straceResume = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>.*\) += (0x[0-9a-f]+|-?\d+|\?)(?: (E[A-Z0-9]+))?`)
	straceFrame  = regexp.MustCompile(`^ > [^(]*\(([^+]*)\+0x`)
)

// underStrace runs the program under strace and gives the calls of its own
// process in the order in which they returned.
func underStrace(t *testing.T, path string) []straced {
	t.Helper()
	out := filepath.Join(t.TempDir(), "strace")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for try := 1; ; try++ {
		said, err := exec.CommandContext(ctx, "strace", "-f", "-k", "-o", out, path).CombinedOutput()
		if err == nil {
			break
		}
		// strace 6.1 gives up when a thread vanishes while it unwinds its stack.
		if try == 5 || !strings.Contains(string(said), "cannot initialize libunwind") {
			t.Fatalf("strace %s: %v\n%s", path, err, said)
		}
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var calls []straced
	for line := range strings.Lines(string(text)) {
		if m := straceFrame.FindStringSubmatch(line); m != nil && len(calls) > 0 {
			c, fn := &calls[len(calls)-1], m[1]
			if c.maker == "" && !strings.Contains(fn, "runtime/syscall") && fn != "runtime.fcntl" {
				c.maker = fn
			}
			if c.Func == "" && strings.HasPrefix(fn, "main.") {
				c.Func = recording.Declared(fn)
			}
			continue
		}
		m := straceLine.FindStringSubmatch(line)
		if m == nil {
			if m = straceResume.FindStringSubmatch(line); m == nil {
				continue
			}
			m = slices.Insert(m, 3, "")
		}
		result := m[4]
		if n, err := strconv.ParseInt(result, 0, 64); err == nil {
			result = strconv.FormatInt(n, 10) // that of F_GETFL is in hexadecimal
		}
		if m[5] != "" {
			result = m[5]
		}
		calls = append(calls, straced{seen: seen{Name: m[2], Result: result}})
	}
	if len(calls) == 0 {
		t.Fatalf("strace %s: no calls in\n%s", path, text)
	}
	return calls
}

// runtimes are the calls that the runtime also makes for the program; strace
// can't tell which of them are.
var runtimes = []string{"epoll_ctl", "epoll_create1", "eventfd2", "exit_group", "rt_sigaction"}

// straceOwn is the calls that have a line of the program's own files on their stack.
func straceOwn(calls []straced) []seen {
	var own []seen
	for _, c := range calls {
		if c.Func == "" || c.maker == "" || slices.Contains(runtimes, c.Name) && !strings.HasPrefix(c.maker, "syscall.") {
			continue
		}
		if strings.HasPrefix(c.maker, "runtime.") && c.maker != "runtime.write1.abi0" || strings.HasPrefix(c.Result, "ERESTART") || c.Name == "rt_sigreturn" {
			continue
		}
		own = append(own, c.seen)
	}
	return own
}

// ourOwn is the same of our events.
func ourOwn(r *run) []seen {
	var own []seen
	for _, e := range r.events {
		if e.At == nil || e.Inherited || e.Poller || e.Output != nil && e.Output.Text == "" {
			continue
		}
		s := seen{Func: e.At.Func}
		if e.Output != nil {
			s.Name, s.Result = "write", strconv.Itoa(e.Sent)
		} else {
			s.Name, s.Result = e.Call.Name, e.Call.Result
			if e.Call.Errno != "" {
				s.Result = e.Call.Errno
			}
		}
		own = append(own, s)
	}
	return own
}

func needStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		lacks(t, "strace is not installed")
	}
}

// TestOracle compares programs whose own calls come from one goroutine: the same
// calls in the same order, with the same results, in the same functions.
func TestOracle(t *testing.T) {
	needStrace(t)
	dir := corpus(t)
	for _, name := range []string{"inlining", "closures", "generics", "defers", "epoll", "rights", "copies"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			r := traced(t, Program{Path: path})
			ours, theirs := ourOwn(r), straceOwn(underStrace(t, path))
			// What a reader finds before a writer has written is chance.
			again := func(s seen) bool { return s.Result == "EAGAIN" && name == "copies" }
			ours, theirs = slices.DeleteFunc(ours, again), slices.DeleteFunc(theirs, again)
			if diff := gocmp.Diff(theirs, ours); diff != "" || len(ours) < 3 {
				t.Errorf("calls (-strace +trace):\n%s", diff)
			}
		})
	}
}

// TestOracleNetwork compares programs with many goroutines, on whose order
// nothing can be said across two runs: the same number of each network call with
// each outcome, and at least 95 of 100 of all at a line.
func TestOracleNetwork(t *testing.T) {
	needStrace(t)
	dir := corpus(t)
	network := []string{
		"socket", "connect", "bind", "listen", "accept4", "getsockname", "getpeername", "setsockopt", "getsockopt",
		"shutdown", "sendto", "recvfrom",
	}
	for _, name := range []string{"goroutines", "dns", "web"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			theirs, ours := make(map[seen]int), make(map[seen]int)
			add := func(to map[seen]int, call, result string) {
				if !slices.Contains(network, call) || result == "EAGAIN" || result == "?" {
					return
				}
				if result[0] != 'E' {
					result = "" // numbers of descriptors, lengths
				}
				to[seen{Name: call, Result: result}]++
			}
			for _, c := range underStrace(t, path) {
				add(theirs, c.Name, c.Result)
			}
			all, at := 0, 0
			r := traced(t, Program{Path: path})
			for _, e := range r.events {
				if e.Call != nil {
					add(ours, e.Call.Name, cmp.Or(e.Call.Errno, e.Call.Result))
				}
			}
			for s, n := range theirs {
				all += n
				at += min(n, ours[s])
			}
			if at*100 < all*95 || all < 15 {
				t.Errorf("%d of %d network calls have a line", at, all)
			}
			// A connection to this host may be there at once, or the server may end
			// before a client's handshake is seen: compare what does not depend on it.
			for _, s := range []seen{{Name: "socket"}, {Name: "bind"}, {Name: "listen"}, {Name: "accept4"}, {Name: "shutdown"}, {Name: "sendto"}} {
				if theirs[s] != ours[s] {
					t.Errorf("%s: strace saw %d, trace %d", s.Name, theirs[s], ours[s])
				}
			}
		})
	}
}
