// Package run runs a lesson's program once and makes a recording of it.
//
// The services of the lab that the lesson needs run in this process while the
// program does, on ports of their own, so that programs can run side by side.
// The program has the same surroundings on every machine: an empty folder of its
// own, which is its directory, its home and its place for temporary files (a
// recording calls it /tmp), and
// an environment that holds only this:
//
//	PATH HOME TMPDIR       the usual folders of commands; its own folder
//	TZ=UTC LANG=C.UTF-8    no local time, no translated messages
//	LAB_WEB ...            where the lab's services are, see sockets/lessons/lab
//
// GOTRACEBACK and GODEBUG are not set, so that a program that panics prints what
// it prints to its readers. No proxy is set either.
//
// A run is recorded at the best level that the machine allows, see package
// agent: what the program printed; its system calls, by a tracer; and the frames on a private
// network of its own.
//
// The package doesn't build programs, doesn't store recordings, and doesn't
// render them.
package run

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/lesson"
	"sockets/runner/process"
	"sockets/runner/recording"
	"sockets/runner/temporary"
)

const (
	patience = 10 * time.Second // for a program that is to end by itself
	output   = 1 << 20          // bytes of each stream: far more than a page has room for
)

// A Spec is what to run.
type Spec struct {
	Lesson *lesson.Lesson
	Run    lesson.Run
	Binary string // path of the program, built

	Level string        // at most this level; "" is the best that there is
	Limit time.Duration // how long it may run; 0 is what the run declares, or 10 seconds

	// Watch, if not nil, is given what there is of the recording while the program
	// runs: at once when there is more, but with a pause three times as long as it
	// took itself. This is provisional: a call on its way has the result "?", a
	// stand-in may become another, and how the run ended is not there yet. Of such a
	// run no more than 50,000 calls are recorded.
	Watch func(*recording.Recording)

	Cage *cage.Limits // holds a program that is not trusted; nil is no cage

	Stdout io.Writer // also gets what is printed, as it comes; may be nil
	Stderr io.Writer // likewise
}

// A Result is a recording and what is known of its run beyond that.
type Result struct {
	Recording *recording.Recording // normalised
	Raw       *process.End         // as it was: with the dump of goroutines, and how long it took

	dirs []string // of the lesson's own files, in a trace
}

// Program runs the program to its end, at the latest its deadline. That it does
// not end as declared is no error, see [Judge]. A mistake of the author's is of
// type lesson.Mistakes; all other errors are the machine's.
func Program(ctx context.Context, s Spec) (*Result, error) {
	if ms := mistakes(s.Lesson, s.Run); len(ms) > 0 {
		return nil, ms
	}
	result, err := record(ctx, s)
	if err != nil && s.Lesson.Number == "" {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("lesson %s, run %s: %w", s.Lesson.Number, s.Run.Name, err)
	}
	return result, nil
}

func record(ctx context.Context, s Spec) (_ *Result, err error) {
	dirs, version, err := describe(s)
	if err != nil {
		return nil, err
	}
	made, err := temporary.New("run")
	if err != nil {
		return nil, fmt.Errorf("make a folder to run in: %w", err)
	}
	defer func() { err = errors.Join(err, made.Remove()) }()
	folder := made.Path
	if s.Cage != nil { // a program in it is another user, if we are root
		if err := os.Chmod(folder, 0o755); err != nil {
			return nil, fmt.Errorf("let the program into its folder: %w", err)
		}
	}
	r := running{spec: s, level: agent.Lower(agent.Level(ctx), s.Level), folder: folder, dirs: dirs, version: version}
	defer func() { err = errors.Join(err, r.lab.close()) }()
	saw, err := r.see(ctx)
	if err != nil {
		return nil, err
	}
	return &Result{Recording: r.recording(saw), Raw: saw.End, dirs: dirs}, nil
}

// recording is that of what was seen.
func (r *running) recording(saw *agent.Sight) *recording.Recording {
	s, end := r.spec, saw.End
	h := recording.Header{
		Lesson: s.Lesson.Number, Run: s.Run.Name, Program: s.Run.Program, Args: r.args,
		Level: r.level, Go: r.version, OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernel(), Lab: r.lab.addresses(), Hosts: r.lab.hosts(),
		End: recording.End{Exit: end.Code, Signal: end.Signal, Cut: end.Cut},
	}
	if end.Late || end.Cut {
		// How we ended it is not how it ended.
		h.End.Exit, h.End.Signal = -1, ""
	}
	if end.Late {
		h.End.Deadline = s.limit().String()
	}
	return saw.Record(h, func(text string) string { return shown(text, r.folder) }, r.dirs)
}

// shown is the text with the program's folder called /tmp, as it would be if a
// reader ran the program.
func shown(text, folder string) string {
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		text = strings.ReplaceAll(text, real, "/tmp")
	}
	return strings.ReplaceAll(text, folder, "/tmp")
}

// limit is how long the run may take, or is declared to take at least.
func (s Spec) limit() time.Duration {
	switch {
	case s.Run.Expect.Deadline > 0:
		return s.Run.Expect.Deadline
	case s.Limit > 0:
		return s.Limit
	}
	return patience
}

// describe reads from the binary how the lesson's files are called in a trace,
// and the version of Go that built it.
func describe(s Spec) (dirs []string, version string, err error) {
	info, err := buildinfo.ReadFile(s.Binary)
	if err != nil {
		return nil, "", fmt.Errorf("read build information: %w", err)
	}
	dir, err := filepath.Abs(s.Lesson.Dir)
	if err != nil {
		return nil, "", fmt.Errorf("find the lesson: %w", err)
	}
	dirs = append(dirs, filepath.ToSlash(dir))
	if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
		dirs = append(dirs, filepath.ToSlash(real))
	}
	// A program built with -trimpath has import paths instead.
	below := strings.TrimPrefix(s.Run.Package(), ".")
	dirs = append(dirs, strings.TrimSuffix(info.Path, below))
	version, _, _ = strings.Cut(info.GoVersion, " ") // experiments follow
	return dirs, version, nil
}

// environment is what every program gets, with its folder.
func environment(dir string) []string {
	env := []string{"HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "TZ=UTC"}
	if runtime.GOOS == "windows" {
		return append(env, "USERPROFILE="+dir, "TMP="+dir, "TEMP="+dir, "PATH="+os.Getenv("PATH"))
	}
	return append(env, "PATH=/usr/local/bin:/usr/bin:/bin")
}
