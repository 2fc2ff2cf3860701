// Package browser opens pages in a real Chromium, for tests only: what a page's
// script does, what the console complains of, how it looks to a reader.
//
// It knows nothing of this site.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
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
	closing = stop
	ctx, _ := chromedp.NewContext(allocated) // stop ends it
	return ctx, chromedp.Do(ctx)
})

var closing context.CancelFunc = func() {}

// Close ends the Chromium of all tests of a package; its TestMain calls it.
func Close() { closing() }

// A Tab is an open page of Chromium, and what its console said.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// New opens an empty tab that lives as long as the test, at most 5 minutes: a
// test opens many pages, maybe on a busy machine.
func New(tb testing.TB, js bool) *Tab {
	tb.Helper()
	browser, err := allocator()
	if err != nil {
		tier.Lacks(tb, err.Error())
	}
	ctx, cancel := chromedp.NewContext(browser)
	tb.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // opens it, without a deadline
		tb.Fatalf("open a tab: %v", err)
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	tb.Cleanup(stop)
	b := &Tab{t: tb, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		tb.Fatalf("listen to the console: %v", err)
	}
	Call(b, log.Enable, cdp.Empty{})
	Call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !js})
	return b
}

// listen collects what the console says that is not mere information.
func (b *Tab) listen(event any) {
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

// Call sends a command of the DevTools protocol.
func Call[P, R any](b *Tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// Do has the browser act.
func (b *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// Open goes to the URL.
func (b *Tab) Open(url string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("body")))
}

// Look is how wide the window is, and what the system prefers.
func (b *Tab) Look(width int64, scheme string) {
	b.t.Helper()
	b.Do(chromedp.EmulateViewport(width, 900))
	Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// Quiet fails the test if the console had anything to complain about.
func (b *Tab) Quiet(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("%s: console: %s", where, p)
	}
	b.problems = nil
}

// Eval gives the value of a JavaScript expression.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Run has the page do something.
func (b *Tab) Run(expression string) {
	b.t.Helper()
	Eval[chromedp.Void](b, "void ("+expression+")")
}

// patience is how long anything in a page may take.
const patience = 30 * time.Second

// Until waits for a JavaScript expression to become true, also when the page is
// left for another meanwhile. One that fails, as on an element that is not there
// yet, is not true.
func (b *Tab) Until(what, expression string) {
	b.t.Helper()
	truth := `(() => { try { return !!(` + expression + `); } catch { return false; } })()`
	deadline := time.Now().Add(patience)
	for {
		_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](truth, chromedp.WithPollingTimeout(patience)))
		var left *cdproto.Error
		switch {
		case err == nil:
			return
		case !errors.As(err, &left) || time.Now().After(deadline):
			b.t.Fatalf("waited for %s: %v", what, err)
		}
	}
}

// Context is the tab's, for actions that this package has no word for.
func (b *Tab) Context() context.Context { return b.ctx }

// Press types keys where the focus is.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	b.Do(chromedp.KeyEvent(keys))
}

// Click clicks the first element that matches, which must show.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("click %s: %v", selector, err)
	}
}

// Want fails the test if the JavaScript expression is not true.
func (b *Tab) Want(what, expression string) {
	b.t.Helper()
	if !Eval[bool](b, expression) {
		b.t.Errorf("%s: %s is not true", what, expression)
	}
}
