package live

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Bounds of all pages together.
const (
	atOnce = 4                // runs
	every  = 2 * time.Second  // a run may begin, in the long term
	burst  = 20               // runs, in the short term
	leave  = 10 * time.Second // for a run that was ended to be gone
)

// seats say who may run. A page has one; who comes again with the same page's
// name takes it over from the run that has it.
type seats struct {
	rate  *rate.Limiter
	mu    sync.Mutex
	taken map[string]*seat
	free  int
}

// A seat is one run's.
type seat struct {
	end  context.CancelCauseFunc
	left chan struct{} // closed when the run is gone
}

func newSeats() *seats {
	return &seats{rate: rate.NewLimiter(rate.Every(every), burst), taken: make(map[string]*seat), free: atOnce}
}

var errAgain = errors.New("the page runs something else now")

// take gives the page a seat, and a context that ends when it is taken over.
// The caller must leave.
func (s *seats) take(ctx context.Context, page string) (_ context.Context, leaves func(), err error) {
	if !s.rate.Allow() {
		return nil, nil, &refusal{http.StatusTooManyRequests, "that were many runs; wait a few seconds"}
	}
	ctx, end := context.WithCancelCause(ctx)
	mine := &seat{end: end, left: make(chan struct{})}
	for {
		s.mu.Lock()
		was := s.taken[page]
		if was == nil {
			break
		}
		s.mu.Unlock()
		was.end(errAgain)
		select {
		case <-was.left:
		case <-ctx.Done():
			end(nil)
			return nil, nil, context.Cause(ctx)
		case <-time.After(leave):
			end(nil)
			return nil, nil, &refusal{http.StatusServiceUnavailable, "the page's last run has not ended yet; try again"}
		}
	}
	defer s.mu.Unlock()
	if s.free == 0 {
		end(nil)
		return nil, nil, &refusal{http.StatusServiceUnavailable, "other pages run programs already; stop one of them"}
	}
	s.free--
	s.taken[page] = mine
	return ctx, func() {
		end(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.free++
		delete(s.taken, page)
		close(mine.left)
	}, nil
}
