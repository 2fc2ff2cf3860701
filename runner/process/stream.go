package process

import (
	"io"
	"os"
	"time"
)

// A stream is what a program prints on stdout or stderr.
type stream struct {
	pipe  *os.File
	limit int
	also  io.Writer // nil if nobody looks on

	done chan struct{} // closed when the following is there to be read
	text []byte
	cut  bool
}

// newStream makes a stream, and the end of its pipe that the program writes to.
func newStream(limit int, also io.Writer) (*stream, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return &stream{pipe: r, limit: limit, also: also, done: make(chan struct{})}, w, nil
}

// read reads until nobody can write to the pipe any more, or finish gives up.
// Past the limit it goes on and drops what it reads: a program that waits for
// room in the pipe would not see its end coming any sooner.
func (s *stream) read(full chan<- struct{}) {
	defer close(s.done)
	buf := make([]byte, 16<<10)
	for {
		n, err := s.pipe.Read(buf)
		keep := buf[:min(n, s.limit-len(s.text))]
		s.text = append(s.text, keep...)
		if s.also != nil && len(keep) > 0 {
			// Whoever looks on and fails loses the view; the run goes on.
			if _, err := s.also.Write(keep); err != nil {
				s.also = nil
			}
		}
		if len(keep) < n && !s.cut {
			s.cut = true
			full <- struct{}{}
		}
		if err != nil {
			return
		}
	}
}

// finish waits for the rest of the stream. All that could write to it should be
// gone by now; what is not must not make us wait for ever.
func (s *stream) finish() {
	if s.pipe.SetReadDeadline(time.Now().Add(drain)) != nil {
		// Not a pipe that can time out (Windows).
		timer := time.AfterFunc(drain, func() { _ = s.pipe.Close() })
		defer timer.Stop()
	}
	<-s.done
	_ = s.pipe.Close()
}
