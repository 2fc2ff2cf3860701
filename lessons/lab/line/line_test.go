package line_test

import (
	"io"
	"runtime"
	"testing"

	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/line"
	"sockets/lessons/lab/text"
)

func TestServe(t *testing.T) {
	r := labtest.Start(t, line.Service)
	if runtime.GOOS != "windows" && r.Path == "" {
		t.Error("no UNIX socket")
	}
	for _, c := range []struct{ network, addr, say string }{
		{"tcp4", r.Addr, ""},
		{"tcp6", r.Addr6, ""},
		{"unix", r.Path, ""},
		// What we say must not cost us the answer.
		{"tcp4", r.Addr, "GET / HTTP/1.0\r\n\r\n"},
		{"unix", r.Path, "GET / HTTP/1.0\r\n\r\n"},
	} {
		if c.addr == "" {
			continue
		}
		conn := labtest.Dial(t, c.network, c.addr)
		if _, err := io.WriteString(conn, c.say); err != nil {
			t.Error(err)
		}
		got, err := io.ReadAll(conn)
		if err != nil || string(got) != text.Lines {
			t.Errorf("%s, saying %q: %d bytes and %v, want %d", c.network, c.say, len(got), err, len(text.Lines))
		}
	}
}
