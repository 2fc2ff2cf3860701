package pocket_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"sockets/runner/frame"
	"sockets/runner/pocket"
	"sockets/runner/process"
)

// This test's binary plays three parts: the runner, which is the test; the agent
// in a pocket, if it finds itself in one; and the program that the agent starts,
// if the variable names one.
const (
	programVar = "POCKET_TEST_PROGRAM"
	wireVar    = "POCKET_TEST_WIRE" // the kind of wire of all tests
)

// background is for where there is no test.
var background = context.Background()

// probing is the command that runs a binary, this one, as the agent of a probe.
func probing(self string) process.Command {
	return process.Command{Path: self, Dir: "/", Limit: deadline, Env: []string{"GORACE=atexit_sleep_ms=0"}}
}

// deadline is how long a test waits for anything.
const deadline = 20 * time.Second

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(dropVar) != "":
		fmt.Fprintln(os.Stderr, drop())
		os.Exit(3)
	case os.Getenv(leaksVar) != "":
		count, err := strconv.Atoi(os.Getenv(leaksVar))
		if err == nil {
			err = leaks(count)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	case os.Getenv(runnerVar) != "" && !pocket.Here() && os.Getenv(programVar) == "":
		fmt.Println(runner())
		os.Exit(1)
	case os.Getenv(withinVar) != "":
		os.Exit(within(os.Getenv(withinVar)))
	case pocket.Here() && os.Getenv(programVar) == "":
		if err := pocket.Probed(background); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	case pocket.Here():
		os.Exit(agent())
	case os.Getenv(programVar) != "":
		name, arg, _ := strings.Cut(os.Getenv(programVar), " ")
		if err := programs[name](arg); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// agent makes the pocket and runs the program in it, without a tracer.
func agent() int {
	in, err := pocket.Enter()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	in.Await()
	if os.Getenv(tracedVar) != "" {
		return conclude(in, traced(in))
	}
	cmd := exec.CommandContext(context.Background(), "/proc/self/exe")
	cmd.Env, cmd.Dir = os.Environ(), "/tmp"
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return conclude(in, cmd.Run())
}

// conclude reports what the wire has carried, when the program has ended.
func conclude(in *pocket.Inside, end error) int {
	in.Settle(time.Second)
	b, err := json.Marshal(report{in.Kind, in.Frames(0)})
	if err := errors.Join(err, in.Report(b), in.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	if exit := (*exec.ExitError)(nil); errors.As(end, &exit) {
		return max(exit.ExitCode(), 1)
	}
	if end != nil {
		fmt.Fprintln(os.Stderr, end)
		return 1
	}
	return 0
}

// A report is what the agent has to say.
type report struct {
	Kind   string
	Frames []frame.Raw
}

// A run is a pocket with a program, to its end.
type run struct {
	report
	*process.End
}

// command is the command that runs this binary as an agent with a program.
func command(self, program string) process.Command {
	return process.Command{
		Path: self, Dir: "/", Limit: deadline,
		Env: []string{programVar + "=" + program, "GORACE=atexit_sleep_ms=0", "PATH=/usr/bin:/bin", tracedVar + "=" + os.Getenv(tracedVar)},
	}
}

// play runs a program in a pocket. Of there, up is called once it is.
func play(tb testing.TB, c pocket.Config, program string, up func(context.Context, *pocket.Pocket) error) run {
	tb.Helper()
	r, err := try(tb.Context(), tb, c, program, up)
	if err != nil {
		tb.Fatalf("%v\n%s", err, stderr(r))
	}
	if r.Code != 0 {
		tb.Fatalf("the agent ended with %d %s:\n%s%s", r.Code, r.Signal, r.Stdout, r.Stderr)
	}
	return r
}

func stderr(r run) []byte {
	if r.End == nil {
		return nil
	}
	return r.Stderr
}

// try is like play, and returns how it fails.
func try(ctx context.Context, tb testing.TB, c pocket.Config, program string, up func(context.Context, *pocket.Pocket) error) (r run, err error) {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	return tryWith(ctx, self, c, program, up)
}

func tryWith(ctx context.Context, self string, c pocket.Config, program string, up func(context.Context, *pocket.Pocket) error) (r run, err error) {
	if c.Wire == "" {
		c.Wire = os.Getenv(wireVar)
	}
	p, err := pocket.New(c)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	r.End, err = p.Run(ctx, command(self, program), func(ctx context.Context) error {
		if up == nil {
			return nil
		}
		return up(ctx, p)
	})
	if err != nil || r.Code == 3 {
		return r, err
	}
	b, err := p.Report(ctx)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, &r.report)
}

// www is a pocket with a web server's host.
func www() pocket.Config {
	return pocket.Config{Hosts: []pocket.Host{
		{Name: "www.lab.test", Addrs: addrs("192.0.2.80", "2001:db8::80")},
		{Name: "mute.lab.test", Addrs: addrs("192.0.2.11", "2001:db8::11"), Mute: true},
	}}
}

func addrs(list ...string) []netip.Addr {
	var as []netip.Addr
	for _, a := range list {
		as = append(as, netip.MustParseAddr(a))
	}
	return as
}
