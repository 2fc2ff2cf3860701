//go:build linux

package handin

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"sockets/runner/tier"
)

// TestLesson builds lesson 04 as it is, changed, and broken.
func TestLesson(t *testing.T) {
	text, err := os.ReadFile("../../lessons/04/main.go")
	if err != nil {
		t.Fatal(err)
	}
	b := newBuilder(t)
	if b.Plain {
		tier.Lacks(t, "there is no cage")
	}
	build := func(text string) Built {
		t.Helper()
		s, err := Lesson([]byte(text))
		if err != nil {
			t.Fatalf("Lesson: %v", err)
		}
		built, err := b.BuildLesson(t.Context(), t.TempDir(), "04", s)
		if err != nil {
			t.Fatal(err)
		}
		return built
	}
	for _, c := range []struct{ old, new, printed, complaint string }{
		{"usage: 04", "usage: 04", "usage: 04 [IPV4:PORT]", ""},
		{"usage: 04", "I say: 04", "I say: 04 [IPV4:PORT]", ""},
		{"to.Addr().Is4()", "to.Addr().Is5()", "", "main.go:25:30: to.Addr().Is5 undefined"},
	} {
		built := build(strings.Replace(string(text), c.old, c.new, 1))
		if !strings.Contains(built.Complaint, c.complaint) || (built.Complaint == "") != (c.complaint == "") {
			t.Errorf("%s: the compiler says %q, want %q", c.new, built.Complaint, c.complaint)
		}
		if built.Binary == "" {
			continue
		}
		said, err := exec.CommandContext(t.Context(), built.Binary, "no address").CombinedOutput()
		if err == nil || strings.TrimSpace(string(said)) != c.printed {
			t.Errorf("%s: it prints %q, %v; want %q", c.new, said, err, c.printed)
		}
	}
}

// TestLessonPolicy has what a changed lesson may import, and what not.
func TestLessonPolicy(t *testing.T) {
	for name, ok := range map[string]bool{
		"sockets/lessons/lab/web": true, "golang.org/x/sys/unix": true, "net": true,
		"sockets/lessons/laboratory": false, "sockets/runner/agent": false, "sockets/lessons/04": false,
		"github.com/miekg/dns": false, "C": false,
	} {
		_, err := Lesson([]byte("package main\n\nimport _ \"" + name + "\"\n\nfunc main() {}\n"))
		if (err == nil) != ok {
			t.Errorf("import %q: %v, want that it may be: %v", name, err, ok)
		}
	}
	if _, err := Lesson(make([]byte, MaxFile+1)); err == nil {
		t.Error("a program of any size is taken")
	}
}
