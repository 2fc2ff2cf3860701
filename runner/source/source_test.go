package source

import (
	"errors"
	"strings"
	"testing"
)

const program = `//go:build unix

// Program dial dials.
package main

import (
	"fmt"
	"net"
)

const (
	host = "127.0.0.1"
	port = 80
)

// A conn is wrapped.
type conn[T any] struct {
	net.Conn

	t T
}

// Read reads.
func (c *conn[T]) Read(b []byte) (int, error) {
	return c.Conn.Read(b)
}

func main() {
	// Dial it.
	c, err := net.Dial("tcp", host)
	if err != nil {

		fmt.Println(err)
	}

	fmt.Println(c)
	fmt.Print(` + "`a\n\nb`" + `)

	fmt.Println("bye")
}

func empty() {}
`

func parse(t *testing.T) *File {
	t.Helper()
	f, err := Parse("main.go", []byte(program))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFind(t *testing.T) {
	f := parse(t)
	for _, c := range []struct{ fragment, first, last string }{
		{"", "//go:build unix", "func empty() {}"},
		{"import", "//go:build unix", ")"},
		{"host", "const (", ")"},
		{"port", "const (", ")"},
		{"conn", "// A conn is wrapped.", "}"},
		{"conn.Read", "// Read reads.", "}"},
		{"main", "func main() {", "}"},
		{"main:net.Dial", "// Dial it.", "}"},
		{"main:Println(c)", "fmt.Println(c)", "b`)"},
		{"main:fmt.Print(", "fmt.Println(c)", "b`)"},
		{"main:bye", `fmt.Println("bye")`, `fmt.Println("bye")`},
		{"empty", "func empty() {}", "func empty() {}"},
	} {
		r, err := f.Find(c.fragment)
		if err != nil {
			t.Errorf("Find(%q): %v", c.fragment, err)
			continue
		}
		lines := strings.Split(strings.TrimSuffix(f.Text(r), "\n"), "\n")
		first, last := strings.TrimSpace(lines[0]), strings.TrimSpace(lines[len(lines)-1])
		if first != c.first || last != c.last {
			t.Errorf("Find(%q) = %q ... %q, want %q ... %q", c.fragment, first, last, c.first, c.last)
		}
	}
}

func TestFindMistakes(t *testing.T) {
	f := parse(t)
	for _, c := range []struct{ fragment, want string }{
		{"serve", `main.go has no declaration "serve"; it has: import, host, port, conn, conn.Read, main, empty`},
		{"main:unix.Bind", `main.go: main has no paragraph with unix.Bind; it has: 30: c, err := net.Dial("tcp", host) | 36: fmt.Println(c) | 41: fmt.Println("bye")`},
		{"main:fmt.Println(", `main.go: main has 3 paragraphs with fmt.Println(; choose a text that only one of them holds: 30: c, err := net.Dial("tcp", host) | 36: fmt.Println(c) | 41: fmt.Println("bye")`},
		{"empty:x", `main.go: empty has no paragraph with x; it has: no paragraphs`},
		{"host:x", `main.go: host has no paragraph with x; it has: no paragraphs`},
	} {
		_, err := f.Find(c.fragment)
		var bad *FragmentError
		if !errors.As(err, &bad) {
			t.Errorf("Find(%q): got %v, want a *FragmentError", c.fragment, err)
			continue
		}
		if got := bad.Error(); got != c.want {
			t.Errorf("Find(%q):\n got %s\nwant %s", c.fragment, got, c.want)
		}
	}
}

func TestParseError(t *testing.T) {
	if _, err := Parse("main.go", []byte("package")); err == nil || !strings.Contains(err.Error(), "main.go:1") {
		t.Errorf("Parse of a broken file: %v, want an error that names main.go:1", err)
	}
}

func FuzzFind(f *testing.F) {
	f.Add(program, "main:net.Dial")
	f.Add("package p\nfunc f() { g()\n\nh() }\n", "f:g")
	f.Add("package p; func f() {}", "f")
	f.Fuzz(func(t *testing.T, src, fragment string) {
		file, err := Parse("main.go", []byte(src))
		if err != nil {
			return
		}
		r, err := file.Find(fragment)
		if err != nil {
			return
		}
		if r.Start < 1 || r.End > len(file.Lines) || r.Start > r.End+1 {
			t.Fatalf("Find(%q) = %v in %d lines", fragment, r, len(file.Lines))
		}
		_ = file.Text(r)
	})
}
