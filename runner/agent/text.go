package agent

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
)

// A Text is what a program prints on one of its streams, as it comes.
type Text struct {
	also io.Writer // nil if nobody else looks on

	mu    sync.Mutex
	all   []byte
	ended bool
	more  chan struct{} // closed when there is more, or no more to come
}

func newText(also io.Writer) *Text { return &Text{also: also, more: make(chan struct{})} }

// Write takes what was printed.
func (t *Text) Write(b []byte) (int, error) {
	t.mu.Lock()
	t.all = append(t.all, b...)
	close(t.more)
	t.more = make(chan struct{})
	t.mu.Unlock()
	if t.also != nil {
		if _, err := t.also.Write(b); err != nil {
			t.also = nil // whoever looks on and fails loses the view
		}
	}
	return len(b), nil
}

// end says that there is no more to come.
func (t *Text) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	close(t.more)
	t.more = make(chan struct{})
}

// Bytes is what has been printed so far.
func (t *Text) Bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.all)
}

// Until waits until enough reports true of all that has been printed, which it
// must not keep. It fails with io.EOF if nothing more can come, and with the
// context's cause when that is done.
func (t *Text) Until(ctx context.Context, enough func(printed []byte) bool) error {
	for {
		t.mu.Lock()
		done, ended, more := enough(t.all), t.ended, t.more
		t.mu.Unlock()
		switch {
		case done:
			return nil
		case ended:
			return io.EOF
		}
		select {
		case <-more:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Line waits for a whole line that begins with the prefix, and returns the first
// such line without its newline.
func (t *Text) Line(ctx context.Context, prefix string) (line string, err error) {
	err = t.Until(ctx, func(printed []byte) bool {
		for l := range bytes.Lines(printed) {
			if rest, whole := bytes.CutSuffix(l, []byte("\n")); whole && bytes.HasPrefix(rest, []byte(prefix)) {
				line = strings.TrimSuffix(string(rest), "\r")
				return true
			}
		}
		return false
	})
	if err != nil {
		return "", fmt.Errorf("wait for a line that begins with %q: %w", prefix, err)
	}
	return line, nil
}
