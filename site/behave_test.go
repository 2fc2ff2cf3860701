package site_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"sockets/runner/browser"
)

// lessons opens the specimen's lesson from the disk and over HTTP.
func lessons(t *testing.T, test func(b *browser.Tab, url string)) {
	t.Helper()
	for _, w := range specimen.ways(t)[:2] {
		t.Run(w.name, func(t *testing.T) {
			b := browser.New(t, true)
			b.Do(chromedp.EmulateViewport(1440, 900))
			b.Open(w.base + lessonPage)
			b.Run(`localStorage.clear()`)
			b.Open(w.base + lessonPage)
			test(b, w.base+lessonPage)
			b.Quiet(lessonPage)
		})
	}
}

func TestSearchFinds(t *testing.T) {
	lessons(t, func(b *browser.Tab, _ string) {
		b.Want("the index is not loaded before it is needed", `window.searchIndex === undefined`)
		b.Click("#open-search")
		b.Until("the dialog", `document.querySelector("#search").open`)
		for _, c := range []struct{ words, title, href string }{
			{"etimedout", "Connect, and be patient", "01/index.html#connect-and-be-patient"},
			{"descriptor", "descriptor", "01/index.html#term-descriptor"},
			{"getsockopt", "getsockopt", "reference.html#calls-getsockopt"},
			{"unix.Connect patient", "Connect, and be patient", "01/index.html#connect-and-be-patient"},
		} {
			b.Run(`document.querySelector("#search-input").value = ""`)
			b.Do(chromedp.SendKeys(chromedp.CSS("#search-input"), c.words))
			b.Until("a result for "+c.words, `document.querySelector("#search-results b")?.textContent === `+quoted(c.title))
			b.Want(c.words, `[...document.querySelectorAll("#search-results a")].some(a => a.href.endsWith(`+quoted(c.href)+`))`)
		}
		b.Run(`document.querySelector("#search-input").value = ""`)
		b.Do(chromedp.SendKeys(chromedp.CSS("#search-input"), "xyzzy"))
		b.Until("the number of results", `document.querySelector("#search-status").textContent === "0 places"`)
		b.Run(`document.querySelector("#search-input").value = ""`)
		b.Do(chromedp.SendKeys(chromedp.CSS("#search-input"), "argument"))
		b.Until("results", `!!document.querySelector("#search-results a")`)
		b.Press("\r")
		b.Until("the page that was found", there("02"))
	})
}

func TestThemeSwitches(t *testing.T) {
	lessons(t, func(b *browser.Tab, url string) {
		const paper = `getComputedStyle(document.documentElement).backgroundColor`
		b.Look(1440, "light")
		light := browser.Eval[string](b, paper)
		b.Look(1440, "dark")
		dark := browser.Eval[string](b, paper)
		if light == dark {
			t.Fatalf("the page is %s in light and in dark", light)
		}
		b.Click("#theme") // system -> light
		b.Want("light on a dark system", paper+" === "+quoted(light))
		b.Open(url)
		b.Want("light is remembered", paper+" === "+quoted(light))
		b.Look(1440, "light")
		b.Click("#theme")
		b.Want("dark on a light system", paper+" === "+quoted(dark))
		b.Click("#theme")
		b.Want("back to the system's", paper+" === "+quoted(light))
	})
}

func TestQuestionsSwitch(t *testing.T) {
	lessons(t, func(b *browser.Tab, url string) {
		const open = `[...document.querySelectorAll("details.question")].filter(d => d.open).length`
		b.Want("questions alone at first", open+" === 0")
		b.Click(`[data-qa=qa]`)
		b.Want("with their answers", open+" === 4")
		b.Open(url)
		b.Want("that is remembered", open+" === 4")
		b.Click(`[data-qa=q]`)
		b.Want("and alone again", open+" === 0")
	})
}

func TestLayersSwitch(t *testing.T) {
	lessons(t, func(b *browser.Tab, url string) {
		open := func(layer string) string {
			return `[...document.querySelectorAll("details.x.` + layer + `")].every(d => d.open)`
		}
		closed := func(layer string) string {
			return `[...document.querySelectorAll("details.x.` + layer + `")].every(d => !d.open)`
		}
		b.Want("a beginner sees what is printed", open("printed"))
		b.Want("and no calls", closed("kernel"))
		b.Want("and no frames", closed("wire"))
		b.Want("there are some of each", `["printed", "kernel", "wire"].every(l => document.querySelector("details.x." + l))`)
		b.Click(`[data-layer=kernel]`)
		b.Click(`[data-layer=wire]`)
		b.Click(`[data-layer=printed]`)
		b.Open(url)
		b.Want("the kernel is remembered", open("kernel"))
		b.Want("the wire is remembered", open("wire"))
		b.Want("nothing printed is remembered", closed("printed"))
	})
}

// TestLights points at a line, a call and a frame: what belongs to it is lit.
func TestLights(t *testing.T) {
	lessons(t, func(b *browser.Tab, _ string) {
		b.Run(`document.querySelectorAll("details").forEach(d => d.open = true)`)
		over := func(selector string) {
			b.Run(`document.querySelector(` + quoted(selector) + `).dispatchEvent(new MouseEvent("mouseover", {bubbles: true}))`)
		}
		lit := func(selector string) string { return `!!document.querySelector(` + quoted(selector+".lit") + `)` }
		over(`.call[data-call="main:15"]`)
		b.Want("the call", lit(`.call[data-call="main:15"]`))
		b.Want("its frames", lit(`.frame[data-call="main:15"]`))
		b.Want("and in the ladder", lit(`.ld-row[data-call="main:15"]`))
		b.Want("and in the table", lit(`tr[data-call="main:15"]`))
		b.Want("and no other call", `!document.querySelector('.call.lit:not([data-call="main:15"])')`)
		over(`.transcript .row[data-line]`)
		b.Want("the line that printed", lit(`.line`))
		over(`h1`)
		b.Want("nothing any more", `!document.querySelector(".lit")`)
		b.Run(`document.querySelector('.line[data-line="main:main.go:34"] > .n').focus()`)
		b.Want("with the keyboard, too", lit(`.line[data-line="main:main.go:34"]`))
	})
}

func TestCopies(t *testing.T) {
	lessons(t, func(b *browser.Tab, _ string) {
		b.Run(`Object.defineProperty(navigator, "clipboard", {value: {writeText: async t => { window.copied = t }}})`)
		b.Click(".command .copy")
		b.Until("the copied command", `window.copied === "go run ./lessons/01"`)
		b.Click(".cell.code .copy")
		b.Until("the copied code", `window.copied?.startsWith("// Command 01 asks") && window.copied.includes('import (\n\t"bufio"\n')`)
		b.Want("no numbers are copied", `!/^\d/m.test(window.copied)`)
		b.Click(".embed .copy")
		b.Until("the copied link", `window.copied.startsWith('<a href="') && window.copied.includes(location.href)`)
	})
}

func TestKeyboard(t *testing.T) {
	lessons(t, func(b *browser.Tab, url string) {
		b.Press("?")
		b.Until("the list of keys", `document.querySelector("#keys").open`)
		b.Press("\x1b")
		b.Until("it is closed", `!document.querySelector("#keys").open`)
		b.Press("/")
		b.Until("search", `document.querySelector("#search").open && document.activeElement.id === "search-input"`)
		b.Press("n")
		b.Want("letters are typed there", `document.querySelector("#search-input").value.endsWith("n")`)
		b.Press("\x1b")
		b.Until("search is closed", `!document.querySelector("#search").open`)
		b.Press("2")
		b.Want("the kernel", `document.querySelector("[data-layer=kernel]").getAttribute("aria-pressed") === "true"`)
		b.Press("q")
		b.Want("answers", `document.querySelector("[data-qa=qa]").getAttribute("aria-pressed") === "true"`)
		for _, keys := range []string{"np", "jk"} {
			b.Press(keys[:1])
			b.Until("the next lesson", there("02"))
			b.Press(keys[1:])
			b.Until("the previous lesson", there("01"))
		}
		b.Click("#open-keys")
		b.Click("#keys-on")
		b.Click("#keys .close")
		b.Press("/")
		b.Press("?")
		b.Want("keys that are off do nothing", `!document.querySelector("dialog[open]")`)
		b.Open(url)
		b.Press("?")
		b.Want("off is remembered", `!document.querySelector("dialog[open]")`)
	})
}

// TestWithoutJavaScript finds everything there, and no control that is dead.
func TestWithoutJavaScript(t *testing.T) {
	b := browser.New(t, false)
	b.Open(specimen.file() + lessonPage)
	b.Want("no button shows", `[...document.querySelectorAll("button")].every(e => e.getClientRects().length === 0)`)
	b.Want("every line's calls can be opened", `document.querySelectorAll("details.x.kernel > summary").length > 5`)
	b.Click("details.x.kernel > summary")
	b.Until("one is open", `document.querySelector("details.x.kernel").open`)
	b.Quiet(lessonPage)
}

// TestPrints unfolds everything on paper.
func TestPrints(t *testing.T) {
	lessons(t, func(b *browser.Tab, _ string) {
		b.Run(`dispatchEvent(new Event("beforeprint"))`)
		b.Want("nothing is folded", `!document.querySelector("details:not([open])")`)
		b.Run(`dispatchEvent(new Event("afterprint"))`)
		b.Want("and it is as it was", `!document.querySelector("details.x.kernel").open`)
	})
}

func quoted(s string) string { return "`" + s + "`" }

// there is true on the page of the lesson, once it has been loaded. A server may
// leave out the name of the file.
func there(number string) string {
	return `/\/` + number + `\/(index\.html)?$/.test(location.pathname) && document.readyState === "complete"`
}
