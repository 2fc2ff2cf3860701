// Package process runs a program with limits and a sure end. It is the only
// package that starts processes.
//
// A program gets exactly the environment and the directory it is given, nothing
// on stdin, and a process group of its own. It may print a bounded number of
// bytes and may run until a deadline. At the deadline it gets SIGQUIT, upon which
// a Go program prints where its goroutines stand, and a second later SIGKILL.
// When it has ended, in whichever way, what it left running is killed too:
//
//   - On Linux these are the processes of its group and, through /proc, all that
//     carry the run's mark in their environment, so a child that called setsid is
//     found as well. Only a process that left the group and also cleared its
//     environment escapes. If the caller itself is killed, the kernel kills the
//     program, but not the program's children.
//   - On other Unix systems these are the processes of its group.
//   - On Windows the program alone is killed, and there is no SIGQUIT.
//
// The package does not confine a program: it may read, write and dial what its
// user may. It does not judge how a program ended, either.
package process

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A Command is a program to run, and its limits.
type Command struct {
	Path   string        // of the program; a name without a slash is looked up in PATH
	Args   []string      // its arguments, without its name
	Dir    string        // where it starts; "" is the caller's directory
	Env    []string      // its whole environment, but for the run's mark
	Limit  time.Duration // how long it may run; 0 means as long as the context
	Output int           // bytes kept of each stream; printing more ends it; 0 means 1 MiB

	Stdout io.Writer // also gets what is printed, as it comes; may be nil
	Stderr io.Writer // likewise

	Files      []*os.File                 // inherited as descriptors 3, 4 and so on
	Attributes func(*syscall.SysProcAttr) // asks for more of the kernel, such as namespaces; may be nil
}

// Marked is the run's mark as it stands in the environment of this process,
// for the environment of another that is to belong to the same run; empty if
// this process belongs to none.
func Marked() []string {
	if value, ok := os.LookupEnv(strings.TrimSuffix(mark, "=")); ok {
		return []string{mark + value}
	}
	return nil
}

// An End is how a program ended and what it printed until then.
type End struct {
	Code   int    // its exit code, -1 if it did not exit by itself
	Signal string // "SIGSEGV", if a signal ended it
	Late   bool   // it was still going at the limit; its end is our doing
	Cut    bool   // it printed more than Output before that; its end is our doing

	Stdout, Stderr []byte

	Stragglers int // processes that it had left running, killed

	Wall, User, System time.Duration
}

const (
	output = 1 << 20         // bytes kept of a stream, unless the Command says otherwise
	grace  = time.Second     // from SIGQUIT to SIGKILL
	sweep  = 2 * time.Second // for what was killed to be gone
	drain  = time.Second     // for a pipe to end when all that held it should be gone
	mark   = "SOCKETS_RUN="  // in the environment of all processes of a run
)

// Run runs the command to its end, and leaves nothing of it behind. It fails if
// the program can't be started, if something of it can't be ended, or when the
// context is done, which ends the program at once.
func Run(ctx context.Context, c Command) (*End, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(c.Path), context.Cause(ctx))
	}
	// The kernel kills the program when the thread that started it ends, not when
	// the whole caller does. Threads of Go end with a goroutine that locked them,
	// so this goroutine keeps the thread to itself until the program has ended.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	t, err := start(c)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(c.Path), err)
	}
	end, err := t.end(ctx, c.Limit)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", filepath.Base(c.Path), err)
	}
	return end, nil
}

// A tree is a running program and what it started.
type tree struct {
	cmd            *exec.Cmd
	mark           []byte // as it stands in the environment of its processes
	began          time.Time
	stdout, stderr *stream
	full           chan struct{} // gets a value from a stream that is full
}

func start(c Command) (*tree, error) {
	path := c.Path
	if filepath.Base(path) == path {
		var err error
		if path, err = exec.LookPath(path); err != nil {
			return nil, err
		}
	}
	closeOnExec()
	t := &tree{mark: []byte(mark + rand.Text()), full: make(chan struct{}, 2)}
	limit := c.Output
	if limit == 0 {
		limit = output
	}
	stdout, stdoutEnd, err := newStream(limit, c.Stdout)
	if err != nil {
		return nil, err
	}
	stderr, stderrEnd, err := newStream(limit, c.Stderr)
	if err != nil {
		return nil, errors.Join(err, stdout.pipe.Close(), stdoutEnd.Close())
	}
	t.stdout, t.stderr = stdout, stderr
	// A nil Env would mean ours, hence the copy that is never nil.
	t.cmd = &exec.Cmd{
		Path: path, Args: append([]string{c.Path}, c.Args...), Dir: c.Dir,
		Env:    append([]string{string(t.mark)}, c.Env...),
		Stdout: stdoutEnd, Stderr: stderrEnd, SysProcAttr: attributes(),
		ExtraFiles: c.Files,
	}
	if c.Attributes != nil {
		c.Attributes(t.cmd.SysProcAttr)
	}
	t.began = time.Now()
	err = t.cmd.Start()
	// The program has the ends it writes to; ours would keep the pipes open.
	err = errors.Join(err, stdoutEnd.Close(), stderrEnd.Close())
	if err != nil {
		return nil, errors.Join(err, stdout.pipe.Close(), stderr.pipe.Close())
	}
	go stdout.read(t.full)
	go stderr.read(t.full)
	return t, nil
}

// end waits for the program to end, makes it end when it must, and cleans up.
func (t *tree) end(ctx context.Context, limit time.Duration) (*End, error) {
	ended := make(chan error, 1)
	go func() { ended <- t.await() }()
	var late, kill <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	var e End
	var waited, stopped error
	for going, done := true, ctx.Done(); going; {
		select {
		case waited = <-ended:
			going = false
		case <-late:
			e.Late = true
			t.quit()
			timer := time.NewTimer(grace)
			defer timer.Stop()
			kill = timer.C
		case <-t.full:
			t.kill()
		case <-kill:
			t.kill()
		case <-done:
			done, stopped = nil, context.Cause(ctx)
			t.kill()
		}
	}
	e.Wall = time.Since(t.began)
	cleaned := t.clean(&e)
	t.stdout.finish()
	t.stderr.finish()
	if err := errors.Join(stopped, waited, cleaned); err != nil {
		return nil, err
	}
	// After the limit it is the dump of its goroutines that is long.
	e.Cut = !e.Late && (t.stdout.cut || t.stderr.cut)
	e.Stdout, e.Stderr = t.stdout.text, t.stderr.text
	e.describe(t.cmd.ProcessState)
	return &e, nil
}

// reap takes the program's end from the kernel. How it ended is no failure.
func (t *tree) reap() error {
	err := t.cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil
	}
	return err
}

func (e *End) describe(s *os.ProcessState) {
	e.Code, e.User, e.System = s.ExitCode(), s.UserTime(), s.SystemTime()
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		e.Signal = signalName(w.Signal())
	}
}
