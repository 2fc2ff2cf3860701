package site_test

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
)

// press types keys where the focus is.
func (b *tab) press(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// click clicks the first element that matches, which must show.
func (b *tab) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("click %s: %v", selector, err)
	}
}

// want fails the test if the JavaScript expression is not true.
func (b *tab) want(what, expression string) {
	b.t.Helper()
	if !eval[bool](b, expression) {
		b.t.Errorf("%s: %s is not true", what, expression)
	}
}

// lessons opens the specimen's lesson from the disk and over HTTP.
func lessons(t *testing.T, test func(b *tab, url string)) {
	t.Helper()
	for _, w := range specimen.ways(t)[:2] {
		t.Run(w.name, func(t *testing.T) {
			b := newTab(t, true)
			b.do(chromedp.EmulateViewport(1440, 900))
			b.open(w.base + lessonPage)
			b.run(`localStorage.clear()`)
			b.open(w.base + lessonPage)
			test(b, w.base+lessonPage)
			b.quiet(lessonPage)
		})
	}
}

func TestSearchFinds(t *testing.T) {
	lessons(t, func(b *tab, _ string) {
		b.want("the index is not loaded before it is needed", `window.searchIndex === undefined`)
		b.click("#open-search")
		b.until("the dialog", `document.querySelector("#search").open`)
		for _, c := range []struct{ words, title, href string }{
			{"etimedout", "Connect, and be patient", "01/index.html#connect-and-be-patient"},
			{"descriptor", "descriptor", "01/index.html#term-descriptor"},
			{"getsockopt", "getsockopt", "reference.html#calls-getsockopt"},
			{"unix.Connect patient", "Connect, and be patient", "01/index.html#connect-and-be-patient"},
		} {
			b.run(`document.querySelector("#search-input").value = ""`)
			b.do(chromedp.SendKeys(chromedp.CSS("#search-input"), c.words))
			b.until("a result for "+c.words, `document.querySelector("#search-results b")?.textContent === `+quoted(c.title))
			b.want(c.words, `[...document.querySelectorAll("#search-results a")].some(a => a.href.endsWith(`+quoted(c.href)+`))`)
		}
		b.run(`document.querySelector("#search-input").value = ""`)
		b.do(chromedp.SendKeys(chromedp.CSS("#search-input"), "xyzzy"))
		b.until("the number of results", `document.querySelector("#search-status").textContent === "0 places"`)
		b.run(`document.querySelector("#search-input").value = ""`)
		b.do(chromedp.SendKeys(chromedp.CSS("#search-input"), "argument"))
		b.until("results", `!!document.querySelector("#search-results a")`)
		b.press("\r")
		b.until("the page that was found", there("02"))
	})
}

func TestThemeSwitches(t *testing.T) {
	lessons(t, func(b *tab, url string) {
		const paper = `getComputedStyle(document.documentElement).backgroundColor`
		b.look(1440, "light")
		light := eval[string](b, paper)
		b.look(1440, "dark")
		dark := eval[string](b, paper)
		if light == dark {
			t.Fatalf("the page is %s in light and in dark", light)
		}
		b.click("#theme") // system -> light
		b.want("light on a dark system", paper+" === "+quoted(light))
		b.open(url)
		b.want("light is remembered", paper+" === "+quoted(light))
		b.look(1440, "light")
		b.click("#theme")
		b.want("dark on a light system", paper+" === "+quoted(dark))
		b.click("#theme")
		b.want("back to the system's", paper+" === "+quoted(light))
	})
}

func TestQuestionsSwitch(t *testing.T) {
	lessons(t, func(b *tab, url string) {
		const open = `[...document.querySelectorAll("details.question")].filter(d => d.open).length`
		b.want("questions alone at first", open+" === 0")
		b.click(`[data-qa=qa]`)
		b.want("with their answers", open+" === 4")
		b.open(url)
		b.want("that is remembered", open+" === 4")
		b.click(`[data-qa=q]`)
		b.want("and alone again", open+" === 0")
	})
}

func TestLayersSwitch(t *testing.T) {
	lessons(t, func(b *tab, url string) {
		open := func(layer string) string {
			return `[...document.querySelectorAll("details.x.` + layer + `")].every(d => d.open)`
		}
		closed := func(layer string) string {
			return `[...document.querySelectorAll("details.x.` + layer + `")].every(d => !d.open)`
		}
		b.want("a beginner sees what is printed", open("printed"))
		b.want("and no calls", closed("kernel"))
		b.want("and no frames", closed("wire"))
		b.want("there are some of each", `["printed", "kernel", "wire"].every(l => document.querySelector("details.x." + l))`)
		b.click(`[data-layer=kernel]`)
		b.click(`[data-layer=wire]`)
		b.click(`[data-layer=printed]`)
		b.open(url)
		b.want("the kernel is remembered", open("kernel"))
		b.want("the wire is remembered", open("wire"))
		b.want("nothing printed is remembered", closed("printed"))
	})
}

// TestLights points at a line, a call and a frame: what belongs to it is lit.
func TestLights(t *testing.T) {
	lessons(t, func(b *tab, _ string) {
		b.run(`document.querySelectorAll("details").forEach(d => d.open = true)`)
		over := func(selector string) {
			b.run(`document.querySelector(` + quoted(selector) + `).dispatchEvent(new MouseEvent("mouseover", {bubbles: true}))`)
		}
		lit := func(selector string) string { return `!!document.querySelector(` + quoted(selector+".lit") + `)` }
		over(`.call[data-call="main:15"]`)
		b.want("the call", lit(`.call[data-call="main:15"]`))
		b.want("its frames", lit(`.frame[data-call="main:15"]`))
		b.want("and in the ladder", lit(`.ld-row[data-call="main:15"]`))
		b.want("and in the table", lit(`tr[data-call="main:15"]`))
		b.want("and no other call", `!document.querySelector('.call.lit:not([data-call="main:15"])')`)
		over(`.transcript .row[data-line]`)
		b.want("the line that printed", lit(`.line`))
		over(`h1`)
		b.want("nothing any more", `!document.querySelector(".lit")`)
		b.run(`document.querySelector('.line[data-line="main:main.go:34"] > .n').focus()`)
		b.want("with the keyboard, too", lit(`.line[data-line="main:main.go:34"]`))
	})
}

func TestCopies(t *testing.T) {
	lessons(t, func(b *tab, _ string) {
		b.run(`Object.defineProperty(navigator, "clipboard", {value: {writeText: async t => { window.copied = t }}})`)
		b.click(".command .copy")
		b.until("the copied command", `window.copied === "go run ./lessons/01"`)
		b.click(".cell.code .copy")
		b.until("the copied code", `window.copied?.startsWith("// Command 01 asks") && window.copied.includes('import (\n\t"bufio"\n')`)
		b.want("no numbers are copied", `!/^\d/m.test(window.copied)`)
		b.click(".embed .copy")
		b.until("the copied link", `window.copied.startsWith('<a href="') && window.copied.includes(location.href)`)
	})
}

func TestKeyboard(t *testing.T) {
	lessons(t, func(b *tab, url string) {
		b.press("?")
		b.until("the list of keys", `document.querySelector("#keys").open`)
		b.press("\x1b")
		b.until("it is closed", `!document.querySelector("#keys").open`)
		b.press("/")
		b.until("search", `document.querySelector("#search").open && document.activeElement.id === "search-input"`)
		b.press("n")
		b.want("letters are typed there", `document.querySelector("#search-input").value.endsWith("n")`)
		b.press("\x1b")
		b.until("search is closed", `!document.querySelector("#search").open`)
		b.press("2")
		b.want("the kernel", `document.querySelector("[data-layer=kernel]").getAttribute("aria-pressed") === "true"`)
		b.press("q")
		b.want("answers", `document.querySelector("[data-qa=qa]").getAttribute("aria-pressed") === "true"`)
		for _, keys := range []string{"np", "jk"} {
			b.press(keys[:1])
			b.until("the next lesson", there("02"))
			b.press(keys[1:])
			b.until("the previous lesson", there("01"))
		}
		b.click("#open-keys")
		b.click("#keys-on")
		b.click("#keys .close")
		b.press("/")
		b.press("?")
		b.want("keys that are off do nothing", `!document.querySelector("dialog[open]")`)
		b.open(url)
		b.press("?")
		b.want("off is remembered", `!document.querySelector("dialog[open]")`)
	})
}

// TestWithoutJavaScript finds everything there, and no control that is dead.
func TestWithoutJavaScript(t *testing.T) {
	b := newTab(t, false)
	b.open(specimen.file() + lessonPage)
	b.want("no button shows", `[...document.querySelectorAll("button")].every(e => e.getClientRects().length === 0)`)
	b.want("every line's calls can be opened", `document.querySelectorAll("details.x.kernel > summary").length > 5`)
	b.click("details.x.kernel > summary")
	b.until("one is open", `document.querySelector("details.x.kernel").open`)
	b.quiet(lessonPage)
}

// TestPrints unfolds everything on paper.
func TestPrints(t *testing.T) {
	lessons(t, func(b *tab, _ string) {
		b.run(`dispatchEvent(new Event("beforeprint"))`)
		b.want("nothing is folded", `!document.querySelector("details:not([open])")`)
		b.run(`dispatchEvent(new Event("afterprint"))`)
		b.want("and it is as it was", `!document.querySelector("details.x.kernel").open`)
	})
}

func quoted(s string) string { return "`" + s + "`" }

// there is true on the page of the lesson, once it has been loaded. A server may
// leave out the name of the file.
func there(number string) string {
	return `/\/` + number + `\/(index\.html)?$/.test(location.pathname) && document.readyState === "complete"`
}
