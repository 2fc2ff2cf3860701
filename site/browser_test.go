package site_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

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
func ways(t *testing.T) []way {
	t.Helper()
	server := httptest.NewServer(http.FileServer(http.Dir(built)))
	t.Cleanup(server.Close)
	return []way{
		{"file", "file://" + built + "/", true},
		{"http", server.URL + "/", true},
		{"file without JavaScript", "file://" + built + "/", false},
		{"http without JavaScript", server.URL + "/", false},
	}
}

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
		return nil, fmt.Errorf("Chromium is not installed: apt-get install chromium")
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
	ctx, _ := chromedp.NewContext(allocated) //nolint:govet // stop ends it
	closeBrowser = stop
	return ctx, chromedp.Run(ctx)
})

// closeBrowser ends the Chromium of all tests; TestMain calls it.
var closeBrowser = func() {}

// A tab is an open page of Chromium, and what its console said.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// newTab opens an empty tab that lives as long as the test, at most 2 minutes.
func newTab(t *testing.T, js bool) *tab {
	t.Helper()
	browser, err := allocator()
	if err != nil {
		tier.Lacks(t, err.Error())
	}
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, b.listen)
	b.do(log.Enable(), emulation.SetScriptExecutionDisabled(!js))
	return b
}

// listen collects what the console says that is not mere information.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			b.problems = append(b.problems, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			b.problems = append(b.problems, fmt.Sprintf("console.%s", e.Type))
		}
	}
}

func (b *tab) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url), chromedp.WaitReady("body"))
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
	var v T
	b.do(chromedp.Evaluate(expression, &v))
	return v
}

// until waits for a JavaScript expression to become true.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	var ok bool
	err := chromedp.Run(b.ctx, chromedp.Poll(expression, &ok, chromedp.WithPollingTimeout(10*time.Second)))
	if err != nil {
		b.t.Fatalf("waited for %s: %v", what, err)
	}
}

// TestEveryPage opens every page in every way: no complaint in the console, and
// nothing sticks out to the side at any width.
func TestEveryPage(t *testing.T) {
	for _, w := range ways(t) {
		t.Run(w.name, func(t *testing.T) {
			b := newTab(t, w.js)
			for _, name := range pages(t) {
				b.open(w.base + name)
				b.quiet(name)
				if !w.js {
					continue
				}
				for _, width := range []int64{1440, 768, 390, 320} {
					b.do(chromedp.EmulateViewport(width, 900))
					if over := eval[int64](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
						t.Errorf("%s at %d px: %d px stick out to the side", name, width, over)
					}
				}
			}
		})
	}
}

// TestAsksNobodyElse opens the site over HTTP and holds the browser to it: every
// request goes to the site's own address.
func TestAsksNobodyElse(t *testing.T) {
	b := newTab(t, true)
	base := ways(t)[1].base
	for _, name := range pages(t) {
		b.open(base + name)
		for _, url := range eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name)`) {
			if !strings.HasPrefix(url, base) {
				t.Errorf("%s asks for %s", name, url)
			}
		}
	}
}

// lessonPage is a page with everything on it.
var lessonPage = path.Join("05", "index.html")
