package page

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"sockets/runner/lesson"
	"sockets/runner/recording"
)

var update = flag.Bool("update", false, "rewrite the wanted results in testdata")

// want is the file of a case that holds what must come out.
const want = "want"

// unpack writes the files of a case as lesson 01, and loads it. What a case does
// not have is taken from the usual.
func unpack(tb testing.TB, files []txtar.File) (*Page, lesson.Mistakes) {
	tb.Helper()
	all := map[string]string{"main.go": usualProgram, "pitfalls/wrong/main.go": usualProgram}
	for _, f := range files {
		all[f.Name] = string(f.Data)
	}
	dir := filepath.Join(tb.TempDir(), "01")
	for name, text := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	l, ms := lesson.Load(dir)
	if err := ms.Err(); err != nil {
		tb.Fatalf("the case's front matter: %v", err)
	}
	return Parse(l)
}

const usualProgram = `// Command 01 prints.
package main

import "fmt"

func main() {
	fmt.Println("one")

	fmt.Println("two")
}
`

// stored gives the recordings in the lessons' own folders.
func stored(tb testing.TB, pages ...*Page) func(number, run string) *recording.Recording {
	tb.Helper()
	all := make(map[[2]string]*recording.Recording)
	for _, p := range pages {
		for _, run := range p.Lesson.Runs {
			data, err := os.ReadFile(p.Lesson.RecordingPath(run.Name))
			if err != nil {
				continue
			}
			r, err := recording.Decode(data)
			if err != nil {
				tb.Fatal(err)
			}
			all[[2]string{p.Lesson.Number, run.Name}] = r
		}
	}
	return func(number, run string) *recording.Recording { return all[[2]string{number, run}] }
}

// write writes the site of the pages and gives its folder.
func write(tb testing.TB, pages ...*Page) (string, error) {
	tb.Helper()
	dir := tb.TempDir()
	s := Site{Pages: pages, Recordings: stored(tb, pages...)}
	return dir, s.Write(context.Background(), dir)
}

func readFile(tb testing.TB, dir, name string) string {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// golden runs each archive of the folder through f, and compares with its file
// "want".
func golden(t *testing.T, glob string, f func(t *testing.T, files []txtar.File) string) {
	t.Helper()
	paths, err := filepath.Glob(glob)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: no cases: %v", glob, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			last := len(a.Files) - 1
			if last < 0 || a.Files[last].Name != want {
				a.Files = append(a.Files, txtar.File{Name: want})
				last++
			}
			got := f(t, a.Files[:last])
			if *update {
				a.Files[last].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[last].Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// drawing is what package ladder draws, and tests.
var drawing = regexp.MustCompile(`(?s)<svg.*</svg>`)

// TestPages compares the article of a lesson's page with what it must be.
func TestPages(t *testing.T) {
	golden(t, "testdata/pages/*.txtar", func(t *testing.T, files []txtar.File) string {
		t.Helper()
		p, ms := unpack(t, files)
		if err := ms.Err(); err != nil {
			t.Fatal(err)
		}
		dir, err := write(t, p)
		if err != nil {
			t.Fatal(err)
		}
		html := readFile(t, dir, "01/index.html")
		_, html, _ = strings.Cut(html, "<section")
		html, _, _ = strings.Cut(html, "<p class=\"level\">")
		html, _, _ = strings.Cut(html, "<aside")
		return drawing.ReplaceAllString("<section"+html, "(ladder)")
	})
}

// TestMistakes compares all mistakes of a commentary, of Parse and of Write, with
// what they must be.
func TestMistakes(t *testing.T) {
	golden(t, "testdata/mistakes/*.txtar", func(t *testing.T, files []txtar.File) string {
		t.Helper()
		p, ms := unpack(t, files)
		err := ms.Err()
		if err == nil {
			_, err = write(t, p)
		}
		if err == nil {
			t.Fatal("no mistakes were found")
		}
		return strings.ReplaceAll(err.Error(), p.Lesson.Dir+string(filepath.Separator), "") + "\n"
	})
}

func TestUnshown(t *testing.T) {
	files := []txtar.File{
		{Name: "main.go", Data: []byte(usualProgram + "\n// limit is shown by nobody.\nconst limit = 3\n\nfunc hidden() {}\n")},
		{Name: "lesson.md", Data: []byte(commentary("[One paragraph](main.go#main:one)\n"))},
	}
	p, ms := unpack(t, files)
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range p.Unshown() {
		got = append(got, strings.TrimPrefix(m.Error(), p.Lesson.Dir+string(filepath.Separator)))
	}
	want := []string{
		"main.go:1: no cell of the page shows import; lesson.md has a cell for it: [What it is](main.go#import)",
		"main.go:12: no cell of the page shows limit; lesson.md has a cell for it: [What it is](main.go#limit)",
		"main.go:15: no cell of the page shows hidden; lesson.md has a cell for it: [What it is](main.go#hidden)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Unshown (-want +got):\n%s", diff)
	}
}

// commentary is a whole lesson.md with the text in its section The program.
func commentary(program string) string {
	return `---
title: One
summary: It prints.
minutes: 3
runs:
  - name: wrong
    program: pitfalls/wrong
    expect: {exit: 3}
---

## Predict first

What?

* * *

That.

## The idea

A program prints.

## The program

` + program + `
[The program](main.go#main)

## The whole run

[What it printed](recordings/main.jsonl)

## Pitfalls

### Wrong

[Code](pitfalls/wrong/main.go#main)

[Run](recordings/wrong.jsonl)

## Terms

alpha
: The first letter.

beta
: The second letter.

gamma
: The third letter.

## Questions

### Why?

Because.

### How?

So.

### Who?

We.

### When?

Now.
`
}
