package site_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"sockets/runner/browser"
)

// axeRun is run after axe-core itself and gives one line a violation.
const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(r =>
	r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.target.join(" ") + " " +
		n.any.concat(n.all, n.none).map(c => c.message).join("; "))))`

// TestAccessible has axe-core look at every kind of page: light and dark, wide and on a
// phone, and with everything that folds unfolded.
func TestAccessible(t *testing.T) {
	axe, err := os.ReadFile(tool(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, look := range []struct {
		scheme string
		width  int64
	}{{"light", 1440}, {"dark", 1440}, {"light", 390}, {"dark", 390}} {
		t.Run(fmt.Sprintf("%s at %d px", look.scheme, look.width), func(t *testing.T) {
			each(t, func(t *testing.T, s *built) {
				t.Helper()
				b := browser.New(t, true)
				b.Look(look.width, look.scheme)
				for _, name := range s.kinds(t) {
					b.Open(s.file() + name)
					b.Run(`document.querySelectorAll("details").forEach(d => d.open = true)`)
					b.Run("(() => {" + string(axe) + "})()")
					if violations := browser.Eval[[]string](b, axeRun); len(violations) > 0 {
						t.Errorf("%s:\n  %s", name, strings.Join(violations, "\n  "))
					}
				}
			})
		})
	}
}

// TestDialogsAccessible has axe-core look at the dialogs, open.
func TestDialogsAccessible(t *testing.T) {
	axe, err := os.ReadFile(tool(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	b := browser.New(t, true)
	for _, key := range []string{"?", "/"} {
		b.Open(specimen.file() + lessonPage)
		b.Press(key)
		b.Until("a dialog", `!!document.querySelector("dialog[open]")`)
		b.Run("(() => {" + string(axe) + "})()")
		if violations := browser.Eval[[]string](b, axeRun); len(violations) > 0 {
			t.Errorf("the dialog of %s:\n  %s", key, strings.Join(violations, "\n  "))
		}
	}
}
