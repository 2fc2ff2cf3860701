package peer

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// host serves with the peer until the test ends.
func host(t *testing.T, ln net.Listener, p Peer) *Host {
	t.Helper()
	h := Serve(soon(t), ln, p)
	t.Cleanup(func() { _, _ = h.Close() })
	return h
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

const head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

// TestAnswer has a real HTTP client ask hosts of every kind.
func TestAnswer(t *testing.T) {
	answer := func(way Way, keep bool) Answer {
		return Answer{Until: []byte("\r\n\r\n"), Send: messages(head, "hello"), Way: way, Keep: keep}
	}
	tests := []struct {
		name string
		peer Answer
		body string
		fail func(error) bool // nil: must not fail
	}{
		{"whole", answer(nil, false), "hello", nil},
		{"kept open", answer(nil, true), "hello", nil},
		{"dripped", answer(Drip{}, false), "hello", nil},
		{"coalesced", answer(Coalesce{}, false), "hello", nil},
		{"early FIN in the body", answer(FIN{N: len(head) + 2}, false), "he", func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		{"early FIN in the head", answer(FIN{N: 10}, false), "", func(err error) bool { return err != nil }},
		{"RST in the body", answer(RST{N: len(head) + 2}, false), "he", isReset},
		{"garbage", Answer{Until: []byte("\r\n\r\n"), Way: Garbage{Seed: 1, N: 500}}, "", func(err error) bool { return err != nil }},
		{"stall in the body", answer(Stall{N: len(head) + 1, For: 50 * time.Millisecond}, false), "hello", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := host(t, listen(t), test.peer)
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			body, err := get(soon(t), &client, "http://"+h.Addr().String()+"/x")
			if body != test.body || test.fail == nil && err != nil || test.fail != nil && !test.fail(err) {
				t.Errorf("body %q, error %v; want body %q", body, err, test.body)
			}
			r := h.Wait(soon(t), 1)
			if len(r) != 1 || !strings.HasPrefix(string(r[0].Got), "GET /x HTTP/1.1\r\n") {
				t.Fatalf("records %+v", r)
			}
			if r[0].Err != nil {
				t.Errorf("Err = %v", r[0].Err)
			}
		})
	}
}

func get(ctx context.Context, client *http.Client, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

// TestAnswerJudges: the request is judged as a reply is.
func TestAnswerJudges(t *testing.T) {
	h := host(t, listen(t), Answer{Until: []byte("\n"), Send: messages("ok\n"), Want: []byte("hi\n")})
	for _, test := range []struct {
		say  string
		want Ending
	}{{"hi\n", Clean}, {"ho\n", Other}, {"hi\nhi\n", Extra}, {"h", Short}} {
		conn := dial(t, h.Addr().String())
		_, _ = io.WriteString(conn, test.say)
		_ = conn.(*net.TCPConn).CloseWrite()
		b, _ := io.ReadAll(conn)
		_ = conn.Close()
		if strings.Contains(test.say, "\n") != (string(b) == "ok\n") {
			t.Errorf("said %q, was answered %q", test.say, b)
		}
	}
	records := h.Wait(soon(t), 4)
	for i, want := range []Ending{Clean, Other, Extra, Short} {
		if records[i].Ending != want {
			t.Errorf("request %d: ending %s, want %s\n%s", i, records[i].Ending, want, said(records[i]))
		}
	}
}

// TestHostSpeaksFirst: without Until an answer is a greeting.
func TestHostSpeaksFirst(t *testing.T) {
	h := host(t, listen(t), Answer{Send: messages("220 hello\r\n"), Way: Drip{}})
	conn := dial(t, h.Addr().String())
	defer func() { _ = conn.Close() }()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if line != "220 hello\r\n" || err != nil {
		t.Errorf("read %q, %v", line, err)
	}
}

// TestHostCloses: Close ends what still goes on, and waits for it.
func TestHostCloses(t *testing.T) {
	h := Serve(soon(t), listen(t), Answer{Until: []byte("never"), Send: messages("x")})
	conn := dial(t, h.Addr().String())
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "hello")
	for r := h.Wait(within(t, 50*time.Millisecond), 1); len(r) == 0; {
		r = h.Wait(within(t, 50*time.Millisecond), 1)
	}
	begun := time.Now()
	records, err := h.Close()
	if err != nil || len(records) != 1 || records[0].Peer == "" || time.Since(begun) > 10*time.Second {
		t.Errorf("Close() = %d records, %v, after %s", len(records), err, time.Since(begun))
	}
}

// TestHostContext: the end of the context ends the host.
func TestHostContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ln := listen(t)
	h := Serve(ctx, ln, NoRead{})
	cancel()
	if _, err := h.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after the end: %v, want %v", err, net.ErrClosed)
	}
}

// TestSlowAccept: the program is connected long before anyone accepts.
func TestSlowAccept(t *testing.T) {
	const wait = 500 * time.Millisecond
	slow := SlowAccept{Wait: wait}
	h := host(t, slow.Listener(listen(t)), Answer{Send: messages("late\n")})
	begun := time.Now()
	conn := dial(t, h.Addr().String())
	defer func() { _ = conn.Close() }()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 9)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read = %d, %v before anyone accepted", n, err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if line != "late\n" || err != nil || time.Since(begun) < wait*3/4 {
		t.Errorf("read %q, %v after %s, want about %s", line, err, time.Since(begun), wait)
	}
	if s := slow.String(); s != "slowaccept(wait=500ms)" {
		t.Errorf("String() = %q", s)
	}
}

func TestSlowAcceptCloses(t *testing.T) {
	ln := SlowAccept{Wait: time.Hour}.Listener(listen(t))
	accepted := make(chan error, 1)
	go func() {
		_, err := ln.Accept()
		accepted <- err
	}()
	_ = ln.Close()
	select {
	case err := <-accepted:
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept = %v, want %v", err, net.ErrClosed)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Close does not end an Accept that waits")
	}
	_ = ln.Close() // twice does no harm
}
