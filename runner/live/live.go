// Package live runs a lesson's program for somebody who reads its page: with
// other arguments, with other faults of the wire, with another text, and shows
// what happens while it happens.
//
//	GET  /live/run/04        the panel, HTML that site/live/run.js puts into the page
//	POST /live/run/04        a [Request]; the answer is a stream of [Message]s
//	POST /live/run/04/diff   how a text differs from main.go, as HTML
//
// A run is one request: it is over when the answer is, and whoever hangs up ends
// it, with all that it started, in far less than a second. A page has one run at
// a time; another one ends it first. All pages together have few, and start few
// a minute.
//
// What is streamed is HTML of the same cells that the lesson's page is made of,
// see [page.Show]: while the program runs, of what there is so far, and at the
// end of the recording. A message has only the parts that have changed.
//
// The lesson's own program runs as `runner run` has it. A text that the reader
// changed is a stranger's: it is built in a cage and runs in one, or not at all
// where the machine has none. Either way it talks to the lab, on a private
// network. Where there is no such network, the arguments are those that the lesson
// declares, or stand for the lab, so that nothing can be reached but the lab.
//
// The package writes nothing into a lesson's folder, and keeps nothing of a run.
// It does not ask who sends a request: that is the server's to know.
package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"sockets/runner/agent"
	"sockets/runner/compile"
	"sockets/runner/handin"
	"sockets/runner/lesson"
	"sockets/runner/recording"
	"sockets/runner/temporary"
)

// A Room is where runs of a checkout's lessons are made.
type Room struct {
	root   string
	level  string
	caged  error // why changed programs can't run here; nil if they can
	made   *temporary.Folder
	folder string // its path
	seats  *seats

	building sync.Mutex // guards binaries of lessons; the go command is quick when they are new
	handing  func() (*handin.Builder, error)
}

// New makes a room. The caller must Close it, when no request is left in it.
func New(ctx context.Context, root string) (*Room, error) {
	made, err := temporary.New("live")
	if err != nil {
		return nil, fmt.Errorf("make a folder for binaries: %w", err)
	}
	if err := os.Chmod(made.Path, 0o755); err != nil { // for the user of a cage, if we are root
		return nil, errors.Join(err, made.Remove())
	}
	r := &Room{root: root, level: agent.Level(ctx), made: made, folder: made.Path, seats: newSeats()}
	if r.caged = agent.Probe(ctx).Cage; r.caged == nil && r.level != recording.LevelFull {
		r.caged = errors.New("a lower level was asked for")
	}
	r.handing = sync.OnceValues(func() (*handin.Builder, error) {
		return handin.NewBuilder(context.WithoutCancel(ctx), root, filepath.Join(root, ".cache", "handin"))
	})
	return r, nil
}

// Close removes what the room has made.
func (r *Room) Close() error { return r.made.Remove() }

// Routes are the paths that lead into the room.
func (r *Room) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /live/run/{lesson}":       r.panel,
		"POST /live/run/{lesson}":      r.run,
		"POST /live/run/{lesson}/diff": r.diff,
	}
}

// mainFile is the one file of a lesson's program, and of a pitfall.
const mainFile = "main.go"

// A program is a lesson as it is now, and the text of its program.
type program struct {
	*lesson.Lesson
	text []byte
}

// errNoLesson is why there is nothing to run.
var errNoLesson = errors.New("there is no such lesson")

// program reads the lesson with that number.
func (r *Room) program(number string) (*program, error) {
	numbers, err := lesson.Numbers(filepath.Join(r.root, "lessons"))
	if err != nil {
		return nil, err
	}
	for _, n := range numbers {
		if n != number {
			continue
		}
		l, mistakes := lesson.Load(filepath.Join(r.root, "lessons", n))
		if err := mistakes.Err(); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(filepath.Join(l.Dir, mainFile))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errNoLesson
		}
		return &program{l, text}, err
	}
	return nil, errNoLesson
}

// build is the lesson's own program as a binary.
func (r *Room) build(ctx context.Context, p *program) (string, error) {
	r.building.Lock()
	defer r.building.Unlock()
	dir := "./lessons/" + p.Number
	binaries, err := compile.Build(ctx, r.root, filepath.Join(r.folder, "own"), []string{dir})
	return binaries[dir], err
}

// runs are the runs of the lesson's own program, which can be made again.
func (p *program) runs() []lesson.Run {
	var all []lesson.Run
	for _, run := range p.Runs {
		if run.Program == mainFile {
			all = append(all, run)
		}
	}
	return all
}

// runsHere says why the lesson can't run on this system; nil if it can.
func (p *program) runsHere() error {
	if p.RunsOn(runtime.GOOS) {
		return nil
	}
	return &refusal{http.StatusConflict, "this lesson's program does not run on " + runtime.GOOS}
}
