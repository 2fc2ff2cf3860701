package class

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/report"
)

const hello = "package main\n\nfunc main() {}\n"

// TestFind has a class of uploads of all kinds. What is wrong with one of them is
// in its own student's report only.
func TestFind(t *testing.T) {
	m := &made{tb: t, dir: filepath.Join(t.TempDir(), "class")}
	file := func(text string, elem ...string) {
		m.write(filepath.Join(append([]string{m.dir}, elem...)...), []byte(text))
	}
	zip := func(files map[string]string) string { return string(zipped(t, "", files)) }
	file(hello, "ada", "05", "main.go")
	file(zip(map[string]string{"main.go": hello}), "bob", "05.ZIP")
	file(zip(map[string]string{"05/main.go": hello, "06/main.go": "package other"}), "cyd.zip")
	file(hello, "dan", "05", "main.go")
	file(zip(map[string]string{"main.go": hello}), "dan", "05.zip")
	file(hello, "eve", "05", "main.go")
	file(zip(map[string]string{"05/main.go": hello}), "eve.zip")
	file("no archive", "fay.tgz")
	file(zip(map[string]string{"../05/main.go": hello}), "gil.zip")
	file(zip(map[string]string{"main.go": hello}), "hal.zip")
	file("", "ian", "notes.txt")
	file(hello, "jo", "99", "main.go") // no such exercise
	file(tarWithLink(t), "kim", "05.tar")
	file("x", "README.md")
	file("x", ".DS_Store")
	for link, to := range map[string]string{"lea": "ada", "mia/05": "../ada/05", "ned/05/main.go": "../../ada/05/main.go"} {
		link = filepath.Join(m.dir, link)
		if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o755), os.Symlink(to, link)); err != nil {
			t.Fatal(err)
		}
	}
	var warned []string
	c, err := find(Options{
		Root: root, Dir: m.dir, Out: t.TempDir(),
		Warn: func(text string) {
			warned = append(warned, strings.ReplaceAll(text, m.dir+string(filepath.Separator), ""))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.root.Close() })
	got := make(map[string]string)
	for _, u := range c.uploads {
		s, refused, err := c.take(u)
		if err != nil {
			t.Errorf("take %v: %v", u, err)
		}
		if refused == "" {
			refused = fmt.Sprint(len(s.Files))
		}
		got[u.student+" "+u.exercise] = refused
	}
	twice := "exercise 05 was handed in twice, as %s and as %s; one would be right"
	link := "; hand in a folder, a zip or a tar file"
	want := map[string]string{
		"ada 05": "1", "bob 05": "1", "cyd 05": "1",
		"cyd 06": "main.go:1: it is package other; a program is package main",
		"dan 05": fmt.Sprintf(twice, "dan/05", "dan/05.zip"), "eve 05": fmt.Sprintf(twice, "eve.zip", "eve/05"),
		"fay 05": "fay.tgz: it can't be unpacked: unexpected EOF", "fay 06": "fay.tgz: it can't be unpacked: unexpected EOF",
		"gil 05": "../05/main.go: it lies outside of the archive", "gil 06": "../05/main.go: it lies outside of the archive",
		"hal 05": "hal.zip: it has no folder of an exercise's number; 05/main.go would be right",
		"hal 06": "hal.zip: it has no folder of an exercise's number; 05/main.go would be right",
		"kim 05": "main.go: it is a link; hand in the file itself",
		"lea 05": "lea: it is a link, or no regular file" + link, "lea 06": "lea: it is a link, or no regular file" + link,
		"mia 05": "05: it is a link" + link, "ned 05": "main.go: it is a link; hand in the file itself",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("uploads (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"05", "06"}, c.numbers); diff != "" {
		t.Errorf("exercises (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"\"README.md\" is neither a student's folder nor an archive, and is left out", "\"jo/99\" is left out: lesson 99 has no exercise"}, warned); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	list := c.list([]report.Student{{ID: "zoe", Name: "Zoe"}, {ID: "ada"}})
	if len(list) != 15 || list[0].ID != "zoe" || list[1].Guest || list[1].Folder != "ada" || !list[2].Guest || list[2].ID != "bob" {
		t.Errorf("students: %+v", list)
	}
}

func tarWithLink(tb testing.TB) string {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Name: "main.go", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink})
	if err := errors.Join(err, w.Close()); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// TestFindNothing has folders that are no class. One is, though it is empty: a
// roster says who should have handed something in.
func TestFindNothing(t *testing.T) {
	dir, other, bare := t.TempDir(), t.TempDir(), t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(other, "ada", "06"), 0o755), os.Mkdir(filepath.Join(bare, "ada"), 0o755)); err != nil {
		t.Fatal(err)
	}
	roster := []report.Student{{ID: "ada"}, {ID: "bob"}}
	for want, o := range map[string]Options{
		"in for 05: " + dir:           {Root: root, Dir: dir, Out: t.TempDir(), Numbers: []string{"05"}},
		"in for 05 or 06: " + dir:     {Root: root, Dir: dir, Out: t.TempDir(), Numbers: []string{"06", "05"}, Roster: []report.Student{}},
		"in for 05: " + other:         {Root: root, Dir: other, Out: t.TempDir(), Numbers: []string{"05"}},
		"in for 05: " + bare:          {Root: root, Dir: bare, Out: t.TempDir(), Numbers: []string{"05"}},
		"no exercise was asked for":   {Root: root, Dir: dir, Out: t.TempDir(), Roster: roster},
		"there is no class":           {Root: root, Dir: filepath.Join(dir, "none"), Out: t.TempDir()},
		"nobody handed anything in":   {Root: root, Dir: dir, Out: t.TempDir()},
		"lie in one another; two fol": {Root: root, Dir: dir, Out: filepath.Join(dir, "out")},
	} {
		_, err := find(o)
		var used Misuse
		if !errors.As(err, &used) || !strings.Contains(err.Error(), want) {
			t.Errorf("find = %v, want %q", err, want)
		}
	}
	c, err := find(Options{Root: root, Dir: dir, Out: t.TempDir(), Numbers: []string{"05"}, Roster: roster})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.root.Close(); err != nil || len(c.uploads) != 0 || len(c.list(roster)) != 2 {
		t.Errorf("of an empty class with a roster: %v, %v, %v", c.uploads, c.list(roster), err)
	}
}

// TestApart has a class's folder with another name, a link: the result must not be in
// it under either name, whether its own folder is there yet or not.
func TestApart(t *testing.T) {
	tmp := t.TempDir()
	dir, link, beside := filepath.Join(tmp, "class"), filepath.Join(tmp, "link"), filepath.Join(tmp, "beside")
	there := filepath.Join(dir, "ada")
	if err := errors.Join(os.MkdirAll(there, 0o755), os.Mkdir(beside, 0o755), os.Symlink(dir, link)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir, out string
		apart    bool
	}{
		{link, filepath.Join(link, "out"), false},
		{link, filepath.Join(link, "deep", "down", "out"), false},
		{link, filepath.Join(dir, "out"), false},
		{dir, filepath.Join(link, "out"), false},
		{link, filepath.Join(link, "ada"), false},
		{filepath.Join(link, "ada"), link, false},
		{link, dir, false},
		{link, filepath.Join(beside, "out"), true},
		{link, filepath.Join(tmp, "class-out"), true},
		{dir, filepath.Join(tmp, "none", "class"), true},
	} {
		err := apart(c.dir, c.out)
		var used Misuse
		if apart := err == nil; apart != c.apart || !apart && !errors.As(err, &used) {
			t.Errorf("apart(%s, %s) = %v, want them apart: %t", c.dir, c.out, err, c.apart)
		}
	}
}

// TestFindOne asks for one exercise alone: what has no number is that.
func TestFindOne(t *testing.T) {
	m := &made{tb: t, dir: filepath.Join(t.TempDir(), "class")}
	file := func(text string, elem ...string) {
		m.write(filepath.Join(append([]string{m.dir}, elem...)...), []byte(text))
	}
	zip := func(files map[string]string) string { return string(zipped(t, "", files)) }
	file(hello, "ada", "05", "main.go")
	file(hello, "bob", "main.go")
	file(hello, "cyd", "06", "main.go")
	file("", "dan", "notes.txt")
	file(zip(map[string]string{"main.go": hello}), "eve.zip")
	file(zip(map[string]string{"work/main.go": hello, "work/more.go": "package main"}), "fay.zip")
	file(zip(map[string]string{"06/main.go": hello}), "gus.zip")
	file(zip(map[string]string{"main.go": hello}), "Hal Noe", "task five.zip")
	file("x", "Hal Noe", ".DS_Store")
	file("x", "__MACOSX", "._main.go")
	file(hello, "ivy", "linereader-main", "main.go")
	for numbers, want := range map[string]map[string]string{
		"05": {
			"ada": "1", "bob": "1", "eve": "1", "fay": "2", "Hal Noe": "1", "ivy": "1",
			"dan": "main.go: there is no .go file in the folder that was handed in",
		},
		"05 06": {
			"ada": "1", "cyd": "1", "gus": "1",
			"eve": "eve.zip: it has no folder of an exercise's number; 05/main.go would be right",
			"fay": "fay.zip: it has no folder of an exercise's number; 05/main.go would be right",
		},
	} {
		c, err := find(Options{Root: root, Dir: m.dir, Out: t.TempDir(), Numbers: strings.Fields(numbers)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.root.Close() })
		got := make(map[string]string)
		for _, u := range c.uploads {
			s, refused, err := c.take(u)
			if err != nil {
				t.Errorf("take %v: %v", u, err)
			}
			if refused == "" {
				refused = fmt.Sprint(len(s.Files))
			}
			got[u.student] = refused
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("find %s (-want +got):\n%s", numbers, diff)
		}
	}
}
