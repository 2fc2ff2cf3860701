package site_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sockets/runner/tier"
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

// allocator is one Chromium for all tests.
var allocator = sync.OnceValues(func() (context.Context, error) {
	var found string
	for _, name := range []string{"chromium", "google-chrome", "chromium-browser"} {
		if p, err := exec.LookPath(name); err == nil {
			found = p
			break
		}
	}
	if found == "" {
		return nil, fmt.Errorf("there is no Chromium: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(found),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	closeBrowser = stop
	ctx, _ := chromedp.NewContext(allocated) // stop ends it
	return ctx, chromedp.Do(ctx)
})

// closeBrowser ends the Chromium of all tests; TestMain calls it.
var closeBrowser context.CancelFunc = func() {}

// A tab is an open page of Chromium, and what its console said.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// newTab opens an empty tab that lives as long as the test, at most 5 minutes: a
// test opens many pages, maybe on a busy machine.
func newTab(t *testing.T, js bool) *tab {
	t.Helper()
	browser, err := allocator()
	if err != nil {
		tier.Lacks(t, err.Error())
	}
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // opens it, without a deadline
		t.Fatalf("open a tab: %v", err)
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("listen to the console: %v", err)
	}
	call(b, log.Enable, cdp.Empty{})
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !js})
	return b
}

// listen collects what the console says that is not mere information.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			b.problems = append(b.problems, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			b.problems = append(b.problems, fmt.Sprintf("console.%s", e.Type))
		}
	}
}

func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("body")))
}

// look is how wide the window is, and what the system prefers.
func (b *tab) look(width int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, 900))
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// quiet fails the test if the console had anything to complain about.
func (b *tab) quiet(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("%s: console: %s", where, p)
	}
	b.problems = nil
}

// eval gives the value of a JavaScript expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// run has the page do something.
func (b *tab) run(expression string) {
	b.t.Helper()
	eval[chromedp.Void](b, "void ("+expression+")")
}

// patience is how long anything in a page may take.
const patience = 10 * time.Second

// until waits for a JavaScript expression to become true, also when the page is
// left for another meanwhile.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(patience)))
		var left *cdproto.Error
		switch {
		case err == nil:
			return
		case !errors.As(err, &left) || time.Now().After(deadline):
			b.t.Fatalf("waited for %s: %v", what, err)
		}
	}
}

// TestEveryPage opens every page in every way: no complaint in the console, and
// nothing sticks out to the side at any width, folded or unfolded.
func TestEveryPage(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		for _, w := range s.ways(t) {
			t.Run(w.name, func(t *testing.T) {
				b := newTab(t, w.js)
				for _, name := range s.all(t) {
					b.open(w.base + name)
					if w.js && strings.HasPrefix(w.base, "file:") { // how it came makes no difference
						b.fits(name)
						b.run(`document.querySelectorAll("details").forEach(d => d.open = true)`)
						b.fits(name + ", unfolded")
					}
					b.quiet(name)
				}
			})
		}
	})
}

// fits fails the test if the page must be scrolled to the side.
func (b *tab) fits(where string) {
	b.t.Helper()
	for _, width := range []int64{1440, 768, 390, 320} {
		b.do(chromedp.EmulateViewport(width, 900))
		if over := eval[int64](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			b.t.Errorf("%s at %d px: %d px stick out to the side", where, width, over)
		}
	}
}

// TestAsksNobodyElse opens the site over HTTP and holds the browser to it: every
// request goes to the site's own address.
func TestAsksNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		b := newTab(t, true)
		base := s.ways(t)[1].base
		for _, name := range s.kinds(t) {
			b.open(base + name)
			for _, url := range eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name)`) {
				if !strings.HasPrefix(url, base) {
					t.Errorf("%s asks for %s", name, url)
				}
			}
		}
	})
}
