//go:build linux

package handin

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/tier"
)

// newBuilder makes a builder with the cache of all tests, as the standard library
// takes half a minute to compile.
func newBuilder(tb testing.TB) *Builder {
	tb.Helper()
	b, err := NewBuilder(tb.Context(), "../..", filepath.Join("../../.cache", fmt.Sprintf("handin-test-%d", os.Getuid())))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func submission(text string) *Submission {
	return &Submission{Files: []File{{"main.go", []byte(text)}}}
}

func buildAll(t *testing.T, b *Builder, subs ...*Submission) []Built {
	t.Helper()
	built, err := b.Build(t.Context(), t.TempDir(), subs)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func TestBuild(t *testing.T) {
	for _, plain := range []bool{true, false} {
		t.Run(fmt.Sprintf("plain %v", plain), func(t *testing.T) {
			b := newBuilder(t)
			if !plain && b.Plain {
				tier.Lacks(t, "there is no cage")
			}
			b.Plain = plain
			built := buildAll(t, b,
				submission(hello),
				submission("package main\n\nfunc main() {\n\tx := 1\n}\n"),
				submission("package main\n\nimport \"golang.org/x/sys/unix\"\n\nfunc main() { println(unix.AF_INET) }\n"),
			)
			for i, want := range map[int]string{0: "hello\n", 2: "2\n"} {
				if built[i].Binary == "" {
					t.Errorf("%d: %s", i, built[i].Complaint)
					continue
				}
				var stderr bytes.Buffer
				cmd := exec.CommandContext(t.Context(), built[i].Binary)
				cmd.Stderr = &stderr
				if err := cmd.Run(); err != nil || stderr.String() != want {
					t.Errorf("%d prints %q, %v; want %q", i, &stderr, err, want)
				}
			}
			if want := "main.go:4:2: declared and not used: x"; built[1].Binary != "" || built[1].Complaint != want {
				t.Errorf("%+v, want %q", built[1], want)
			}
		})
	}
}

// TestSeen traces a program that was built, in a cage: its calls are at its lines.
func TestSeen(t *testing.T) {
	b := newBuilder(t)
	if b.Plain {
		tier.Lacks(t, "there is no cage")
	}
	built := buildAll(t, b, submission("package main\n\nimport \"os\"\n\nfunc main() {\n\t_, _ = os.Open(\"/none\")\n\tprintln(\"hello\")\n}\n"))
	const inside = "/tmp/bin/program"
	sight, err := agent.Run(t.Context(), agent.Spec{
		Cage:   &cage.Limits{},
		Pocket: &pocket.Config{Binds: []pocket.Bind{{From: built[0].Binary, To: inside}}},
		Up: func(context.Context, *pocket.Pocket) (agent.Order, error) {
			return agent.Order{Path: inside, Dir: "/tmp", Dirs: built[0].Dirs}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range sight.Events {
		if e.Call != nil && e.Call.Name == "openat" && e.Call.Errno == "ENOENT" {
			if at := e.Event.At; at == nil || at.File != "main.go" || at.Line != 6 {
				t.Errorf("the call is at %+v, want main.go:6", at)
			}
			return
		}
	}
	t.Errorf("no call of openat among %d events: %+v", len(sight.Events), sight.End)
}

// BenchmarkBuild builds submissions, no two alike, with one call of the go command.
func BenchmarkBuild(b *testing.B) {
	const n = 30
	builder := newBuilder(b)
	for name, plain := range map[string]bool{"plain": true, "caged": builder.Plain} {
		b.Run(name, func(b *testing.B) {
			builder.Plain = plain
			for round := 0; b.Loop(); round++ {
				var subs []*Submission
				for i := range n {
					subs = append(subs, submission(fmt.Sprintf(
						"package main\n\nimport (\n\t\"fmt\"\n\t\"net\"\n)\n\nfunc main() {\n\tconn, err := net.Dial(\"tcp\", \"%d.%d.%d\")\n\tfmt.Println(conn, err)\n}\n",
						time.Now().UnixNano(), round, i)))
				}
				built, err := builder.Build(b.Context(), b.TempDir(), subs)
				if err != nil || built[n-1].Binary == "" {
					b.Fatal(built, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*n), "ms/program")
		})
	}
}

// TestAborted has a submission that makes the go command give up, which costs the
// others nothing.
func TestAborted(t *testing.T) {
	built := buildAll(t, newBuilder(t), submission(hello), submission("package main\n\nimport \"net/none\"\n\nfunc main() {}\n"))
	if built[0].Binary == "" || built[1].Binary != "" || !strings.Contains(built[1].Complaint, "main.go:3:8: package net/none is not in std") {
		t.Errorf("Build = %+v", built)
	}
}

// TestSpoofed has a source of which the compiler quotes lines that look like a
// complaint about another, and so much of them that it is ended.
func TestSpoofed(t *testing.T) {
	var text strings.Builder
	text.WriteString("package main\n\nfunc main() {\n")
	for range 9 {
		fmt.Fprintf(&text, "\tvar _ int = `\n# student/s1\ns1/main.go:1:1: you have copied\n%s`\n", strings.Repeat("x\n", 14000))
	}
	text.WriteString("}\n")
	lies := submission(text.String())
	subs := []*Submission{lies, submission("package main\n\nfunc main() {\n\tx := 1\n}\n"), submission(hello)}
	for range 8 {
		subs = append(subs, lies)
	}
	built := buildAll(t, newBuilder(t), subs...)
	if want := "main.go:4:2: declared and not used: x"; built[1].Complaint != want {
		t.Errorf("of the second the compiler says %.200q, want %q", built[1].Complaint, want)
	}
	if built[2].Binary == "" {
		t.Errorf("the third is not built: %.200s", built[2].Complaint)
	}
	if n := len(built[0].Complaint); n == 0 || n > 65<<10 {
		t.Errorf("%d bytes are said of the first", n)
	}
	if built[0].Complaint != built[3].Complaint {
		t.Errorf("the same source, and\n%.300s\n%.300s", built[0].Complaint, built[3].Complaint)
	}
}

// TestComplaint: what is said does not depend on where in a batch a source is, and
// only names of files are shortened.
func TestComplaint(t *testing.T) {
	s := submission("package main\n\nfunc f() {}\nfunc f() {}\n\nfunc main() { var x int = \"a/s0/b s1/c s2/d\" }\n")
	want := "main.go:4:6: f redeclared in this block\n\tmain.go:3:6: other declaration of f\n"
	for i, b := range buildAll(t, newBuilder(t), submission(hello), s, s) {
		if i > 0 && (!strings.HasPrefix(b.Complaint, want) || !strings.Contains(b.Complaint, `"a/s0/b s1/c s2/d"`)) {
			t.Errorf("%d: the compiler says\n%s\nwant, at first,\n%s", i, b.Complaint, want)
		}
	}
}

// TestNeeded has a package of an allowed module that imports one of another.
func TestNeeded(t *testing.T) {
	built := buildAll(t, newBuilder(t), submission("package main\n\nimport (\n\t\"golang.org/x/net/http2\"\n\t\"golang.org/x/net/idna\"\n)\n\nfunc main() { println(http2.NextProtoTLS, idna.Punycode) }\n"))
	if built[0].Binary == "" {
		t.Error(built[0].Complaint)
	}
}

// TestSlow has a source that compiles for a minute or more.
func TestSlow(t *testing.T) {
	b := newBuilder(t)
	if b.Plain {
		tier.Lacks(t, "there is no cage")
	}
	b.CPU = time.Second
	var text strings.Builder
	text.WriteString("package main\n\nfunc f(x int) int {\n")
	for i := range 60000 {
		fmt.Fprintf(&text, "if x == %d { x += f(x) }\n", i)
	}
	text.WriteString("\treturn x\n}\n\nfunc main() { println(f(1)) }\n")
	began := time.Now()
	built := buildAll(t, b, submission(text.String()), submission(hello))
	if built[0].Binary != "" || built[0].Complaint != ended || built[1].Binary == "" {
		t.Errorf("Build = %+v, want the first without a program", built)
	}
	if took := time.Since(began); took > 2*time.Minute {
		t.Errorf("it took %v", took)
	}
	t.Log(time.Since(began), built[0].Complaint)
}
