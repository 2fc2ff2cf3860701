package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"

	"sockets/runner/tier"
)

// writePages writes every page of the samples and of the class, with the style
// sheet, and gives their names.
func writePages(t *testing.T) (dir string, names []string) {
	t.Helper()
	dir = t.TempDir()
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("report.css", StyleSheet)
	for name, r := range samples() {
		var b bytes.Buffer
		if err := Page(&b, r, "report.css"); err != nil {
			t.Fatal(err)
		}
		write(name+".html", b.Bytes())
		names = append(names, name+".html")
	}
	c := class()
	h := hostile()
	c.Reports = append(c.Reports, h)
	c.Name = "A class with a rather long name, to see where it breaks"
	write("overview.html", []byte(renderClass(t, classFormats["overview.html"], c)))
	return dir, append(names, "overview.html")
}

// TestBrowser opens every page from the disk, light and dark, wide and on a
// phone: the style sheet is applied, nothing is refused by the policy, nothing
// scrolls sideways, and axe-core has no complaint.
func TestBrowser(t *testing.T) {
	axe, err := os.ReadFile(filepath.Join(os.Getenv("SOCKETS_TOOLS"), "node_modules/axe-core/axe.min.js"))
	if err != nil {
		tier.Lacks(t, fmt.Sprintf("no axe-core: %v; .ci/run installs it", err))
	}
	options := chromedp.DefaultExecAllocatorOptions[:]
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		tier.Lacks(t, fmt.Sprintf("Chromium does not start: %v; apt-get install chromium", err))
	}
	var mu sync.Mutex
	var refused []string
	err = chromedp.Listen(ctx, func(e any) {
		if entry, ok := e.(*log.EventEntryAdded); ok {
			mu.Lock()
			refused = append(refused, entry.Entry.Text)
			mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	dir, names := writePages(t)
	for _, width := range []int64{390, 1440} {
		for _, scheme := range []string{"light", "dark"} {
			for _, name := range names {
				look(t, ctx, string(axe), "file://"+dir+"/"+name, scheme, width)
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(refused) > 0 {
		t.Errorf("the browser complained:\n  %s", strings.Join(refused, "\n  "))
	}
}

// look opens one page.
func look(t *testing.T, ctx context.Context, axe, url, scheme string, width int64) {
	t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media)
	if err == nil {
		err = chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(url))
	}
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	complaints, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](axe+`;
		axe.run(document, {preload: false, resultTypes: ["violations"]}).then(r => [
			...(document.documentElement.scrollWidth > innerWidth ? ["it scrolls sideways"] : []),
			...(getComputedStyle(document.body).marginTop != "0px" ? ["it has no style"] : []),
			...r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.target.join(" ")))])`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	for _, c := range complaints {
		t.Errorf("%s, %s, %d px: %s", path.Base(url), scheme, width, c)
	}
}
