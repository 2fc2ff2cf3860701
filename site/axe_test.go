package site_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeRun is run after axe-core itself and gives one line a violation.
const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(r =>
	r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.target.join(" ") + " " +
		n.any.concat(n.all, n.none).map(c => c.message).join("; "))))`

// TestAccessible has axe-core look at every page: light and dark, wide and on a
// phone, and with everything that folds unfolded.
func TestAccessible(t *testing.T) {
	axe, err := os.ReadFile(tool(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	base := ways(t)[0].base
	for _, look := range []struct {
		scheme string
		width  int64
	}{{"light", 1440}, {"dark", 1440}, {"light", 390}, {"dark", 390}} {
		t.Run(fmt.Sprintf("%s at %d px", look.scheme, look.width), func(t *testing.T) {
			b := newTab(t, true)
			b.do(
				chromedp.EmulateViewport(look.width, 900),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: look.scheme},
					{Name: "prefers-reduced-motion", Value: "reduce"},
				}),
			)
			for _, name := range pages(t) {
				b.open(base + name)
				var violations []string
				b.do(
					chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil),
					chromedp.Evaluate(string(axe), nil),
					chromedp.Evaluate(axeRun, &violations, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
						return p.WithAwaitPromise(true)
					}),
				)
				if len(violations) > 0 {
					t.Errorf("%s:\n  %s", name, strings.Join(violations, "\n  "))
				}
			}
		})
	}
}
