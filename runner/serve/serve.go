// Package serve is the living site: the pages as package build makes them, made
// again whenever a file of the lessons is saved, and told to the browser.
//
//	watch --what changed--> workshop --files--> shown --> a browser's GET
//	                            \--events--> hub -------> its /live/events
//
// What is served is kept in memory; no path of a request ever meets the disk.
// Only who has the token of the first URL is served, and only to pages of this
// server's own, see guard.go.
//
// A feature adds its routes to [Server.routes], its script, which lies in
// site/live, to scripts, and tells pages what happens with [Server.Publish].
// Handlers are behind the guard already. What goes on beyond a request is started
// with [Server.Go], and ends with the context that it is given: the server's.
//
// The package renders nothing itself, and starts no program itself.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"sockets/runner/live"
	"sockets/runner/practice"
)

// A Config says what to serve, and where. Root and Addr are needed.
type Config struct {
	Root   string        // the checkout
	Addr   string        // "127.0.0.1:8000"; port 0 is a free one
	Poll   time.Duration // look for changes so often, instead of being told; 0 is being told
	Replay bool          // run nothing: the recordings in the tree are shown
	Jobs   int           // runs at the same time; 0 is one a processor
	Log    io.Writer     // what happens, a line each; nil is nowhere

	patience time.Duration // with a connection; 0 is 10 s
}

// A Server serves from Listen to the end of Serve.
type Server struct {
	config   Config
	listener net.Listener
	guard    *guard
	hub      hub
	room     *live.Room
	practice practice.Room
	shown    atomic.Pointer[shown]

	mu     sync.Mutex
	status Status

	ctx   context.Context // of all that Go starts
	end   context.CancelCauseFunc
	tasks sync.WaitGroup
}

// limits of a server that one person uses.
const (
	maxConns  = 64
	maxHeader = 16 << 10
	idle      = 2 * time.Minute // between two of a connection
	parting   = 500 * time.Millisecond
)

// Listen takes the address. Nothing is answered before Serve.
func Listen(ctx context.Context, c Config) (*Server, error) {
	if c.Log == nil {
		c.Log = io.Discard
	}
	if c.patience == 0 {
		c.patience = 10 * time.Second
	}
	room, err := live.New(ctx, c.Root)
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		_ = room.Close() // the address is what there is to say
		return nil, fmt.Errorf("serve on %s: %w; --addr 127.0.0.1:0 takes any free port", c.Addr, err)
	}
	s := &Server{config: c, listener: l, room: room, guard: newGuard(l.Addr()), status: Status{State: Building}}
	s.practice = practice.Room{
		Root: c.Root, Poll: c.Poll,
		Publish: func(st practice.State) { s.Publish("exercise", st) },
	}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	return s, nil
}

// URL is where a browser begins. It holds the token: who knows it may do what
// the user may.
func (s *Server) URL() string { return s.guard.url() }

// Serve answers requests and makes the site again when it changes, until the
// context is done. Then all that was begun has ended.
func (s *Server) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.end(context.Cause(ctx)) })
	defer stop()
	server := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: s.config.patience, ReadTimeout: 3 * s.config.patience, WriteTimeout: 6 * s.config.patience,
		IdleTimeout: idle, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return s.ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(netutil.LimitListener(s.listener, maxConns)) }()
	s.Go(func(ctx context.Context) {
		if err := s.rebuild(ctx); err != nil && ctx.Err() == nil {
			s.end(err)
		}
	})
	s.Go(func(ctx context.Context) {
		if err := s.practice.Run(ctx); err != nil && ctx.Err() == nil {
			s.logf("exercises are not judged: %v", err)
		}
	})
	var err error
	select {
	case <-s.ctx.Done():
		if ctx.Err() == nil {
			err = context.Cause(s.ctx)
		}
	case err = <-failed:
		s.end(err)
	}
	parted, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	if server.Shutdown(parted) != nil {
		_ = server.Close() // of those who were not done in time
	}
	s.tasks.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, s.room.Close())
}

// Go runs the task beside the requests. Its context is done when the server
// ends, and the server ends only after it.
func (s *Server) Go(task func(context.Context)) {
	s.tasks.Add(1)
	go func() {
		defer s.tasks.Done()
		task(s.ctx)
	}()
}

// routes are what is served besides the pages. All are behind the guard.
func (s *Server) routes() map[string]http.HandlerFunc {
	all := map[string]http.HandlerFunc{
		"GET /live/events": s.events,
	}
	maps.Copy(all, s.room.Routes())
	maps.Copy(all, s.practice.Routes())
	return all
}

// scripts are loaded by every page, in this order.
var scripts = []string{"live/live.js", "live/editor.js", "live/run.js", "live/exercise.js"}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", s.page)
	for pattern, h := range s.routes() {
		mux.HandleFunc(pattern, h)
	}
	return s.guard.around(mux)
}

// logf writes a line of what happens.
func (s *Server) logf(format string, args ...any) {
	fmt.Fprintf(s.config.Log, format+"\n", args...)
}
