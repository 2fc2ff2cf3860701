package check

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sockets/runner/pocket"
	"sockets/runner/report"
	"sockets/runner/temporary"
)

// Main runs the checks of the named exercise. A check_test.go calls it:
//
//	func TestMain(m *testing.M) { check.Main(m, "linereader") }
func Main(m *testing.M, exercise string) {
	os.Exit(judged(m, exercise))
}

// judged runs the checks on the judge's program, or on one built here.
func judged(m *testing.M, exercise string) int {
	if task == nil {
		folder, err := temporary.New("check")
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: make a folder for the solution: %v\n", exercise, err)
			return exitFailed
		}
		defer func() { _ = folder.Remove() }()
		if task, err = own(folder.Path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", exercise, err)
			return exitFailed
		}
	}
	return m.Run()
}

// exitFailed is the exit code when not the program but our side fails.
const exitFailed = 3

// A check is one test on its way.
type check struct {
	t      *testing.T
	about  report.Check
	hints  []string
	began  time.Time
	wait   time.Duration // how long each wait may take
	stdin  []byte
	output int // how much a program may print on a stream
	trace  bool

	mu        sync.Mutex
	turns     report.Conversation // the first of them
	latest    report.Conversation // and the last, a ring of lastTurns once there are more
	left      int                 // turns between, left out
	programs  []*Program
	listeners []opener    // on the program's network
	meeting   []*Listener // of them, those with a peer
	exchanges int         // of datagrams
	wires     []wire
	shown     []string // folders that the program can see
	conns     []net.Conn
	closing   []func()
	compared  bool // bytes, not only an exit code
	outcome   *report.Outcome
}

// checks are those on their way, by their test.
var checks sync.Map

// An opener is made before the program's network is there.
type opener interface {
	open(ctx context.Context, in *pocket.Pocket) error
}

// patience is how long each wait may take, unless [Deadline] says otherwise.
const patience = 5 * time.Second

// Points begins a check and says what it is worth. It comes first. Checks are
// independent, and run at the same time.
func Points(t *testing.T, n int) {
	t.Helper()
	if n < 1 {
		panic(fmt.Sprintf("%s is worth %d points; 1 or more would be right", t.Name(), n))
	}
	c := &check{
		t: t, about: report.Check{Name: strings.TrimPrefix(t.Name(), "Test"), Points: n},
		wait: patience, output: output, trace: task.Traced && probe().calls == nil,
	}
	checks.Store(t, c)
	t.Cleanup(c.end)
	t.Parallel()
	c.began = time.Now()
	task.say(Line{Check: c.about.Name})
}

// of is the check of a test.
func of(t *testing.T) *check {
	t.Helper()
	c, ok := checks.Load(t)
	if !ok {
		panic(t.Name() + " does not begin with check.Points")
	}
	return c.(*check)
}

// Describe says in one sentence what the peer does and must see.
func Describe(t *testing.T, sentence string) {
	t.Helper()
	of(t).about.Description = sentence
}

// Hint is a hint that a failure gives. A learner is not given it at once: see
// package attempts. Of several, the one that gives the least away comes first.
func Hint(t *testing.T, sentence string) {
	t.Helper()
	c := of(t)
	c.hints = append(c.hints, sentence)
}

// Hidden keeps all but the check's verdict from the student.
func Hidden(t *testing.T) {
	t.Helper()
	of(t).about.Hidden = true
}

// Deadline says how long each wait of the check may take.
func Deadline(t *testing.T, d time.Duration) {
	t.Helper()
	of(t).wait = d
}

// Traced has the program's system calls noted, for [Program.Called] and the
// like. On a machine where that can't be done the check is not run.
func Traced(t *testing.T) {
	t.Helper()
	c := of(t)
	if err := probe().calls; err != nil {
		c.skip("This check counts system calls, and here they can't be seen: " + err.Error())
	}
	c.trace = true
}

// Only says on which systems the program can work, as GOOS names them. On others
// the check is not run.
func Only(t *testing.T, systems ...string) {
	t.Helper()
	if !slices.Contains(systems, runtime.GOOS) {
		of(t).skip("The program needs " + strings.Join(systems, " or ") + "; this is " + runtime.GOOS + ".")
	}
}

// skip ends a check that can't be run here, and says why.
func (c *check) skip(why string) {
	c.t.Helper()
	c.outcome = &report.Outcome{Verdict: report.NotRun, Message: why}
	c.t.Skip(why)
}

// Stdin is what the programs that the check starts can read there.
func Stdin(t *testing.T, text string) {
	t.Helper()
	of(t).stdin = []byte(text)
}

// Output is how many bytes the programs that the check starts may print on each
// of stdout and stderr, instead of 1 MiB. Printing more ends them.
func Output(t *testing.T, most int) {
	t.Helper()
	of(t).output = most
}

// Seed is where the check takes everything random from: the same numbers, again
// and again, for the same seed of the run.
func Seed(t *testing.T) *rand.Rand {
	t.Helper()
	h := fnv.New64a()
	_, _ = h.Write([]byte(of(t).about.Name))
	return rand.New(rand.NewPCG(task.Seed, h.Sum64()))
}

// within is a context for one wait.
func (c *check) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), c.wait)
}

// said adds to the conversation what was said elsewhere than on a connection.
func (c *check) said(who report.Who, b []byte, note string) {
	if who == report.Nobody || len(b) > 0 {
		c.turn(report.Turn{Who: who, Note: note}, b)
	}
}

// note adds what happened to the conversation.
func (c *check) note(format string, args ...any) {
	c.said(report.Nobody, nil, fmt.Sprintf(format, args...))
}

// end is the end of a test: all of it is closed, and its outcome said.
func (c *check) end() {
	checks.Delete(c.t)
	c.mu.Lock()
	closing := c.closing
	c.mu.Unlock()
	for i := len(closing) - 1; i >= 0; i-- {
		closing[i]()
	}
	if c.outcome == nil {
		switch {
		case c.t.Failed() || c.t.Skipped():
			c.outcome = &report.Outcome{Verdict: report.Error, Message: "The check itself failed, not the program."}
		case !c.compared:
			panic(c.t.Name() + " compares no bytes, at most an exit code: a program that does nothing would pass; want some output or some bytes")
		default:
			c.outcome = &report.Outcome{Verdict: report.Pass}
		}
	}
	c.outcome.Duration = time.Since(c.began)
	task.say(Line{Check: c.about.Name, Level: c.level(), Outcome: c.outcome})
}

// later has f done at the end of the check; the last comes first.
func (c *check) later(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = append(c.closing, f)
}
