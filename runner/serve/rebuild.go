package serve

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sockets/runner/build"
	"sockets/runner/lesson"
	"sockets/runner/watch"
)

// A State is how the site that is shown stands to the files on the disk.
type State string

// The states of the site.
const (
	Building State = "building" // it is being made again
	Good     State = "good"     // it is what the files say
	Bad      State = "bad"      // the files say no site; the last good one is shown
)

// A Status is what a page can tell about the making of the site.
type Status struct {
	State    State     `json:"state"`
	Runs     string    `json:"runs,omitempty"`     // what ran last, "3 of 9: 04 timeout"
	Problems []Problem `json:"problems,omitempty"` // why it is bad
	Stale    bool      `json:"stale,omitempty"`    // the runner's own files changed: only a new one is built of them
}

// A Problem is an author's mistake.
type Problem struct {
	File string `json:"file,omitempty"` // relative to the root
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

// A hello is what a page is told when it begins to listen.
type hello struct {
	Version string `json:"version"`
	Status  Status `json:"status"`
}

func (s *Server) hello() hello {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := hello{Status: s.status}
	if now := s.shown.Load(); now != nil {
		h.Version = now.version
	}
	return h
}

// tell changes the status, and tells all pages.
func (s *Server) tell(change func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
	s.Publish("status", s.status)
}

// A pages event says which files of the site are not as before.
type pages struct {
	Version string   `json:"version"`
	Changed []string `json:"changed"`
}

// rebuild makes the site, and again whenever files change, until the context is
// done. A change in the middle begins anew: what ran to its end by then is kept.
func (s *Server) rebuild(ctx context.Context) error {
	w, err := watch.Open(watch.Tree{Folders: []string{s.config.Root}, Skip: s.skip, Poll: s.config.Poll})
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	if polls, why := w.Polls(); polls && why != nil {
		s.logf("looking for changes every now and then: %v", why)
	}
	s.sketch(ctx)
	shop := build.NewWorkshop(s.options(s.config.Replay))
	for {
		making, cancel := context.WithCancel(ctx)
		made := make(chan struct{})
		go func() {
			defer close(made)
			s.remake(making, shop)
		}()
		changed, err := w.Next(ctx)
		cancel()
		<-made
		if err != nil {
			return err
		}
		if slices.ContainsFunc(changed, s.ours) {
			s.tell(func(st *Status) { st.Stale = true })
		}
	}
}

// sketch shows the site as the recordings in the tree have it, at once, until the
// lessons have run. What is wrong with it shows when they have.
func (s *Server) sketch(ctx context.Context) {
	if s.config.Replay {
		return
	}
	shop := build.NewWorkshop(s.options(true))
	if files, err := shop.Site(ctx); err == nil {
		_ = s.put(files, shop)
	}
}

// remake makes the site as the files are now.
func (s *Server) remake(ctx context.Context, shop *build.Workshop) {
	s.tell(func(st *Status) { st.State, st.Runs = Building, "" })
	files, err := shop.Site(ctx)
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		err = s.put(files, shop)
	}
	if err != nil {
		s.logf("%v", err)
	}
	s.tell(func(st *Status) {
		st.State, st.Runs, st.Problems = Good, "", nil
		if err != nil {
			st.State, st.Problems = Bad, problems(err)
		}
	})
}

// put shows the site, and tells the pages that changed.
func (s *Server) put(files map[string][]byte, shop *build.Workshop) error {
	changed, err := s.show(files, shop)
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		slices.Sort(changed)
		s.Publish("pages", pages{s.shown.Load().version, changed})
	}
	return nil
}

func (s *Server) options(replay bool) build.Options {
	o := build.Options{Root: s.config.Root, Replay: replay, Jobs: s.config.Jobs}
	if !replay {
		o.Step = func(b build.Step) {
			if b.How == "ran" {
				s.tell(func(st *Status) { st.Runs = fmt.Sprintf("%d of %d: %s %s", b.Done, b.Total, b.Lesson, b.Run) })
			}
		}
	}
	return o
}

// skip reports whether no change of the file is one of the site.
func (s *Server) skip(path string) bool {
	rel, err := filepath.Rel(s.config.Root, path)
	if err != nil {
		return true
	}
	return rel != "." && strings.HasPrefix(filepath.Base(rel), ".") || filepath.ToSlash(rel) == "site/public"
}

// ours reports whether the file is one that the runner itself is built of.
func (s *Server) ours(path string) bool {
	rel, err := filepath.Rel(s.config.Root, path)
	rel = filepath.ToSlash(rel)
	return err == nil && (strings.HasPrefix(rel, "runner/") || strings.HasPrefix(rel, "site/") || rel == "go.mod")
}

// position is how the go command begins a line about a place in a file.
var position = regexp.MustCompile(`^([^\s:]+\.go):(\d+):(?:\d+:)? (.*)$`)

// problems are what the author reads of the error, one for each mistake in it.
func problems(err error) []Problem {
	var ps []Problem
	var mistakes lesson.Mistakes
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			ps = append(ps, Problem{m.File, m.Line, m.What + "; " + m.Right})
		}
		return ps
	}
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimRight(line, "\n")
		switch at := position.FindStringSubmatch(line); {
		case at != nil:
			n, _ := strconv.Atoi(at[2])
			ps = append(ps, Problem{at[1], n, at[3]})
		case strings.HasPrefix(line, "# ") || strings.TrimSpace(line) == "":
		case len(ps) > 0 && ps[len(ps)-1].File == "" && (line[0] == ' ' || line[0] == '\t'):
			ps[len(ps)-1].Text += "\n" + line
		default:
			ps = append(ps, Problem{Text: line})
		}
	}
	return ps
}
