package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/text"
	"sockets/lessons/lab/web"
)

// Every byte of an answer is the same each time.
func TestExact(t *testing.T) {
	for _, c := range []struct{ request, want string }{
		{
			"GET /lines HTTP/1.0\r\n\r\n",
			"HTTP/1.0 200 OK\r\nContent-Length: 8045\r\nContent-Type: text/plain; charset=utf-8\r\n" +
				"Server: lab\r\n\r\n" + text.Lines,
		},
		{
			"HEAD /large HTTP/1.0\r\n\r\n",
			"HTTP/1.0 200 OK\r\nContent-Length: 10485760\r\nContent-Type: text/plain; charset=utf-8\r\n" +
				"Server: lab\r\n\r\n",
		},
		{
			"GET /slow HTTP/1.0\r\n\r\n",
			"HTTP/1.0 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nServer: lab\r\n\r\n" +
				"part 1 of 5\npart 2 of 5\npart 3 of 5\npart 4 of 5\npart 5 of 5\n",
		},
		{
			"GET /nothing HTTP/1.0\r\n\r\n",
			"HTTP/1.0 404 Not Found\r\nContent-Length: 23\r\nContent-Type: text/plain; charset=utf-8\r\n" +
				"Server: lab\r\n\r\nThere is nothing here.\n",
		},
	} {
		t.Run(strings.Fields(c.request)[1], func(t *testing.T) {
			conn := labtest.Dial(t, "tcp", labtest.Start(t, web.Service).Addr)
			if _, err := io.WriteString(conn, c.request); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// HTTP/1.1 keeps the connection, also after a page of unknown length.
func TestKept(t *testing.T) {
	conn := labtest.Dial(t, "tcp", labtest.Start(t, web.Service).Addr)
	r := bufio.NewReader(conn)
	for _, c := range []struct {
		path    string
		length  int64
		chunked bool
	}{
		{"/", 306, false},
		{"/slow", 60, true},
		{"/large", 10 << 20, false},
		{"/lines", 8045, false},
	} {
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: www.lab.test\r\n\r\n", c.path); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		if err != nil || n != c.length {
			t.Errorf("%s: %d bytes and %v, want %d", c.path, n, err, c.length)
		}
		if chunked := resp.ContentLength < 0; chunked != c.chunked {
			t.Errorf("%s: sent in chunks: %t, want %t", c.path, chunked, c.chunked)
		}
		if resp.Close || resp.Header.Get("Date") != "" || resp.Header.Get("Server") != "lab" {
			t.Errorf("%s: close %t, header %v", c.path, resp.Close, resp.Header)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
