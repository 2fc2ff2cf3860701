package site_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sockets/runner/browser"
	"sockets/runner/build"
)

// A built is a site rendered from the recordings in a tree.
type built struct {
	name  string
	root  string   // of the tree
	dir   string   // of the site
	pages []string // that must be there, at least
	links int      // that it has, at least
}

// The course, and a specimen with one of everything, which stays as it is.
var (
	course = &built{
		name: "course", root: "..", links: 200,
		pages: []string{"index.html", "terms.html", "teachers.html", "404.html", "01/index.html", "06/index.html", "06/main.go.html"},
	}
	specimen = &built{
		name: "specimen", root: "testdata/course", links: 100,
		pages: []string{"index.html", "terms.html", "teachers.html", "404.html", "reference.html", "01/index.html", "01/pitfalls/mute/main.go.html", "02/index.html"},
	}
	sites = []*built{course, specimen}
)

// lessonPage is a page of the specimen with everything on it.
const lessonPage = "01/index.html"

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	tmp, err := os.MkdirTemp("", "sockets-site-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		browser.Close()
		os.RemoveAll(tmp)
	}()
	for _, s := range sites {
		s.dir = filepath.Join(tmp, s.name)
		if err := build.Site(context.Background(), build.Options{Root: s.root, Out: s.dir, Replay: true}); err != nil {
			fmt.Fprintf(os.Stderr, "build the %s to test: %v\n", s.name, err)
			return 1
		}
	}
	return m.Run()
}

// each runs the test on each of the sites.
func each(t *testing.T, test func(t *testing.T, s *built)) {
	t.Helper()
	for _, s := range sites {
		t.Run(s.name, func(t *testing.T) { test(t, s) })
	}
}

// all is the paths of all pages of the site, relative to it, sorted.
func (s *built) all(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(s.dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".html") {
			rel, _ := filepath.Rel(s.dir, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	for _, want := range s.pages {
		if !slices.Contains(names, want) {
			t.Errorf("the site has no %s", want)
		}
	}
	return names
}

// kinds is the pages without those of the pitfalls' sources, which are like the
// page of main.go.
func (s *built) kinds(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(s.all(t), func(name string) bool { return strings.Contains(name, "/pitfalls/") })
}

func (s *built) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
