package handin

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const hello = "package main\n\nfunc main() { println(\"hello\") }\n"

// TestPolicy has sources that are refused, and what is said of them.
func TestPolicy(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"fine", hello, ""},
		{"std", "package main\n\nimport (\n\t\"net\"\n\t\"unsafe\"\n\t\"golang.org/x/sys/unix\"\n\t\"golang.org/x/net/ipv4\"\n)\n\nvar _ net.Conn\nvar _ = unsafe.Sizeof(unix.AF_INET)\nvar _ ipv4.Conn\n\nfunc main() {}\n", ""},
		{"generate", "package main\n\n//go:generate rm -rf /\nfunc main() {}\n", ""},
		{"package", "package exploit\n", "main.go:1: it is package exploit; a program is package main"},
		{"cgo", "package main\n\n// #include \"/etc/passwd\"\nimport \"C\"\n\nfunc main() {}\n", "main.go:4: there is no cgo here"},
		{"other module", "package main\n\nimport \"github.com/x/y\"\n", `main.go:3: "github.com/x/y" is not allowed`},
		{"x/crypto", "package main\n\nimport \"golang.org/x/crypto/ssh\"\n", `"golang.org/x/crypto/ssh" is not allowed`},
		{"like x/net", "package main\n\nimport \"golang.org/x/network\"\n", `is not allowed`},
		{"relative", "package main\n\nimport \"../secret\"\n", `main.go:3: "../secret" is a path`},
		{"ours", "package main\n\nimport \"sockets/runner/agent\"\n", `not yours to import`},
		{"a neighbour", "package main\n\nimport \"student/s1\"\n", `not yours to import`},
		{"internal", "package main\n\nimport \"internal/abi\"\n", `not yours to import`},
		{"embed", "package main\n\nimport _ \"embed\"\n\n//go:embed check_test.go\nvar s string\n", "main.go:5: //go:embed is not allowed"},
		{"linkname", "package main\n\nimport _ \"unsafe\"\n\n//go:linkname x runtime.x\nfunc x()\n", "main.go:5: //go:linkname is not allowed"},
		{"cgo directive", "package main\n\n//go:cgo_import_dynamic x x \"libc.so\"\n", "//go:cgo_import_dynamic is not allowed"},
		{"line", "package main\n\n//line /etc/passwd:1\nfunc main() { x }\n", "main.go:3: a line comment"},
		{"line block", "package main\n\nfunc main() { /*line /etc/passwd:1:1*/ }\n", "main.go:3: a line comment"},
		{"syntax", "package main\n\nfunc main() {\n\tx :=\n}\n", "main.go:5: expected operand"},
		{"no Go", "hello", "main.go:1: expected 'package'"},
		{"empty", "", "main.go:1: expected 'package'"},
		{"windows", "//go:build windows\n\n" + hello, "a build constraint leaves it out"},
		{"NUL", "package main\x00\n", "illegal character NUL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Folder(folder(t, map[string]string{"main.go": c.text}))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Folder = %v, want %q", err, c.want)
			}
			if ms := Mistakes(nil); err != nil && !errors.As(err, &ms) {
				t.Errorf("the error is a %T, want Mistakes", err)
			}
		})
	}
}

func folder(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func names(s *Submission) (names []string) {
	for _, f := range s.Files {
		names = append(names, f.Name)
	}
	return names
}

func TestFolder(t *testing.T) {
	dir := folder(t, map[string]string{
		"main.go": hello, "b.go": "package main\n", "main_test.go": "package main\n", "asm.s": "x", "go.mod": "module x\nreplace a => ../secret\n",
		"go.work": "use ../secret", "vendor/x/x.go": "package x\n", "_x.go": "package x", ".x.go": "x", "data.txt": "x", "x_windows.go": "package main\n",
		"a b.go": "x", "-o.go": "x",
	})
	s, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"b.go", "main.go"}, names(s)); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	want := []string{"-o.go", ".x.go", "_x.go", "a b.go", "asm.s", "data.txt", "go.mod", "go.work", "main_test.go", "vendor/", "x_windows.go"}
	if d := cmp.Diff(want, s.Left); d != "" {
		t.Errorf("left out (-want +got):\n%s", d)
	}
	again, err := Folder(dir)
	if err != nil || s.Digest() != again.Digest() {
		t.Errorf("the digest is %s, and then %s, %v", s.Digest(), again.Digest(), err)
	}
	again.Files[0].Text = append(again.Files[0].Text, '\n')
	if s.Digest() == again.Digest() {
		t.Error("another file, and the same digest")
	}
}

// notSources makes, by a part of what is said of it, what is not what it seems.
var notSources = map[string]func(path string) error{
	"it is a link":            func(p string) error { return os.Symlink(secret, p) },
	"it has a second name":    func(p string) error { return os.Link(secret, p) },
	"a file may have 262144":  func(p string) error { return os.WriteFile(p, bytes.Repeat([]byte("/"), MaxFile+1), 0o600) },
	"there is no .go file in": func(string) error { return nil },
}

// secret is a file that links lead to.
var secret string

func TestLinks(t *testing.T) {
	secret = filepath.Join(folder(t, map[string]string{"secret.go": hello}), "secret.go")
	for name, create := range notSources {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := create(filepath.Join(dir, "main.go")); err != nil {
				t.Fatal(err)
			}
			if _, err := Folder(dir); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("Folder = %v, want %q", err, name)
			}
		})
	}
}

func TestTooMany(t *testing.T) {
	files := make(map[string]string)
	for i := range MaxFiles + 1 {
		files[fmt.Sprintf("f%d.go", i)] = "package main\n"
	}
	if _, err := Folder(folder(t, files)); err == nil || !strings.Contains(err.Error(), "one more than the 64 files") {
		t.Errorf("Folder = %v", err)
	}
	files = make(map[string]string)
	for i := range 5 {
		files[fmt.Sprintf("f%d.go", i)] = "package main\n" + strings.Repeat("/", MaxFile-100)
	}
	if _, err := Folder(folder(t, files)); err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("Folder = %v", err)
	}
}

// An item is one of an archive.
type item struct {
	name, text string
	link       byte // of tar
}

func tarOf(tb testing.TB, items []item) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, i := range items {
		h := &tar.Header{Name: i.name, Mode: 0o644, Size: int64(len(i.text)), Typeflag: tar.TypeReg}
		if i.link != 0 {
			h.Typeflag, h.Linkname, h.Size = i.link, i.text, 0
		}
		if err := w.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if i.link == 0 {
			if _, err := w.Write([]byte(i.text)); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(tb testing.TB, items []item) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, i := range items {
		h := &zip.FileHeader{Name: i.name, Method: zip.Deflate}
		h.SetMode(0o644)
		if i.link != 0 {
			h.SetMode(os.ModeSymlink | 0o777)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(i.text))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func gz(tb testing.TB, text []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	for _, c := range []struct {
		name  string
		items []item
		want  string
	}{
		{"flat", []item{{name: "main.go", text: hello}}, ""},
		{"one folder", []item{{name: "ex05/main.go", text: hello}, {name: "ex05/go.mod", text: "x"}, {name: "__MACOSX/ex05/._main.go", text: "x"}}, ""},
		{"two folders", []item{{name: "a/main.go", text: hello}, {name: "b/main.go", text: hello}}, `it is not in "a"`},
		{"outside", []item{{name: "../main.go", text: hello}}, "outside"},
		{"absolute", []item{{name: "/etc/main.go", text: hello}}, "outside"},
		{"twice", []item{{name: "main.go", text: hello}, {name: "main.go", text: hello}}, "there twice"},
		{"twice, by case", []item{{name: "main.go", text: hello}, {name: "Main.go", text: hello}}, "there twice"},
		{"link", []item{{name: "main.go", text: "/etc/passwd", link: tar.TypeSymlink}}, "it is a link"},
		{"empty", nil, "no .go file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := tarOf(t, c.items)
			for kind, archive := range map[string][]byte{"tar": text, "tar.gz": gz(t, text), "zip": zipOf(t, c.items)} {
				s, err := Archive("x."+kind, archive)
				if c.want == "" && (err != nil || len(s.Files) != 1 || string(s.Files[0].Text) != hello) ||
					c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("%s: Archive = %+v, %v; want %q", kind, s, err, c.want)
				}
			}
		})
	}
	hard := tarOf(t, []item{{name: "main.go", text: "/etc/shadow", link: tar.TypeLink}})
	if _, err := Archive("x.tar", hard); err == nil || !strings.Contains(err.Error(), "it is a link") {
		t.Errorf("a hard link: %v", err)
	}
	bomb := gz(t, tarOf(t, []item{{name: "data", text: strings.Repeat("\x00", maxArchive)}, {name: "main.go", text: hello}}))
	if _, err := Archive("x.tgz", bomb); err == nil || !strings.Contains(err.Error(), "can't be unpacked") {
		t.Errorf("an archive that grows: %v", err)
	}
	for _, text := range []string{"PK", "\x1f\x8b", "no archive at all", strings.Repeat("x", 1024)} {
		if _, err := Archive("x", []byte(text)); err == nil {
			t.Errorf("Archive(%.20q) = nil", text)
		}
	}
}

func TestCollect(t *testing.T) {
	dir := folder(t, map[string]string{"main.go": hello})
	file := filepath.Join(t.TempDir(), "up.zip")
	if err := os.WriteFile(file, zipOf(t, []item{{name: "main.go", text: hello}}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, file} {
		if s, err := Collect(name); err != nil || len(s.Files) != 1 {
			t.Errorf("Collect(%s) = %+v, %v", name, s, err)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Collect(link); err == nil || !strings.Contains(err.Error(), "it is a link") {
		t.Errorf("Collect of a link = %v", err)
	}
	if _, err := Collect(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Collect of nothing = %v", err)
	}
}
