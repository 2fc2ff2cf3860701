package export_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// inert fails the test if of the hostile lesson's texts anything has become more
// than text, or if they are not there at all.
func inert(t *testing.T, what, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	shown := false
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode && n.Parent.Data == "script" && strings.Contains(n.Data, "alert(1)"):
			t.Errorf("%s: a script is %q", what, n.Data)
		case n.Type == html.TextNode:
			shown = shown || strings.Contains(n.Data, "alert(1)")
		case n.Type == html.ElementNode:
			for _, a := range n.Attr {
				if a.Key == "href" && strings.HasPrefix(a.Val, "#") {
					continue // a place in the page, named after a heading
				}
				if strings.Contains(a.Val, "alert(1)") && (strings.HasPrefix(a.Key, "on") || a.Key == "href" || a.Key == "src" || a.Key == "style") || a.Val == "x" && a.Key == "src" {
					t.Errorf("%s: <%s %s=%q>", what, n.Data, a.Key, a.Val)
				}
			}
		}
	}
	if !shown {
		t.Errorf("%s: the lesson's texts are not shown", what)
	}
}

// copied is a copy of the lessons that a test may change.
func copied(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "lessons"), os.DirFS("../../lessons")); err != nil {
		t.Fatal(err)
	}
	return root
}

// edit replaces a text of a file that must be there.
func edit(t *testing.T, name, old, text string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(data), old, text, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}
