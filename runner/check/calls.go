package check

import (
	"fmt"
	"slices"
	"strings"

	"sockets/runner/agent"
	"sockets/runner/recording"
	"sockets/runner/report"
)

// shownCalls is how many of the last calls a failure shows.
const shownCalls = 16

// Calls counts the program's system calls of that name that did not fail, once
// it has ended. A connect that goes on (EINPROGRESS) did not. The check must be
// [Traced].
func (p *Program) Calls(name string) int {
	p.c.t.Helper()
	n := p.count(name, fine)
	p.sawAll()
	return n
}

// count counts the calls of that name that are among those wanted.
func (p *Program) count(name string, among func(*recording.Call) bool) (n int) {
	p.c.t.Helper()
	for _, e := range p.seen().Events {
		if e.Call != nil && e.Call.Name == name && among(e.Call) {
			n += e.Times()
		}
	}
	return n
}

// fine reports whether a call did not fail.
func fine(c *recording.Call) bool { return c.Errno == "" || c.Errno == "EINPROGRESS" }

// seen is what was seen of the program, once it has ended.
func (p *Program) seen() *agent.Sight {
	p.c.t.Helper()
	if !p.c.trace {
		panic(p.c.t.Name() + " looks at system calls without check.Traced, which must come before the program is started")
	}
	ctx, cancel := p.c.within()
	defer cancel()
	s, err := p.run.Wait(ctx)
	if err != nil {
		p.c.fail(p.missed(err, "it ended"))
	}
	return s
}

// sawAll wants every call of the program to have been seen, for what is judged by
// calls that are not there. Of a program that makes more than are kept, the last may
// be any; so may those of one that was ended as it printed too much, whose last words
// are lost, and of processes that it has started.
func (p *Program) sawAll() {
	p.c.t.Helper()
	s := p.seen()
	switch {
	case s.End.Cut: // what came of that, explain says
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: "The program printed too much, and its last calls were not seen."})
	case s.Others > 0:
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf(
			"The program started another process, which made %d system calls that were not looked at; a program that does its work itself would be right.", s.Others)})
	case s.Dropped > 0:
		kept := 0
		for _, e := range s.Events {
			if e.Call != nil {
				kept++
			}
		}
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf(
			"The program made %d system calls, of which %d are kept: what came after them was not seen, and can't be right. A program that makes fewer than %d would be.",
			kept+s.Hidden+s.Dropped, kept, calls)})
	}
}

// Called wants the program to have made a system call of that name.
func (p *Program) Called(name string) {
	p.c.t.Helper()
	if p.count(name, fine) == 0 {
		p.sawAll()
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program never made the system call %s with success.", name)})
	}
}

// WantCalls wants the program to have made at least so many system calls of that
// name with success.
func (p *Program) WantCalls(name string, least int) {
	p.c.t.Helper()
	if n := p.count(name, fine); n < least {
		p.sawAll()
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program made the system call %s with success %d times; %d are the least that would do.", name, n, least)})
	}
}

// CalledWith wants the program to have made a system call of that name, and none
// without the text in its arguments.
func (p *Program) CalledWith(name, text string) {
	p.c.t.Helper()
	p.Called(name)
	for _, e := range p.seen().Events {
		if e.Call == nil || e.Call.Name != name || !fine(e.Call) {
			continue
		}
		if args := strings.Join(e.Call.Args, ", "); !strings.Contains(args, text) {
			p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program called %s(%s), without %s.", name, args, text)})
		}
	}
	p.sawAll()
}

// NotCalled wants the program to have made no system call of that name, not even
// one that failed.
func (p *Program) NotCalled(name string) {
	p.c.t.Helper()
	if n := p.count(name, func(*recording.Call) bool { return true }); n > 0 {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program made the system call %s (%d times), which it must not.", name, n)})
	}
	p.sawAll()
}

// WantReads wants the program to have read from its connections at most so many
// times. Reads that found nothing there do not count.
func (p *Program) WantReads(most int) {
	p.c.t.Helper()
	n := 0
	for _, e := range p.seen().Events {
		if e.Call != nil && e.Call.Errno == "" && slices.Contains(reads, e.Call.Name) && (strings.HasPrefix(e.Call.FD, "TCP") || strings.HasPrefix(e.Call.FD, "MPTCP")) {
			n += e.Times()
		}
	}
	p.c.note("the program made %d reads", n)
	if n > most {
		p.c.fail(report.Outcome{Verdict: report.Fail, Message: fmt.Sprintf("The program made %d reads from its connection; %d would do.", n, most)})
	}
	p.sawAll()
}

var reads = []string{"read", "readv", "recvfrom", "recvmsg", "recvmmsg", "preadv2", "splice"}

// ordinary reports whether a call is what package net and the runtime make of
// every connection, which tells nothing about this program.
func ordinary(c *recording.Call) bool {
	return c.Note != "" && c.Errno == "" && c.Name != "socket"
}

// xray is the program's last calls, a text each; of those that are ordinary only
// how many they are. It tells the places where the program waits the call that
// they wait in.
func xray(s *agent.Sight, waiting []report.Place) []string {
	r := s.Record(recording.Header{}, func(text string) string { return text }, task.dirs())
	var lines []string
	quiet := 0 // ordinary calls in a row
	for _, e := range r.Events {
		if e.Call == nil {
			continue
		}
		if ordinary(e.Call) {
			quiet += e.Times()
			continue
		}
		if quiet > 0 {
			lines = append(lines, fmt.Sprintf("%-12s ... %d calls of package net and the runtime", "", quiet))
			quiet = 0
		}
		at := "?"
		if e.At != nil {
			at = fmt.Sprintf("%s:%d", e.At.File, e.At.Line)
			for i := range waiting {
				if waiting[i].File == e.At.File && waiting[i].Line == e.At.Line {
					waiting[i].Call = e.Call.Name
				}
			}
		}
		line := fmt.Sprintf("%-12s %s(%s) = %s", at, e.Call.Name, strings.Join(e.Call.Args, ", "), e.Call.Result)
		if e.Call.Errno != "" {
			line += " " + e.Call.Errno
		}
		if n := e.Times(); n > 1 {
			line += fmt.Sprintf(" x %d", n)
		}
		lines = append(lines, line)
	}
	if quiet > 0 {
		lines = append(lines, fmt.Sprintf("%-12s ... %d calls of package net and the runtime", "", quiet))
	}
	if s.Dropped > 0 {
		lines = append(lines, fmt.Sprintf("%-12s ... %d calls after the last that is kept", "", s.Dropped))
	}
	return lines[max(0, len(lines)-shownCalls):]
}
