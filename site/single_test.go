package site_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sockets/runner/browser"
	"sockets/runner/build"
	"sockets/runner/export"
)

// TestSingleFile opens a lesson that was exported as one file: its own script
// works under its policy, the console is quiet, and nothing is asked of anybody.
func TestSingleFile(t *testing.T) {
	s, err := build.Pages(t.Context(), build.Options{Root: specimen.root, Replay: true})
	if err != nil {
		t.Fatal(err)
	}
	f, err := export.Find("html")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "lesson.html")
	if _, err := export.Write(t.Context(), s, []string{"01"}, f, name); err != nil {
		t.Fatal(err)
	}
	b := browser.New(t, true)
	b.Do(chromedp.EmulateViewport(1440, 900))
	b.Open("file://" + name)
	b.Want("the style is there", `getComputedStyle(document.querySelector(".lines")).borderRadius === "8px"`)
	b.Click(`[data-layer=kernel]`)
	b.Want("calls unfold", `[...document.querySelectorAll("details.x.kernel")].every(d => d.open)`)
	b.Want("there is no search, which would need the site", `!document.querySelector("#open-search, #search")`)
	b.Press("?")
	b.Until("the keys are explained", `document.querySelector("#keys").open`)
	b.Press("/")
	for _, url := range browser.Eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name)`) {
		if !strings.HasPrefix(url, "data:") {
			t.Errorf("it asks for %s", url)
		}
	}
	b.Run(`document.querySelectorAll("dialog").forEach(d => d.close())`)
	fits(t, b, "the single file")
	b.Quiet("the single file")
}

// TestDownloads checks that the pages offer what was put beside them; TestLinks
// that it is there.
func TestDownloads(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		for name, want := range map[string]string{
			"index.html": "sockets-line-by-line.epub sockets-line-by-line.zip", "01/index.html": "sockets-01.ipynb sockets-01.txtar",
		} {
			text := s.read(t, name)
			for _, file := range strings.Fields(want) {
				if !strings.Contains(text, `<a href="`+file+`" download>`) {
					t.Errorf("%s does not offer %s", name, file)
				}
			}
		}
	})
}
