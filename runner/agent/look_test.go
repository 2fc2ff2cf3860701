//go:build linux

package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sockets/runner/pocket"
	"sockets/runner/recording"
)

// asking starts a program that asks a peer of ours, which the test then is.
func (p place) asking(t *testing.T) (*Running, net.Conn, []string) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s := p.spec(t, "asks", func(o *Order) { o.Dirs = []string{here} })
	up, listener := s.Up, net.Listener(nil)
	s.Live = true
	s.Up = func(ctx context.Context, q *pocket.Pocket) (Order, error) {
		o, err := up(ctx, q)
		if err != nil {
			return o, err
		}
		if q != nil {
			listener, err = q.Listen(ctx, "tcp", "192.0.2.1:7")
		} else {
			listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		}
		if err == nil {
			o.Args = []string{listener.Addr().String()}
		}
		return o, err
	}
	r, err := Start(t.Context(), s)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	if err := listener.(interface{ SetDeadline(time.Time) error }).SetDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatalf("Accept: %v", err)
	}
	t.Cleanup(func() { _ = errors.Join(conn.Close(), listener.Close()) })
	return r, conn, []string{here}
}

// texts is the events in words that don't change when a call returns.
func texts(r *recording.Recording) (all []string) {
	for _, e := range r.Events {
		switch {
		case e.Output != nil:
			all = append(all, "printed "+e.Output.Text)
		case e.Call != nil:
			all = append(all, fmt.Sprintf("call %d %s", e.Call.ID, e.Call.Name))
		default:
			all = append(all, fmt.Sprintf("frame %d %s", e.Frame.N, e.Frame.Summary))
		}
	}
	return all
}

// looked looks until the program has done what each of the words stands for.
func looked(t *testing.T, r *Running, dirs []string, words ...string) (seen []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for n := 0; ; {
		s, now, err := r.Look(ctx, n)
		if err != nil {
			t.Fatalf("Look = %v, before there was all of %q in %q", err, words, seen)
		}
		if now <= n {
			t.Fatalf("Look(%d) = %d, want more", n, now)
		}
		n, seen = now, texts(s.Record(recording.Header{}, strings.Clone, dirs))
		all := strings.Join(seen, "\n")
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) }) {
			return seen
		}
	}
}

// TestLook has a program wait for a peer that answers only when everything the
// program did until then was seen, in the order of the recording.
func TestLook(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		if p.blindly {
			return // there is nothing to be seen
		}
		r, conn, dirs := p.asking(t)
		words := []string{"printed asking", "connect", "write", "read"}
		if p.pocket {
			words = append(words, "frame 1 SYN", "frame 4 PSH,ACK")
		}
		seen := looked(t, r, dirs, words...)
		if _, err := conn.Write([]byte("!")); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		final := texts(wait(t, r).Record(recording.Header{}, strings.Clone, dirs))
		at := 0
		for _, text := range seen {
			i := slices.Index(final[at:], text)
			if i < 0 {
				t.Fatalf("%q was seen at another place than it is recorded at:\n%s\nrecorded:\n%s", text, strings.Join(seen, "\n"), strings.Join(final, "\n"))
			}
			at += i + 1
		}
		if slices.Contains(seen, "printed got !\n") || !slices.Contains(final, "printed got !\n") {
			t.Errorf("the end was seen before it was there, or not at all: %q, %q", seen, final)
		}
		if _, _, err := r.Look(t.Context(), 1<<30); !errors.Is(err, io.EOF) {
			t.Errorf("Look at what is over = %v, want io.EOF", err)
		}
	})
}

// TestLookAtWait sees a call that has not returned.
func TestLookAtWait(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		t.Helper()
		if p.blindly {
			return
		}
		here, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		s := p.spec(t, "reads a pipe", func(o *Order) { o.Dirs = []string{here} })
		s.Live = true
		r, err := Start(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		for n, waits := 0, false; !waits; {
			saw, now, err := r.Look(ctx, n)
			if err != nil {
				t.Fatalf("Look = %v, before the read was seen", err)
			}
			n = now
			for _, e := range saw.Events {
				waits = waits || e.Call != nil && e.Call.Name == "read" && e.Call.Result == "?"
			}
		}
		began := time.Now()
		if err := r.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		t.Logf("it was gone after %v", time.Since(began))
		if _, err := r.Usage(t.Context()); !errors.Is(err, ErrEnded) {
			t.Errorf("Usage after Close = %v, want ErrEnded", err)
		}
	})
}

func readsPipe() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	r.Fd() // from now on a read blocks in the call itself
	_, err = r.Read(make([]byte, 1))
	return errors.Join(err, w.Close())
}
