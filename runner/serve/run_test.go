package serve

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"sockets/runner/agent"
	"sockets/runner/browser"
	"sockets/runner/recording"
	"sockets/runner/tier"
)

// A page is a lesson's, open in a browser.
type page struct {
	*browser.Tab
	t   *testing.T
	url string
}

// reader opens lesson 04 of the checkout as a reader does: at the first URL, with
// nothing kept from before.
func reader(t *testing.T, root string, width int64, scheme string) *page {
	t.Helper()
	if agent.Level(t.Context()) != recording.LevelFull {
		tier.Lacks(t, "there is no private network here")
	}
	b := &page{Tab: browser.New(t, true), t: t}
	s := start(t, root)
	b.Look(width, scheme)
	b.Open(s.URL())
	b.long("the first site", `document.body.classList.contains("home") && !!document.querySelector(".part a")`)
	b.url = strings.Split(s.URL(), "?")[0] + "04/index.html"
	b.Open(b.url)
	b.Run(`localStorage.clear()`)
	b.Open(b.url)
	b.long("the panel", `!!document.querySelector("#live-go")`)
	return b
}

// long waits for what takes as long as a program runs, or is built. A page that is
// being left has nothing to say.
func (b *page) long(what, expression string) {
	b.t.Helper()
	truth := chromedp.Evaluate[bool](`(() => { try { return !!(` + expression + `); } catch { return false; } })()`)
	for deadline := time.Now().Add(1 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if is, err := chromedp.Run(b.Context(), truth); err == nil && is {
			return
		}
		if err := b.Context().Err(); err != nil || time.Now().After(deadline) {
			b.t.Fatalf("waited for %s (%v); the page says %q", what, err, browser.Eval[string](b.Tab, `document.querySelector(".live-status, .practice")?.textContent ?? ""`))
		}
	}
}

const (
	liveStatus = `document.querySelector(".live-status").textContent`
	liveWire   = `document.querySelector(".live-pane:last-child .live-part[data-part=wire]")`
	livePrint  = `document.querySelector(".live-pane:last-child .live-part[data-part=printed]")`
)

// fits fails the test if the page must be scrolled to the side.
func (b *page) fits(where string) {
	b.t.Helper()
	for _, width := range []int64{1440, 768, 390, 320} {
		b.Do(chromedp.EmulateViewport(width, 900))
		if over := browser.Eval[int64](b.Tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			b.t.Errorf("%s at %d px: %d px stick out to the side", where, width, over)
		}
	}
}

// axeRun is run after axe-core itself and gives one line a violation.
const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(r =>
	r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.target.join(" ") + " " +
		n.any.concat(n.all, n.none).map(c => c.message).join("; "))))`

// axeCore gives what has axe-core look at a page as it is.
func axeCore(t *testing.T) func(b *browser.Tab, where string) {
	t.Helper()
	tools := os.Getenv("SOCKETS_TOOLS")
	if tools == "" {
		tier.Lacks(t, "SOCKETS_TOOLS is not set: .ci/run installs axe-core and sets it")
	}
	axe, err := os.ReadFile(filepath.Join(tools, "node_modules", "axe-core/axe.min.js"))
	if err != nil {
		tier.Lacks(t, err.Error())
	}
	return func(b *browser.Tab, where string) {
		t.Helper()
		b.Run("(() => {" + string(axe) + "})()")
		if violations := browser.Eval[[]string](b, axeRun); len(violations) > 0 {
			t.Errorf("%s:\n  %s", where, strings.Join(violations, "\n  "))
		}
	}
}

// TestRunInThePage walks the path of a reader of lesson 04: loses its SYN-ACK, sees
// what comes of it, lays two runs side by side, changes the program, breaks it,
// restores it, and solves the exercise without another tool than the page.
func TestRunInThePage(t *testing.T) {
	root := exercises(t)
	b := reader(t, root, 1440, "light")
	b.Run(`document.querySelector("#live-choice").focus()`)
	b.Run(`(() => { const c = document.querySelector("#live-choice"); c.value = "drop in SYN,ACK 1"; c.dispatchEvent(new Event("change")); })()`)
	b.Want("the fault as text", `document.querySelector("#live-faults").value === "drop in SYN,ACK 1"`)
	b.Run(`document.querySelector("#live-args").focus()`)
	// What is there for a second only is seen by the page itself: we may be too slow.
	b.Run(`(() => {
		new MutationObserver(() => {
			const wire = ` + liveWire + `;
			if (` + liveStatus + ` .startsWith("Running") === false || !wire?.textContent.includes("dropped") || wire.textContent.includes("retransmission")) return;
			window.rowOfTheLoss ??= wire.querySelector("svg .ld-lost");
		}).observe(document.querySelector(".live-room"), { subtree: true, childList: true, characterData: true });
	})()`)
	b.Do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(2))) // Ctrl+Enter
	b.long("the retransmission, and the end", liveWire+`.textContent.includes("retransmission") && `+liveStatus+`.startsWith("It exited 0")`)
	b.Want("the loss was seen before anything came of it", `!!window.rowOfTheLoss`)
	b.Want("the ladder grew, and was not drawn anew", `window.rowOfTheLoss?.isConnected === true`)
	b.Want("what was printed is announced", `document.querySelector(".live-log").textContent.includes("connect: operation now in progress")`)

	b.Click("#live-both")
	b.long("two runs", `document.querySelectorAll(".live-pane").length === 2 && `+liveStatus+`.startsWith("It exited 0")`)
	b.Want("the first without the fault", `!document.querySelector(".live-pane .live-part[data-part=wire]").textContent.includes("dropped")`)
	b.Want("the second with it", liveWire+`.textContent.includes("dropped")`)
	b.Want("they stand side by side", `(() => { const [a, c] = [...document.querySelectorAll(".live-pane")].map(p => p.getBoundingClientRect()); return Math.abs(a.top - c.top) < 2 && a.right <= c.left; })()`)

	// Now the program.
	b.Run(`document.querySelector("#live-faults").value = ""`)
	b.Run(`document.querySelector(".live-edit").open = true`)
	source := `document.querySelector("#live-source")`
	edit := func(old, new string) {
		t.Helper()
		b.Run(`(() => { const s = ` + source + `; s.value = s.value.replace(` + fmt.Sprintf("%q", old) + `, ` + fmt.Sprintf("%q", new) + `); s.dispatchEvent(new Event("input")); })()`)
	}
	edit(`"connect:"`, `"I connect:"`)
	b.Until("that it says so", `document.querySelector(".live-changed").textContent === "changed by you"`)
	b.Click("#live-go")
	b.long("what the changed program prints", livePrint+`?.textContent.includes("I connect: operation")`)
	b.long("its end", liveStatus+`.startsWith("It exited 0")`)
	b.Click("#live-diff")
	b.Until("the difference", `document.querySelector("#live-difference ins")?.textContent.includes("I connect:")`)

	edit(`"I connect:"`, `I connect`)
	b.Click("#live-go")
	b.long("what is wrong", liveStatus+` === "main.go can't be built" && !!document.querySelector(".live-mistakes button")`)
	line := browser.Eval[int64](b.Tab, source+`.value.split("\n").findIndex(l => l.includes("I connect")) + 1`)
	b.Want("the line is marked", fmt.Sprintf(`document.querySelector(".live-numbers .wrong").textContent.trim() === "%d"`, line))
	b.Want("the cursor is there", fmt.Sprintf(`%s.value.slice(0, %[1]s.selectionStart).split("\n").length === %d`, source, line))

	b.Open(b.url) // what was written is there again
	b.long("the kept text", source+`?.value.includes("I connect")`)
	b.Run(`document.querySelector(".live-edit").open = true`)
	b.Click("#live-restore")
	b.Until("the original", `document.querySelector(".live-changed").textContent === "" && `+source+`.value.includes('"connect:"')`)
	b.Click("#live-go")
	b.long("the original's end", liveStatus+`.startsWith("It exited 0")`)
	b.Want("it is main.go", `document.querySelector(".live-pane h3").textContent.startsWith("main.go")`)
	b.Quiet("04/index.html")

	// And the exercise: first as it comes to mind, then as it is right.
	right, err := os.ReadFile(filepath.Join(root, "lessons", "04", "solution", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	sum := `document.querySelector(".practice-sum")?.textContent`
	b.Open(strings.Replace(b.url, "index.html", "exercise.html", 1))
	b.long("an exercise that nobody has tried", sum+`.includes("Not judged yet.")`)
	b.long("the stub", practiceSource+`?.value.includes("// TODO")`)
	b.Want("the task is beside it", `(() => {
		const [task, editor] = ["#contract", "#practice-source"].map(s => document.querySelector(s).getBoundingClientRect());
		return task.right <= editor.left && editor.bottom <= innerHeight;
	})()`)
	b.Run(`(() => { const s = ` + practiceSource + `, at = s.value.indexOf("// TODO"); s.focus(); s.setSelectionRange(at, at + 7); })()`)
	b.Press("addresses := 1")
	b.Until("that it is not saved", practiceSaid+` === "Not saved yet."`)
	b.Do(chromedp.KeyEvent("s", chromedp.KeyModifiers(2))) // Ctrl+S
	b.long("what is wrong", `document.querySelector(".practice .live-mistakes").textContent.includes("declared and not used: addresses")`)
	line = browser.Eval[int64](b.Tab, practiceSource+`.value.split("\n").findIndex(l => l.includes("addresses")) + 1`)
	b.Want("the line of the stub is marked", fmt.Sprintf(`document.querySelector(".practice .live-numbers .wrong").textContent.trim() === "%d"`, line))
	b.Want("the cursor is in that line", fmt.Sprintf(`document.activeElement === %s && %[1]s.value.slice(0, %[1]s.selectionStart).split("\n").length === %d`, practiceSource, line))
	b.Run(practiceSource + `.select()`)
	browser.Call(b.Tab, input.InsertText, input.InsertTextParams{Text: string(right)})
	b.Want("the solution is written", practiceSource+`.value === `+fmt.Sprintf("%q", right))
	b.Click("#practice-save")
	b.long("that the solution is right", sum+`.includes("All 14 checks pass")`)
	b.Want("nothing is left of the mistake", `document.querySelector(".practice .live-mistakes").hidden && !document.querySelector(".practice .live-numbers .wrong")`)
	if saved, err := os.ReadFile(filepath.Join(root, "lessons", "04", "exercise", "main.go")); err != nil || string(saved) != string(right) {
		t.Errorf("the file is not what was written in the page: %v", err)
	}
	b.Open(strings.Replace(b.url, "04/index.html", "index.html", 1))
	b.long("the map", `document.querySelector(".map .practice-mark.all")?.textContent === "exercise solved"`)
	b.Quiet("the exercise and the map")
}

// TestPitfallInThePage puts a pitfall in the program's place, runs it, and has the
// reader's own text back.
func TestPitfallInThePage(t *testing.T) {
	b := reader(t, exercises(t), 1440, "light")
	source, said := `document.querySelector("#live-source").value`, `document.querySelector(".live-changed").textContent`
	b.Run(`document.querySelector(".live-edit").open = true`)
	b.Run(`(() => { const s = document.querySelector("#live-source"); s.value = s.value.replace('"connect:"', '"I connect:"'); s.dispatchEvent(new Event("input")); })()`)
	b.Until("that it is changed", said+` === "changed by you"`)
	choose := func(name string) {
		t.Helper()
		b.Run(fmt.Sprintf(`(() => { const r = document.querySelector("#live-run"); r.focus(); r.value = %q; r.dispatchEvent(new Event("change")); })()`, name))
		b.Want("the choice keeps the focus", `document.activeElement.id === "live-run"`)
	}
	choose("swapped")
	b.Until("the pitfall", said+` === "the pitfall swapped" && `+source+`.includes("turned round is")`)
	b.Click("#live-go")
	b.long("what the pitfall prints", livePrint+`?.textContent.includes("80 turned round is 20480")`)
	b.long("its end", liveStatus+`.startsWith("It exited 1")`)
	b.Want("the run is the pitfall's", `document.querySelector(".live-pane h3").textContent.startsWith("The pitfall swapped")`)
	choose("family") // from one to another
	b.Until("the other pitfall", said+` === "the pitfall family"`)

	b.Open(b.url)
	b.long("the pitfall again", said+` === "the pitfall family" && document.querySelector("#live-run").value === "family"`)
	choose("main")
	b.Until("the reader's own text", said+` === "changed by you" && `+source+`.includes('"I connect:"')`)
	b.Run(`document.querySelector("#live-restore").click()`)
	b.Until("the original", said+` === "" && `+source+`.includes('"connect:"')`)
	choose("writable")
	b.Until("the third pitfall", said+` === "the pitfall writable"`)
	b.Run(`document.querySelector("#live-restore").click()`)
	b.Until("the original, and its run", said+` === "" && document.querySelector("#live-run").value === "main"`)
	b.Quiet("04/index.html")
}

// waits is a main.go that waits for a peer that says nothing.
const waits = `package main

import (
	"fmt"
	"net"

	"sockets/lessons/lab/echo"
)

func main() {
	conn, err := net.Dial("tcp", echo.Addr())
	fmt.Println("waiting", err)
	conn.Read(make([]byte, 1))
}
`

// TestRunByKeyboard runs, stops and compares with keys alone, and gets out of the
// editor.
func TestRunByKeyboard(t *testing.T) {
	b := reader(t, "../..", 390, "dark")
	b.Run(`(() => { const s = document.querySelector("#live-source"); s.value = ` + fmt.Sprintf("%q", waits) + `; s.dispatchEvent(new Event("input")); })()`)
	b.Run(`document.querySelector("#live-args").focus()`)
	focused := `document.activeElement.id`
	tabTo := func(id string) {
		t.Helper()
		for range 20 {
			if browser.Eval[string](b.Tab, focused) == id {
				return
			}
			b.Press("\t")
		}
		t.Fatalf("Tab never leads to %s", id)
	}
	tabTo("live-go")
	b.Press("\r")
	b.long("that it waits", liveStatus+`.startsWith("Running") && !!`+livePrint+`?.textContent.includes("waiting")`)
	tabTo("live-stop")
	b.Press("\r")
	b.long("that it was stopped", liveStatus+`.startsWith("Stopped.")`)
	b.Want("the focus is not lost", focused+` === "live-go"`)
	tabTo("live-keep")
	b.Press("\r")
	b.Want("it was kept", liveStatus+`.startsWith("Kept.")`)

	b.Run(`document.querySelector(".live-edit summary").focus()`)
	b.Press(" ")
	tabTo("live-source")
	b.Run(`document.querySelector("#live-source").setSelectionRange(0, 0)`)
	b.Press("\t")
	b.Want("Tab indents", `document.querySelector("#live-source").value.startsWith("\t")`)
	b.Press("\x1b")
	b.Press("\t")
	b.Want("Escape and Tab lead out", focused+` === "live-diff"`)
	b.fits("04/index.html")
	b.Quiet("04/index.html")
}

// TestRunAccessible has axe-core look at a page with two runs, an open editor and
// a complaint.
func TestRunAccessible(t *testing.T) {
	axe := axeCore(t)
	b := reader(t, "../..", 1440, "light")
	for _, look := range []struct {
		scheme string
		width  int64
	}{{"light", 1440}, {"dark", 390}} {
		b.Look(look.width, look.scheme)
		b.Run(`localStorage.clear(), sessionStorage.clear()`)
		b.Open(b.url)
		b.long("the panel", `!!document.querySelector("#live-go")`)
		b.Run(`document.querySelector("#live-faults").value = "drop out SYN 1"`)
		press := func(id string) { // wherever it stands while the page is still growing
			t.Helper()
			b.Run(fmt.Sprintf("document.querySelector(%q).click()", id))
		}
		press("#live-both")
		b.long("two runs", `document.querySelectorAll(".live-pane").length === 2 && `+liveStatus+`.startsWith("It exited")`)
		b.Run(`document.querySelectorAll("details").forEach(d => d.open = true)`)
		press("#live-diff")
		b.Run(`(() => { const s = document.querySelector("#live-source"); s.value = "package main"; s.dispatchEvent(new Event("input")); })()`)
		press("#live-go")
		b.long("what is wrong", `!!document.querySelector(".live-mistakes:not([hidden])")`)
		axe(b.Tab, fmt.Sprintf("%s at %d px", look.scheme, look.width))
		b.fits(look.scheme)
	}
}
