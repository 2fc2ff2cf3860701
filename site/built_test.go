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

	"sockets/runner/build"
)

// built is the site as it is rendered from the recordings in the tree.
var built string

func TestMain(m *testing.M) {
	tmp, err := os.MkdirTemp("", "sockets-site-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built = filepath.Join(tmp, "site")
	err = build.Site(context.Background(), build.Options{Root: "..", Out: built, Replay: true})
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the site to test:", err)
	} else {
		code = m.Run()
		closeBrowser()
	}
	os.RemoveAll(tmp)
	os.Exit(code)
}

// pages is the paths of all pages of the site, relative to it, sorted.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(built, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".html") {
			rel, _ := filepath.Rel(built, path)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	for _, want := range []string{"index.html", "terms.html", "01/index.html", "06/index.html", "06/main.go.html"} {
		if !slices.Contains(all, want) {
			t.Errorf("the site has no %s", want)
		}
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(built, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
