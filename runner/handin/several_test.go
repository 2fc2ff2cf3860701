package handin

import (
	"archive/tar"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSeveral(t *testing.T) {
	items := []item{
		{name: "05/main.go", text: hello},
		{name: "ada/06/main.go", text: hello},
		{name: "ada/06/deep/more.go", text: hello},
		{name: "ada/03/main.go", text: "/etc/passwd", link: tar.TypeSymlink},
		{name: `ada\04\src\main.go`, text: hello},
		{name: "01/empty.txt", text: "x"},
		{name: "__MACOSX/05/._main.go", text: "x"},
		{name: "7/main.go", text: hello},
	}
	want := map[string]string{"05": "", "04": "", "01": "no .go file", "03": "it is a link", "06": `it is not in "."`}
	for kind, archive := range map[string][]byte{"tar.gz": gz(t, tarOf(t, items)), "zip": zipOf(t, items)} {
		parts, err := Several("ada."+kind, archive)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(parts)); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Errorf("%s: parts %v", kind, got)
		}
		for number, why := range want {
			p := parts[number]
			if why == "" && (p.Mistakes != nil || len(p.Submission.Files) != 1 || string(p.Submission.Files[0].Text) != hello) ||
				why != "" && !strings.Contains(p.Mistakes.Error(), why) {
				t.Errorf("%s: %s = %+v, want %q", kind, number, p, why)
			}
		}
	}
	for why, text := range map[string][]byte{
		"outside":           zipOf(t, []item{{name: "../05/main.go", text: hello}}),
		"outside ":          tarOf(t, []item{{name: "05/main.go", text: hello}, {name: "/05/main.go", text: hello}}),
		"can't be unpacked": []byte("PK"),
	} {
		if parts, err := Several("x", text); err == nil || !strings.Contains(err.Error()+" ", strings.TrimSpace(why)) {
			t.Errorf("Several = %v, %v; want %q", parts, err, why)
		}
	}
}

// TestSub has a folder that is somebody else's, or became it.
func TestSub(t *testing.T) {
	dir := folder(t, map[string]string{"main.go": hello})
	if err := os.Mkdir(filepath.Join(dir, "own"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("own", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	for name, want := range map[string]string{"own": "", "link": "it is a link", "main.go": "it is no folder"} {
		sub, err := Sub(root, name)
		if err == nil {
			err = sub.Close()
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("Sub(%s) = %v, want %q", name, err, want)
		}
	}
	if s, err := CollectIn(root, "link"); err == nil {
		t.Errorf("CollectIn of a link = %+v", s)
	}
}
