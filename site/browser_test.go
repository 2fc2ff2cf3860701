package site_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sockets/runner/browser"
)

// A way is how a reader opens the site.
type way struct {
	name string
	base string // URL of its folder
	js   bool
}

// ways are the site from the disk and over HTTP, with and without JavaScript.
func (s *built) ways(t *testing.T) []way {
	t.Helper()
	server := httptest.NewServer(http.FileServer(http.Dir(s.dir)))
	t.Cleanup(server.Close)
	return []way{
		{"file", s.file(), true},
		{"http", server.URL + "/", true},
		{"file without JavaScript", s.file(), false},
		{"http without JavaScript", server.URL + "/", false},
	}
}

// file is the URL of the site on the disk.
func (s *built) file() string { return "file://" + s.dir + "/" }

// TestEveryPage opens every page in every way: no complaint in the console, and
// nothing sticks out to the side at any width, folded or unfolded.
func TestEveryPage(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		for _, w := range s.ways(t) {
			t.Run(w.name, func(t *testing.T) {
				b := browser.New(t, w.js)
				for _, name := range s.all(t) {
					b.Open(w.base + name)
					if w.js && strings.HasPrefix(w.base, "file:") { // how it came makes no difference
						fits(t, b, name)
						b.Run(`document.querySelectorAll("details").forEach(d => d.open = true)`)
						fits(t, b, name+", unfolded")
					}
					b.Quiet(name)
				}
			})
		}
	})
}

// fits fails the test if the page must be scrolled to the side.
func fits(t *testing.T, b *browser.Tab, where string) {
	t.Helper()

	for _, width := range []int64{1440, 768, 390, 320} {
		b.Do(chromedp.EmulateViewport(width, 900))
		if over := browser.Eval[int64](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			t.Errorf("%s at %d px: %d px stick out to the side", where, width, over)
		}
	}
}

// TestAsksNobodyElse opens the site over HTTP and holds the browser to it: every
// request goes to the site's own address.
func TestAsksNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		b := browser.New(t, true)
		base := s.ways(t)[1].base
		for _, name := range s.kinds(t) {
			b.Open(base + name)
			for _, url := range browser.Eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name)`) {
				if !strings.HasPrefix(url, base) {
					t.Errorf("%s asks for %s", name, url)
				}
			}
		}
	})
}

// TestHeader has the header on one line wherever there is room for it, and its
// buttons beside the site's name everywhere.
func TestHeader(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		b := browser.New(t, true)
		b.Open(s.file() + "index.html")
		for _, width := range []int64{320, 360, 390, 480, 640, 641, 700, 752, 753, 768, 800, 801, 896, 897, 1440} {
			b.Do(chromedp.EmulateViewport(width, 900))
			// How far the middles of the parts are from that of the name.
			off := browser.Eval[[]int64](b, `(() => {
				const middle = (e) => { const r = document.querySelector(e).getBoundingClientRect(); return r.top + r.height / 2; };
				return [".site", ".tools"].map(e => Math.round(Math.abs(middle(e) - middle(".brand"))));
			})()`)
			if width > 640 && off[0] > 8 || off[1] > 8 {
				t.Errorf("at %d px the links and the buttons are %d px off the line", width, off)
			}
		}
	})
}
