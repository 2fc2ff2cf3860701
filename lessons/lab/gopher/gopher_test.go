package gopher_test

import (
	"io"
	"strings"
	"testing"

	"sockets/lessons/lab/gopher"
	"sockets/lessons/lab/labtest"
	"sockets/lessons/lab/text"
)

func TestServe(t *testing.T) {
	r := labtest.Start(t, gopher.Service)
	for _, c := range []struct {
		name, request string
		lines         int
		first, last   string
	}{
		{"menu", "\r\n", 7, "0About this server\t/about\tgopher.lab.test\t70\r\n", ".\r\n"},
		{"a bare newline", "/about\n", 7, "This is a Gopher server, with the protocol of RFC 1436.\r\n", ".\r\n"},
		{"a search is cut off", "/types\twords\r\n", 8, "The first character of a menu's line says what is behind it:\r\n", ".\r\n"},
		{"missing", "/missing\r\n", 2, "3There is no \"/missing\" here\t\tgopher.lab.test\t70\r\n", ".\r\n"},
		{"terminal escapes", "\x1b[2J\r\n", 2, "3There is no \"\\x1b[2J\" here\t\tgopher.lab.test\t70\r\n", ".\r\n"},
		{"nothing", "", 1, "", ""},
		{"no end", strings.Repeat("x", 4000), 1, "", ""},
		{"more than a line", "/lines\r\nHost: there\r\n\r\n" + strings.Repeat("x", 4000), 104, "", ".\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := labtest.Dial(t, "tcp", r.Addr)
			if _, err := io.WriteString(conn, c.request); err != nil {
				t.Fatal(err)
			}
			if c.request == "" {
				if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
					t.Fatal(err)
				}
			}
			got, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(strings.TrimSuffix(string(got), "\r\n"), "\n")
			if len(lines) != c.lines || !strings.HasPrefix(string(got), c.first) || !strings.HasSuffix(string(got), c.last) {
				t.Errorf("got %d lines:\n%s\nwant %d, from %q to %q", len(lines), got, c.lines, c.first, c.last)
			}
		})
	}
}

// What is dotted and undotted comes back as it was.
func TestDots(t *testing.T) {
	r := labtest.Start(t, gopher.Service)
	for selector, want := range map[string]string{
		"/lines": strings.ReplaceAll(text.Lines, "\n", "\r\n"),
		"/end":   "\r\n..\r\n",
	} {
		conn := labtest.Dial(t, "tcp", r.Addr)
		if _, err := io.WriteString(conn, selector+"\r\n"); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(got), want) {
			t.Errorf("%s: got %q, want it to hold %q", selector, got, want)
		}
	}
}
