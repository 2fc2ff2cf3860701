package serve

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/browser"
	"sockets/runner/tier"
)

// exercises is a copy of the checkout.
func exercises(tb testing.TB) string {
	tb.Helper()
	root := tb.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), text, 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	for _, name := range []string{"runner", "lessons", "site"} {
		if err := os.CopyFS(filepath.Join(root, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			tb.Fatal(err)
		}
	}
	return root
}

// save writes the reader's program of exercise 05 as an editor does.
func save(tb testing.TB, root string, text []byte) {
	tb.Helper()
	file := filepath.Join(root, "lessons", "05", "exercise", "main.go")
	if err := os.WriteFile(file+"~", text, 0o600); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(file+"~", file); err != nil {
		tb.Fatal(err)
	}
}

// TestExerciseInThePage writes the exercise of lesson 05 with its page open: first
// what is half right, then what can't be built, then the solution. The page follows
// by itself, and so does the map of the lessons.
func TestExerciseInThePage(t *testing.T) {
	if l := agent.Probe(t.Context()); l.Cage != nil {
		tier.Lacks(t, l.Cage.Error())
	}
	root := exercises(t)
	right, err := os.ReadFile(filepath.Join(root, "lessons", "05", "solution", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, root)
	base := strings.Split(s.URL(), "?")[0]
	b := browser.New(t, true)
	b.Open(s.URL())
	until(t, "the site", func() bool { return s.state().State == Good })
	b.Until("the home page", `document.readyState === "complete" && document.body.classList.contains("home")`) // not the one that is shown before, which goes by itself
	b.Open(base + "05/exercise.html")
	sees := func(what, js string) {
		t.Helper()
		for end := time.Now().Add(2 * time.Minute); !browser.Eval[bool](b, js); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: the panel says %q", what, browser.Eval[string](b, `document.querySelector(".practice")?.textContent ?? "nothing"`))
			}
		}
	}
	sum := func(text string) string {
		return `document.querySelector(".practice-sum")?.textContent.includes("` + text + `") === true`
	}
	sees("before anything is saved", sum("Not judged yet."))
	sees("all checks are listed", `document.querySelectorAll(".practice-check").length === 13`)

	// The last line is lost, and a line that is too long is no error.
	wrong := []byte(strings.Replace(string(right), "if len(l.kept) == 0 || ", "if true || ", 1))
	save(t, root, wrong)
	sees("a wrong program", sum("12 of 13 checks pass"))
	sees("which check", sum("Look at LastLine first: fail."))
	sees("the first failure is unfolded", `document.querySelector("[data-verdict=fail] details").open && document.querySelector("[data-verdict=fail] pre").textContent.includes("a hint waits")`)
	sees("it is announced", `document.querySelector(".practice-sum").getAttribute("role") === "status"`)

	// What the reader folds stays folded; the hint comes with the next attempt.
	b.Run(`document.querySelector("[data-verdict=fail] details").open = false`)
	save(t, root, append([]byte("// Another attempt.\n"), wrong...))
	sees("a hint", `document.querySelector("[data-verdict=fail] pre").textContent.includes("hint: When Read says io.EOF")`)
	sees("it stays folded", `!document.querySelector("[data-verdict=fail] details").open`)

	save(t, root, []byte("package main\n\nfunc main() { x := 1 }\n"))
	sees("what can't be built", sum("It can't be built"))
	sees("why", `document.querySelector(".practice .live-mistakes").textContent === "line 3 declared and not used: x"`)
	sees("the line", `document.querySelector(".practice .live-numbers .wrong")?.textContent.trim() === "3"`)
	sees("the focus is left alone", `document.activeElement === document.body`)

	save(t, root, right)
	sees("the solution", sum("All 13 checks pass: 22 of 22 points."))
	sees("nothing is left of the mistake", `document.querySelector(".practice .live-mistakes").hidden && !document.querySelector(".practice .live-numbers .wrong")`)

	b.Open(base + "index.html")
	sees("the map", `document.querySelector(".map .practice-mark.all")?.textContent === "exercise solved"`)
	b.Quiet("the pages")

	// It is kept: another server knows.
	again := start(t, root)
	if code, text := enter(t, again).get("live/exercises"); code != 200 {
		t.Errorf("%d %s", code, text)
	}
	until(t, "what was tried", func() bool {
		_, text := enter(t, again).get("live/exercises")
		return strings.Contains(text, `"passed":13`)
	})
}
