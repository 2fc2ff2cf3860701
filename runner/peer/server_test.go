package peer

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"
)

// TestMain ends with a look for goroutines that nobody owns any more.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before && code == 0 {
		buf := make([]byte, 1<<16)
		_, _ = os.Stderr.Write(buf[:runtime.Stack(buf, true)])
		println("goroutines left:", n-before)
		code = 1
	}
	os.Exit(code)
}

// serve has f meet every connection, and ends with the test: connections are
// closed, f must return then.
func serve(t *testing.T, f func(*net.TCPConn)) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			mu.Unlock()
			all.Go(func() {
				f(conn.(*net.TCPConn))
				_ = conn.Close()
				mu.Lock()
				delete(open, conn)
				mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		mu.Lock()
		for conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return ln.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(soon(t), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// soon is a context for what must be over quickly, on a busy machine too.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// within is a context for what lasts until its end.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

const (
	request = "PING\r\n"
	reply   = "+PONG\r\n"
)

// The servers are what students write: two good ones and many that are not.
var servers = map[string]func(*net.TCPConn){
	"answers at EOF": func(c *net.TCPConn) {
		if _, err := io.Copy(io.Discard, c); err == nil {
			_, _ = io.WriteString(c, reply)
		}
	},
	"answers a request": func(c *net.TCPConn) {
		if _, err := io.ReadFull(c, make([]byte, len(request))); err == nil {
			_, _ = io.WriteString(c, reply)
		}
	},
	"answers without reading": func(c *net.TCPConn) { _, _ = io.WriteString(c, reply) },
	"reads one byte": func(c *net.TCPConn) {
		_, _ = c.Read(make([]byte, 1))
		_, _ = io.WriteString(c, reply)
	},
	"half-closes without reading": func(c *net.TCPConn) {
		_, _ = io.WriteString(c, reply)
		_ = c.CloseWrite()
	},
	"lingers": func(c *net.TCPConn) {
		_, _ = io.WriteString(c, reply)
		_ = c.CloseWrite()
		_, _ = io.Copy(io.Discard, c)
	},
	"never closes": func(c *net.TCPConn) {
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_, _ = io.WriteString(c, reply)
		forever(c)
	},
	"never answers": forever,
	"only reads":    func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) },
	"half a reply": func(c *net.TCPConn) {
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_, _ = io.WriteString(c, reply[:3])
	},
	"half a reply, and waits": func(c *net.TCPConn) {
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_, _ = io.WriteString(c, reply[:3])
		forever(c)
	},
	"half a reply, and resets": func(c *net.TCPConn) {
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_, _ = io.WriteString(c, reply[:3])
		_ = c.SetLinger(0)
	},
	"resets": func(c *net.TCPConn) {
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_ = c.SetLinger(0)
	},
	"two replies": func(c *net.TCPConn) {
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_, _ = io.WriteString(c, reply+reply)
	},
	"another reply": func(c *net.TCPConn) {
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_, _ = io.WriteString(c, "-ERR\r\n")
	},
}

// forever reads without ever seeing the end: it goes on after EOF until the
// connection is closed under it.
func forever(c *net.TCPConn) {
	buf := make([]byte, 1024)
	for {
		_, err := c.Read(buf)
		switch {
		case errors.Is(err, io.EOF):
			// As a program does that takes EOF for "nothing yet"; it looks again
			// a little later.
			time.Sleep(time.Millisecond)
		case err != nil:
			return
		}
	}
}
