//go:build amd64 || arm64

package trace

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sockets/runner/recording"

	"golang.org/x/sys/unix"
)

// A call is one system call on its way.
type call struct {
	id, tid int
	nr      uint64
	name    string
	args    [6]uint64
	ip      uint64
	start   time.Duration
	origin  origin
	other   bool // of a child process

	kind   *signature
	text   []string // its arguments; those that it fills in come when it returns
	fd     int      // -1 if it is about none
	file   *file    // what fd is, as the call began
	stream string   // that it writes to, if it is the program's output

	restarts bool // interrupted in a way that only a handler's wish can end
}

// The kernel's own results for a call that a signal interrupted, linux/errno.h:
// it starts again after the handler, if there is one, or not.
const (
	restartSys       = 512
	restartNoIntr    = 513
	restartNoHandler = 514
	restartBlock     = 516
)

// matters is how long a call has to take for that to be told, and to what.
const matters = 100 * time.Millisecond

// call handles a stop at a call's entry or exit. A stop for the filter is at an
// entry; of the others the kernel says what they are.
func (t *tracer) call(task *task, filter bool) error {
	exit := t.filtered && !filter && task.call != nil
	if !filter && !exit {
		var s stopInfo
		if err := info(task.tid, &s); err != nil {
			return vanished(err)
		}
		exit = s.op == unix.PTRACE_SYSCALL_INFO_EXIT
		if t.filtered || exit && task.call == nil {
			return t.resume(task, 0)
		}
	}
	var regs registers
	if err := getRegisters(task.tid, &regs); err != nil {
		return vanished(err)
	}
	if exit {
		t.returned(task, regs.outcome())
	} else if c := t.enter(task, &regs); c != nil {
		task.call = c
	}
	return t.resume(task, 0)
}

// vanished is the error of asking a stopped thread, unless it is that there is no
// such thread any more.
func vanished(err error) error {
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return fmt.Errorf("ask for a system call: %w", err)
}

// returned handles the return of the call that the thread is in.
func (t *tracer) returned(task *task, result int64) {
	c := task.call
	task.call = nil
	switch result {
	case -restartSys, -restartNoIntr:
		c.restarts = true
		task.held = c
	case -restartNoHandler, -restartBlock:
		c.restarts = false
		task.held = c
	default:
		t.finish(c, result)
	}
}

// enter says what to do about a call that begins: nil is nothing.
func (t *tracer) enter(task *task, regs *registers) *call {
	at := regs.where()
	c := &call{tid: task.tid, ip: at.pc, start: time.Since(t.Began), fd: -1}
	c.nr, c.args = regs.inside()
	c.name = callName(c.nr)
	if !task.own {
		return t.enterOther(c)
	}
	c.kind = signatures[c.name]
	if c.kind == nil {
		c.kind = &unknown
	}
	if at := c.kind.fd; at >= 0 {
		c.fd = int(int32(c.args[at]))
	}
	if writes[c.name] {
		c.stream = t.files.stream(c.fd)
	}
	if t.end.Calls >= t.Calls && c.stream == "" && task.held == nil {
		t.end.Dropped++ // the rest need not be looked at
		t.files.forget(c)
		return nil
	}
	c.origin = t.origin(at)
	if h := task.held; h != nil && !c.origin.handler {
		task.held = nil
		if c.nr == unix.SYS_RESTART_SYSCALL || c.nr == h.nr && c.args == h.args && c.ip == h.ip {
			return h
		}
		t.finish(h, -int64(unix.EINTR))
	}
	if c.stream == "" && (c.origin.place == nil || c.origin.forItself(c.name)) {
		t.end.Hidden++
		t.files.forget(c)
		return nil
	}
	if c.stream == "" {
		t.end.Calls++
	}
	if c.fd >= 0 {
		c.file = t.files.at(c.fd)
	}
	t.files.forget(c)
	c.text = c.kind.before(memory(t.pid), c)
	t.ids++
	c.id = t.ids
	if t.Enter != nil {
		t.Enter(c.tid, c.id)
	}
	if t.Begun != nil && c.stream == "" {
		t.Begun(t.unreturned(c))
	}
	return c
}

// enterOther lets a child process's calls pass, but for what it prints to the
// same outputs.
func (t *tracer) enterOther(c *call) *call {
	t.end.Others++
	if !writes[c.name] {
		return nil
	}
	c.fd = int(int32(c.args[signatures[c.name].fd]))
	if c.stream = t.streamOf(c.tid, c.fd); c.stream == "" {
		return nil
	}
	c.other = true
	c.kind = signatures[c.name]
	t.ids++
	c.id = t.ids
	return c
}

// finish reports a call that has returned, in this very moment.
func (t *tracer) finish(c *call, result int64) {
	m := memory(c.tid)
	e := t.event(c)
	e.End = time.Since(t.Began)
	if c.stream != "" && result >= 0 {
		if result > 0 || c.name == "write" {
			e.Sent = int(result)
			e.Output = &recording.Output{Stream: c.stream, Text: written(m, c, int(result))}
			t.emit(e)
		}
		return
	}
	if c.other {
		return // it failed to print
	}
	d := decoder{m: m, args: c.args, n: result}
	e.Call = &recording.Call{ID: c.id, Name: c.name, Args: c.kind.after(&d, c), Result: strconv.FormatInt(result, 10)}
	if result < 0 && result > -page {
		e.Call.Result = "-1"
		e.Call.Errno = errnoName(-result)
		e.Again = -result == int64(unix.EAGAIN)
	} else if c.kind.hex {
		e.Call.Result = address(uint64(result))
	}
	if took := (e.End - e.Start).Round(matters); took >= matters {
		e.Call.Millis = took.Milliseconds()
	}
	t.files.apply(c, &d)
	t.describe(&e, c, result)
	t.emit(e)
	t.copied(e, c, result)
}

// event is the part of an event that does not depend on what came of the call.
func (t *tracer) event(c *call) Event {
	e := Event{ID: c.id, TID: c.tid, FD: c.fd, Start: c.start, Other: c.other}
	e.At, e.Inherited, e.Goroutine = c.origin.place, c.origin.inherited, c.origin.goroutine
	return e
}

// copied reports what the kernel copied to an output by itself, as io.Copy to
// os.Stdout makes it do: how much, for the text was never in the program.
func (t *tracer) copied(e Event, c *call, result int64) {
	if to, ok := copies[c.name]; ok && result > 0 {
		if stream := t.files.stream(int(int32(c.args[to]))); stream != "" {
			e.Call = nil
			e.Output = &recording.Output{Stream: stream}
			e.Sent = int(result)
			t.emit(e)
		}
	}
}

// copies are the calls that let the kernel move bytes, and which argument is
// the descriptor that they go to.
var copies = map[string]int{"splice": 2, "sendfile": 0, "copy_file_range": 2, "tee": 1}

// finishLeft reports the calls that have not returned when all is over.
func (t *tracer) finishLeft() {
	slices.SortFunc(t.unfinished, func(a, b *call) int { return cmp.Compare(a.id, b.id) })
	for _, c := range t.unfinished {
		if c.other || c.stream != "" {
			continue
		}
		t.emit(t.unreturned(c))
	}
}

// unreturned is the event of a call that has not returned.
func (t *tracer) unreturned(c *call) Event {
	e := t.event(c)
	e.End = time.Since(t.Began)
	e.Call = &recording.Call{ID: c.id, Name: c.name, Args: c.text, Result: "?"}
	if c.file != nil {
		e.Call.FD = c.file.String()
		e.Socket = c.file.socket()
	}
	return e
}
