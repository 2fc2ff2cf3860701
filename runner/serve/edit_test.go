package serve

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sockets/runner/agent"
	"sockets/runner/browser"
	"sockets/runner/tier"
)

const (
	practiceSource = `document.querySelector("#practice-source")`
	practiceSaid   = `document.querySelector(".practice-said").textContent`
)

// writer opens the exercise of lesson 05 in a copy of the checkout.
func writer(t *testing.T, width int64, scheme string) (b *page, root string, s *Server) {
	t.Helper()
	root = exercises(t)
	s = start(t, root)
	b = &page{Tab: browser.New(t, true), t: t}
	b.Look(width, scheme)
	b.Open(s.URL())
	until(t, "the site", func() bool { return s.state().State == Good })
	b.Until("the home page", `document.readyState === "complete" && document.body.classList.contains("home")`) // not the one that is shown before, which goes by itself
	b.url = strings.Split(s.URL(), "?")[0] + "05/exercise.html"
	b.Open(b.url)
	b.long("the stub", practiceSource+`?.value.includes("// TODO")`)
	b.Until("the events", `window.liveEvents?.readyState === 1`)
	return b, root, s
}

// write writes into the editor, at the end of the first line.
func (b *page) write(text string) {
	b.t.Helper()
	b.Run(`(() => { const s = ` + practiceSource + `; s.focus(); s.setSelectionRange(s.value.indexOf("\n"), s.value.indexOf("\n")); })()`)
	b.Press(text)
}

// save presses Ctrl+S.
func (b *page) save() {
	b.t.Helper()
	b.Do(chromedp.KeyEvent("s", chromedp.KeyModifiers(2)))
}

// holds waits until the editor has the text.
func (b *page) holds(what, text string) {
	b.t.Helper()
	b.Until(what, fmt.Sprintf(`%s.value === %q`, practiceSource, text))
}

// TestEditInThePage writes an exercise in its page and elsewhere, in turn and at once:
// nothing that was written is lost, here or there. All of it can't be built, so that
// it is judged in no time.
func TestEditInThePage(t *testing.T) {
	b, root, s := writer(t, 1440, "light")
	file := filepath.Join(root, "lessons", "05", "exercise", "main.go")
	stub, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	disk := func(what, want string) {
		t.Helper()
		until(t, what, func() bool {
			got, err := os.ReadFile(file)
			return err == nil && string(got) == want
		})
	}
	with := func(word string) string { return strings.Replace(string(stub), "\n", " "+word+"\n", 1) }
	contested := `document.querySelector(".practice-choice")?.hidden === false`
	b.Want("nothing is to be said", practiceSaid+` === "" && document.querySelector("#practice-back").disabled`)

	// What is not saved survives a reload, and the making of the page.
	b.write(" ONE")
	b.holds("one word", with("ONE"))
	b.Want("it says so", practiceSaid+` === "Not saved yet."`)
	b.Open(b.url)
	b.holds("it after a reload", with("ONE"))
	b.Want("it still says so", practiceSaid+` === "Not saved yet."`)
	b.Run(practiceSource + `.focus()`)
	edit(t, filepath.Join(root, "lessons", "05", "exercise", "task.md"), "### Contract", "Quite new words.\n\n### Contract")
	b.Until("the new task", `document.querySelector(".task").textContent.includes("Quite new words.")`)
	b.Want("the text and the focus stay", fmt.Sprintf(`%s.value === %q && document.activeElement === %[1]s`, practiceSource, with("ONE")))
	disk("the file as it was", string(stub))

	// Saved; and the line of the mistake has the cursor.
	b.Run(practiceSource + `.value = ` + fmt.Sprintf("%q", "package main\n\nfunc main() {\n\tif\n}\n"))
	b.Run(practiceSource + `.dispatchEvent(new Event("input"))`)
	b.save()
	b.Until("the mistake", `document.querySelector(".practice .live-numbers .wrong")?.textContent.trim() === "5"`)
	b.Want("the cursor is there", practiceSource+`.value.slice(0, `+practiceSource+`.selectionStart).split("\n").length === 5`)
	disk("the text", "package main\n\nfunc main() {\n\tif\n}\n")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o777 != 0o644 {
		t.Errorf("the file has the mode %v, %v", info.Mode(), err)
	}
	b.Want("nothing is kept in the browser", `localStorage.length === 0 && sessionStorage.length === 0`)

	// The page follows the file.
	save(t, root, stub)
	b.holds("what was saved elsewhere", string(stub))
	b.Want("it says so", practiceSaid+`.includes("changed elsewhere")`)

	// Written here, and saved elsewhere: it waits, and the reader keeps theirs.
	b.write(" MINE")
	save(t, root, []byte(with("THEIRS")))
	b.Until("a word about it", contested)
	b.holds("mine", with("MINE"))
	b.save()
	b.Until("it once more", contested+` && document.activeElement.id === "practice-take"`)
	disk("theirs", with("THEIRS"))
	b.Click("#practice-diff")
	b.Until("the difference", `document.querySelector("#practice-difference del")?.textContent.includes("THEIRS") && document.querySelector("#practice-difference ins").textContent.includes("MINE")`)
	b.fits("a conflict")
	b.Look(1440, "light")
	b.Open(b.url)
	b.Until("it after a reload", contested)
	b.Click("#practice-keep")
	b.Want("the question is answered", `!(`+contested+`) && document.activeElement === `+practiceSource)
	disk("theirs still", with("THEIRS"))
	b.save()
	disk("mine", with("MINE"))
	b.Until("that it is saved", practiceSaid+` === "Saved."`)

	// The other way round: the page has not heard of it, but is told when it saves. What
	// it had is a Ctrl+Z away.
	b.write(" MORE")
	b.Run(`window.liveEvents.close()`)
	save(t, root, []byte(with("THEIRS")))
	b.save()
	b.Until("that it was refused", contested)
	disk("theirs", with("THEIRS"))
	b.Click("#practice-take")
	b.holds("theirs", with("THEIRS"))
	b.Run(`document.execCommand("undo")`)
	b.holds("mine again", with("MINE MORE"))
	b.Want("it is not saved", practiceSaid+` === "Not saved yet."`)
	b.Click("#practice-back")
	b.holds("theirs again", with("THEIRS"))

	// Without the file, the text stays.
	b.Open(b.url)
	b.holds("the file", with("THEIRS"))
	b.Until("the events", `window.liveEvents?.readyState === 1`)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	b.Until("that it is gone", practiceSaid+`.includes("There is no lessons/05/exercise/main.go.")`)
	b.holds("its text", with("THEIRS"))
	b.Run(practiceSource + `.focus()`)
	b.save()
	disk("the file again", with("THEIRS"))
	b.Until("that it is saved", practiceSaid+` === "Saved."`)

	// Lines that end as on Windows still do.
	windows := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	save(t, root, []byte(windows(with("WINDOWS"))))
	b.holds("lines of Windows", with("WINDOWS"))
	b.Want("nothing was written", `document.querySelector("#practice-back").disabled`)
	b.write(" LINES")
	b.save()
	disk("lines of Windows", windows(with("WINDOWS LINES")))

	// A file that is none of the reader's.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/hostname", file); err != nil {
		t.Fatal(err)
	}
	b.write(" NOT")
	b.save()
	b.Until("why not", practiceSaid+`.includes("lessons/05/exercise/main.go is a link")`)
	b.holds("what was written", with("WINDOWS LINES NOT"))
	b.Open(b.url)
	b.Until("why there is no editor", practiceSaid+`.includes("lessons/05/exercise/main.go is a link") && document.querySelector(".practice .live-editor").hidden`)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	save(t, root, stub)
	b.Until("the editor", `!document.querySelector(".practice .live-editor").hidden`)
	b.holds("what was written", with("WINDOWS LINES NOT"))

	// A page that has gone on without its server keeps what is written.
	s.end(http.ErrServerClosed)
	b.Until("that it has gone", `document.querySelector("#live").textContent.includes("The server has gone")`)
	b.Run(practiceSource + `.focus()`)
	b.save()
	b.Until("that it can't be saved", practiceSaid+`.includes("The server does not answer.")`)
	b.holds("what was written", with("WINDOWS LINES NOT"))
	b.Want("it is kept", `JSON.parse(localStorage.getItem("sockets:exercise:05")).text === `+practiceSource+`.value`)
	disk("the stub", string(stub))
}

// TestExerciseByKeyboard reads what failed with keys alone, and has axe-core look at
// the panel with a failure, a text that is not saved, and a conflict.
func TestExerciseByKeyboard(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Cage != nil {
		tier.Lacks(t, l.Cage.Error())
	}
	axe := axeCore(t)
	b, root, _ := writer(t, 390, "dark")
	focused := `document.activeElement`
	tabTo := func(what, selector string) {
		t.Helper()
		for range 80 {
			if browser.Eval[bool](b.Tab, focused+fmt.Sprintf(".matches(%q)", selector)) {
				return
			}
			b.Press("\t")
		}
		t.Fatalf("Tab never leads to %s", what)
	}
	tabTo("the editor", "#practice-source")
	b.Run(practiceSource + `.setSelectionRange(0, 0)`)
	b.Press("\t// Mine.\r")
	b.Until("Tab and Enter indent", practiceSource+`.value.startsWith("\t// Mine.\n\t")`)
	b.save()
	b.long("a failure", `document.querySelector(".practice-sum").textContent.includes("0 of 13 checks pass")`)
	b.Want("the focus stays", focused+`.id === "practice-source"`)
	b.Want("what to look at is said", `/Look at \w+ first: \w+\./.test(document.querySelector(".practice-sum").textContent)`)
	b.Press("\x1b")
	b.Press("\t")
	b.Want("Escape and Tab lead out", focused+`.id === "practice-save"`)
	tabTo("what happened", ".practice-more summary")
	b.Want("it is open", focused+`.parentElement.open`)
	b.Press("\r")
	b.Want("it can be folded", `!`+focused+`.parentElement.open`)
	b.Press("\r")
	b.Want("and unfolded", focused+`.parentElement.open && `+focused+`.nextElementSibling.textContent.length > 20`)
	b.fits("a failure")

	for _, look := range []struct {
		scheme string
		width  int64
	}{{"light", 1440}, {"dark", 390}} {
		where := fmt.Sprintf("%s at %d px", look.scheme, look.width)
		b.Look(look.width, look.scheme)
		axe(b.Tab, "a failure, "+where)
		b.write("x")
		b.Until("that it is not saved", practiceSaid+` === "Not saved yet."`)
		axe(b.Tab, "not saved, "+where)
		// What can't be built is judged at once.
		save(t, root, []byte("package main\n\nfunc "+look.scheme+"() {\n"))
		b.Until("the conflict", `!document.querySelector(".practice-choice").hidden`)
		b.Until("a mistake", `!document.querySelector(".practice .live-mistakes").hidden`)
		b.Run(`document.querySelector("#practice-diff").click()`)
		b.Until("the difference", `!!document.querySelector("#practice-difference del")`)
		axe(b.Tab, "a conflict, "+where)
		b.fits("a conflict, " + look.scheme)
		b.Look(look.width, look.scheme)
		b.Run(`document.querySelector("#practice-take").click()`)
		save(t, root, []byte("package main\n\nfunc main() {}\n"))
		b.holds("what fails", "package main\n\nfunc main() {}\n")
		b.long("a failure", `(d => d && (d.open = true))(document.querySelector(".practice-more:not([hidden])"))`)
	}
	b.Quiet("the exercise")
}

// TestCornerAccessible has axe-core look at the corner that shows authors' mistakes.
func TestCornerAccessible(t *testing.T) {
	axe := axeCore(t)
	root := course(t)
	s := start(t, root)
	b := browser.New(t, true)
	b.Open(s.URL())
	b.Until("the home page", `document.querySelector("body.home") !== null`)
	b.Open(strings.Split(s.URL(), "?")[0] + "01/index.html")
	b.Until("the events", `window.liveEvents?.readyState === 1`)
	edit(t, filepath.Join(root, "lessons/01/lesson.md"), "[", "[broken](nowhere.go#x) [")
	b.Until("the mistake", `document.querySelector("#live.bad details")?.open`)
	for _, look := range []struct {
		scheme string
		width  int64
	}{{"light", 1440}, {"dark", 390}} {
		b.Look(look.width, look.scheme)
		axe(b, fmt.Sprintf("the corner, %s at %d px", look.scheme, look.width))
	}
	b.Quiet("the page")
}
