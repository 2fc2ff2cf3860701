package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/report"
	"sockets/runner/temporary"
)

// A Program is the submission, running.
type Program struct {
	c      *check
	run    *agent.Running
	addr   string // where it listens, as we dial it
	read   int    // how much of stdout has been compared
	exited chan struct{}
	exit   agent.Exit
	failed error // of waiting for the exit
}

// limit is how long a program may run: far more than all waits of a check.
const limit = 60 * time.Second

// output is how much a program may print on each stream, unless [Output] says
// otherwise.
const output = 1 << 20

// calls is how many of a program's calls are kept, of a check that looks at them or
// shows them: far more than an exercise needs. A program that makes a hundred
// thousand of them a second would else fill the judge's memory.
const calls = 20_000

// Run starts the program with the arguments.
func Run(t *testing.T, args ...string) *Program {
	t.Helper()
	return of(t).start(args)
}

// Serve starts the program as a server, on an address that the check chooses,
// and waits until it says "listening HOST:PORT".
func Serve(t *testing.T, args ...string) *Program {
	t.Helper()
	c := of(t)
	at := "127.0.0.1:0"
	if probe().pocket == nil {
		at = ":8080"
	}
	p := c.start(append([]string{at}, args...))
	ctx, cancel := c.within()
	defer cancel()
	line, err := p.run.Stdout.Line(ctx, "listening ")
	if err != nil {
		o := p.missed(err, "it said \"listening HOST:PORT\" on stdout")
		o.Message += " A server prints that line once it listens, where its first argument says."
		c.fail(o)
	}
	p.read = bytes.Index(p.run.Stdout.Bytes(), []byte(line)) + len(line) + 1
	c.said(report.Program, []byte(line+"\n"), "on stdout")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(line, "listening "))
	if err != nil {
		c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program said %q; \"listening HOST:PORT\" would be right: %v.", line, err)})
	}
	p.addr = net.JoinHostPort("127.0.0.1", port)
	if p.run.Pocket() != nil {
		p.addr = net.JoinHostPort(pocket.Here4.String(), port)
	}
	return p
}

// start starts the program where the machine allows, and has the check's
// listeners listen on its network.
func (c *check) start(args []string) *Program {
	c.t.Helper()
	p := &Program{c: c, exited: make(chan struct{})}
	o := agent.Order{
		Path: task.Binary, Args: args, Dir: "/", Stdin: c.stdin, Dirs: task.dirs(), Limit: limit, Untraced: !c.trace, Calls: calls,
		Env: []string{"HOME=/tmp", "PATH=/usr/bin:/bin", "LANG=C", "TZ=UTC", "GOTRACEBACK=all"},
	}
	s := agent.Spec{Limit: limit, Output: c.output}
	if probe().pocket == nil {
		o.Path = "/tmp/bin/program"
		s.Pocket = &pocket.Config{Binds: []pocket.Bind{{From: task.Binary, To: o.Path}}, Unnoted: true}
		for _, folder := range c.shown {
			s.Pocket.Binds = append(s.Pocket.Binds, pocket.Bind{From: folder, To: folder})
		}
	} else {
		o.Dir = c.scratch()
		o.Env[0] = "HOME=" + o.Dir
	}
	if probe().pocket == nil || probe().fence == nil {
		s.Cage = &cage.Limits{Wall: limit}
	}
	s.Up = func(ctx context.Context, in *pocket.Pocket) (agent.Order, error) {
		if in == nil {
			return o, nil // they listen since they were made
		}
		for _, ln := range c.listeners {
			if err := ln.open(ctx, in); err != nil {
				return o, err
			}
		}
		return o, nil
	}
	run, err := agent.Start(context.Background(), s)
	if err != nil {
		c.broken("start the program: %v", err)
	}
	c.note("we started the program: %s", commandLine(args))
	p.run = run
	c.later(func() {
		if err := run.Close(); err != nil {
			c.t.Errorf("end the program: %v", err)
		}
		<-p.exited
	})
	go func() {
		defer close(p.exited)
		p.exit, p.failed = run.Exit(context.Background())
	}()
	c.programs = append(c.programs, p)
	return p
}

// scratch is a folder for a program that has no /tmp of its own.
func (c *check) scratch() string {
	folder, err := temporary.New("scratch")
	if err != nil {
		c.broken("make a folder for the program: %v", err)
	}
	c.later(func() { _ = folder.Remove() })
	return folder.Path
}

func commandLine(args []string) string {
	var b strings.Builder
	b.WriteString("program")
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \t\n\"'\\") {
			a = fmt.Sprintf("%q", a)
		}
		b.WriteString(" " + a)
	}
	return b.String()
}

// Signal sends the program a signal.
func (p *Program) Signal(s syscall.Signal) {
	p.c.t.Helper()
	ctx, cancel := p.c.within()
	defer cancel()
	if err := p.run.Signal(ctx, s); errors.Is(err, agent.ErrEnded) {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program ended %s before we sent it %v.", p.how(), s)})
	} else if err != nil {
		p.c.broken("send the program %v: %v", s, err)
	}
	p.c.note("we sent the program the signal %v", s)
}

// WantStdout waits until the program has printed the text on stdout, behind what
// was wanted before.
func (p *Program) WantStdout(text string) {
	p.c.t.Helper()
	want := []byte(text)
	ctx, cancel := p.c.within()
	defer cancel()
	p.c.compared = p.c.compared || len(want) > 0
	err := p.run.Stdout.Until(ctx, func(all []byte) bool {
		got := all[p.read:]
		return len(got) >= len(want) || !bytes.HasPrefix(want, got)
	})
	got := p.run.Stdout.Bytes()[p.read:]
	if bytes.HasPrefix(got, want) {
		p.read += len(want)
		p.c.said(report.Program, want, "on stdout")
		return
	}
	if err == nil {
		p.settle() // what else it prints makes the report clearer
		got = p.run.Stdout.Bytes()[p.read:]
	}
	p.c.said(report.Program, got, "on stdout")
	o := p.missed(err, "it had printed what it must")
	if err == nil || errors.Is(err, io.EOF) {
		o.Message = "The program printed something else on stdout than it must." + whereDiffers(want, got)
		if len(got) == 0 {
			o.Message = "The program ended " + p.how() + " and had printed nothing on stdout."
		}
	}
	want, got = around(want, got)
	p.c.fail(compare(o, want, got))
}

// WantNumber waits for a number on stdout, behind what was wanted before, within
// the bounds: one that the program's kernel has chosen.
func (p *Program) WantNumber(least, most int) {
	p.c.t.Helper()
	ctx, cancel := p.c.within()
	defer cancel()
	digits := func(all []byte) int {
		return len(all[p.read:]) - len(bytes.TrimLeft(all[p.read:], "0123456789"))
	}
	err := p.run.Stdout.Until(ctx, func(all []byte) bool { return len(all) > p.read+digits(all) })
	got := p.run.Stdout.Bytes()
	length := digits(got)
	n, wrong := strconv.Atoi(string(got[p.read : p.read+length]))
	if err == nil && wrong == nil && n >= least && n <= most {
		p.c.said(report.Program, got[p.read:p.read+length], "on stdout")
		p.read += length
		return
	}
	p.settle() // what else it prints makes the report clearer
	got = p.run.Stdout.Bytes()[p.read:]
	p.c.said(report.Program, got, "on stdout")
	o := p.missed(err, "it had printed a number")
	if err == nil {
		o = report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program printed %q on stdout; a number from %d to %d must come first.", first(got), least, most)}
	}
	p.c.fail(o)
}

// WantStderr waits until the program's stderr holds the text, in upper or lower
// case.
func (p *Program) WantStderr(text string) {
	p.c.t.Helper()
	ctx, cancel := p.c.within()
	defer cancel()
	p.c.compared = true
	has := func(all []byte) bool {
		return len(all) > 0 && bytes.Contains(bytes.ToLower(all), bytes.ToLower([]byte(text)))
	}
	err := p.run.Stderr.Until(ctx, has)
	if err == nil {
		p.c.said(report.Program, p.run.Stderr.Bytes(), "on stderr")
		return
	}
	o := p.missed(err, "it had said why on stderr")
	if text != "" {
		o = p.missed(err, fmt.Sprintf("its stderr held %q", text))
	}
	if all := p.run.Stderr.Bytes(); len(all) > 0 {
		o = compare(o, []byte(text), all)
	}
	p.c.fail(o)
}
