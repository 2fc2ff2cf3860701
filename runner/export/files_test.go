package export_test

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/tools/txtar"

	"sockets/runner/build"
	"sockets/runner/export"
)

// TestArchiveRoundTrip unpacks the archive of each lesson: the files are those
// of the lesson, but for its recordings, byte by byte.
func TestArchiveRoundTrip(t *testing.T) {
	for name, data := range made(t, course(t), "txtar") {
		a := txtar.Parse(data)
		packed := make(map[string]bool)
		for _, f := range a.Files {
			packed[f.Name] = true
			want, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(f.Name)))
			if err != nil || string(want) != string(f.Data) {
				t.Errorf("%s: %s is not the lesson's own: %v", name, f.Name, err)
			}
		}
		number := strings.TrimSuffix(strings.TrimPrefix(name, "sockets-"), ".txtar")
		root := filepath.Join("../../lessons", number)
		err := filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
			rel, _ := filepath.Rel("../..", file)
			if err == nil && !d.IsDir() && filepath.Base(filepath.Dir(file)) != "recordings" && !packed[filepath.ToSlash(rel)] {
				t.Errorf("%s lacks %s", name, rel)
			}
			return err
		})
		if err != nil || len(a.Files) < 5 {
			t.Errorf("%s has %d files: %v", name, len(a.Files), err)
		}
	}
}

// TestArchiveRefuses checks that what the format can't hold is an error and not
// lost, and that a link leads nowhere.
func TestArchiveRefuses(t *testing.T) {
	f, err := export.Find("txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, data, want string }{
		{"marker.txt", "a\n-- b --\nc\n", "-- name --"},
		{"end.txt", "no newline", "does not end in a newline"},
		{"bytes.bin", "\xff\xfe\n", "is not text"},
		{"-- x --", "x\n", ""},
	} {
		root := copied(t)
		if err := os.WriteFile(filepath.Join(root, "lessons/02", c.name), []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := export.Write(t.Context(), load(t, root), []string{"02"}, f, filepath.Join(root, "out"))
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name)) {
			t.Errorf("with %s: %v, want an error that says %q", c.name, err, c.want)
		}
	}
	root := copied(t)
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "lessons/02/secret.txt")); err != nil {
		t.Skip(err) // a system without such links
	}
	if data := made(t, load(t, root), "txtar", "02")["sockets-02.txtar"]; strings.Contains(string(data), "secret.txt") {
		t.Error("a link to a file outside the lesson was followed")
	}
}

// TestSingle checks that each lesson as one file is allowed its own script and
// style and nothing else, loads nothing, and has all its links lead somewhere.
func TestSingle(t *testing.T) {
	site := course(t)
	published := *site
	published.BaseURL = "https://example.org/course/"
	for name, data := range made(t, site, "html") {
		alone(t, name, string(data))
	}
	for name, data := range made(t, &published, "html", "05") {
		alone(t, name, string(data))
		if !strings.Contains(string(data), `href="https://example.org/course/06/"`) {
			t.Errorf("%s: the next lesson is not linked where the site is", name)
		}
	}
	for name, data := range made(t, hostile(t), "html") {
		alone(t, name, string(data))
		inert(t, name, string(data))
	}
}

func alone(t *testing.T, name, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	at := func(n *html.Node, key string) string {
		for _, a := range n.Attr {
			if a.Key == key {
				return a.Val
			}
		}
		return ""
	}
	ids, csp := make(map[string]int), ""
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := at(n, "id"); id != "" {
			if ids[id]++; ids[id] > 1 {
				t.Errorf("%s: the id %s stands twice", name, id)
			}
		}
		if n.Data == "meta" && at(n, "http-equiv") != "" {
			csp = at(n, "content")
		}
	}
	if !strings.HasPrefix(csp, "default-src 'none'; ") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "'self'") {
		t.Errorf("%s: its policy is %q", name, csp)
	}
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "script", n.Data == "style" && n.Namespace == "":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			if at(n, "src") != "" || !strings.Contains(csp, n.Data+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
				t.Errorf("%s: its policy does not allow its <%s>", name, n.Data)
			}
		case n.Data == "link":
			if href := at(n, "href"); !strings.HasPrefix(href, "data:image/svg+xml;") && at(n, "rel") != "canonical" {
				t.Errorf("%s loads %q", name, href)
			}
		case n.Data == "a":
			href := at(n, "href")
			id, within := strings.CutPrefix(href, "#")
			if within && ids[id] == 0 || !within && !strings.HasPrefix(href, "https://") {
				t.Errorf("%s: the link %q leads nowhere", name, href)
			}
		case at(n, "src") != "" || n.Data == "img" || n.Data == "iframe":
			t.Errorf("%s has <%s src=%q>", name, n.Data, at(n, "src"))
		}
	}
}

// TestZip unpacks the site and follows its links; it is the archive that a build
// puts beside the home page.
func TestZip(t *testing.T) {
	data := made(t, course(t), "zip")["sockets-line-by-line.zip"]
	files, _ := members(t, data)
	followed := 0
	for name, text := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		root, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				if a.Key != "href" && a.Key != "src" || strings.HasPrefix(a.Val, "https://") {
					continue
				}
				target, _, _ := strings.Cut(a.Val, "#")
				followed++
				if target != "" && files[path.Join(path.Dir(name), target)] == "" {
					t.Errorf("%s: %s leads to nothing in the archive", name, a.Val)
				}
			}
		}
	}
	if followed < 200 {
		t.Errorf("followed %d links: is the site there?", followed)
	}
	dir := filepath.Join(t.TempDir(), "site")
	if err := build.Site(t.Context(), build.Options{Root: "../..", Out: dir, Replay: true}); err != nil {
		t.Fatal(err)
	}
	built, err := os.ReadFile(filepath.Join(dir, "sockets-line-by-line.zip"))
	if err != nil || string(built) != string(data) {
		t.Errorf("a build makes another archive than the export: %v", err)
	}
}
