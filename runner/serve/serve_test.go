package serve

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sockets/runner/browser"
	"sockets/runner/build"
)

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// patient is how long anything may take on a busy machine.
const patient = time.Minute

// course is a checkout of its own: the specimen of the site's tests.
func course(tb testing.TB) string {
	tb.Helper()
	root := tb.TempDir()
	if err := os.CopyFS(root, os.DirFS("../../site/testdata/course")); err != nil {
		tb.Fatal(err)
	}
	return root
}

// start serves the checkout until the test ends; the recordings are the tree's.
func start(tb testing.TB, root string, change ...func(*Config)) *Server {
	tb.Helper()
	c := Config{Root: root, Addr: "127.0.0.1:0", Replay: true}
	for _, f := range change {
		f(&c)
	}
	s, err := Listen(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	tb.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				tb.Errorf("serve: %v", err)
			}
		case <-time.After(patient):
			tb.Error("serve did not end")
		}
	})
	return s
}

// A client is somebody with the cookie.
type client struct {
	t    testing.TB
	base string
	http *http.Client
}

// enter opens the first URL.
func enter(tb testing.TB, s *Server) *client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	c := &client{t: tb, base: strings.Split(s.URL(), "?")[0], http: &http.Client{Jar: jar, Timeout: patient}}
	tb.Cleanup(c.http.CloseIdleConnections)
	if code, text := c.get(strings.TrimPrefix(s.URL(), c.base)); code != http.StatusOK {
		tb.Fatalf("the first URL: %d %s", code, text)
	}
	return c
}

// get gives the answer to a GET.
func (c *client) get(path string) (code int, text string) {
	c.t.Helper()
	r, err := c.http.Get(c.base + path) //nolint:noctx // the client has a time limit
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// until waits until it holds.
func until(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	for end := time.Now().Add(patient); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("waited for %s", what)
		}
	}
}

// state is how the site stands.
func (s *Server) state() Status { return s.hello().Status }

// edit replaces text of a file in one step, as an editor does.
func edit(tb testing.TB, file, old, now string) {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		tb.Fatalf("%s has no %q", file, old)
	}
	tmp := file + "~"
	if err := os.WriteFile(tmp, []byte(strings.Replace(string(text), old, now, 1)), 0o644); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(tmp, file); err != nil {
		tb.Fatal(err)
	}
}

// TestSameAsBuild holds what is served to what a build writes: the same files,
// but for the scripts of the living site in the place of the page's own policy.
func TestSameAsBuild(t *testing.T) {
	root := course(t)
	out := filepath.Join(t.TempDir(), "site")
	if err := build.Site(t.Context(), build.Options{Root: root, Out: out, Replay: true}); err != nil {
		t.Fatal(err)
	}
	s := start(t, root)
	c := enter(t, s)
	until(t, "the site", func() bool { return s.state().State == Good })
	count := 0
	err := filepath.WalkDir(out, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name()[0] == '.' {
			return err
		}
		count++
		built, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(out, path)
		code, served := c.get(filepath.ToSlash(name))
		want := string(built)
		if strings.HasSuffix(name, ".html") {
			want = ownPolicy.ReplaceAllString(want, "")
			served = strings.Join(lines(served, func(line string) bool { return !strings.Contains(line, `"live/`) && !strings.Contains(line, `/live/`) }), "")
		}
		if code != http.StatusOK || served != want {
			t.Errorf("%s: %d, and not what a build writes", name, code)
		}
		return nil
	})
	if err != nil || count < 10 {
		t.Fatalf("%d files compared: %v", count, err)
	}
	for name := range s.shown.Load().files {
		if _, err := os.Stat(filepath.Join(out, filepath.FromSlash(name))); err != nil {
			t.Errorf("%s is served, and not built", name)
		}
	}
}

func lines(text string, keep func(string) bool) (kept []string) {
	for line := range strings.Lines(text) {
		if keep(line) {
			kept = append(kept, line)
		}
	}
	return kept
}

// TestFollowsTheReader edits a page while a browser shows it: what changed
// appears, and where the reader is, what is unfolded and focused stays.
func TestFollowsTheReader(t *testing.T) {
	root := course(t)
	s := start(t, root)
	b := browser.New(t, true)
	b.Open(s.URL())
	b.Until("the home page", `document.querySelector("body.home") !== null`)
	if got := browser.Eval[string](b, `location.search + document.cookie`); got != "" {
		t.Errorf("the token shows: %q", got)
	}
	b.Open(strings.Split(s.URL(), "?")[0] + "01/")
	b.Until("the events", `window.liveEvents?.readyState === 1`)
	b.Run(`window.alive = true`)
	b.Run(`document.querySelectorAll("details").forEach(d => d.open = true)`)
	b.Run(`[...document.querySelectorAll("summary")].at(-1).focus({ preventScroll: true })`)
	b.Run(`scrollTo({ top: document.body.scrollHeight / 2, behavior: "instant" })`)
	const at = `Math.round([...document.querySelectorAll("main h2")].at(-1).getBoundingClientRect().top)`
	before := browser.Eval[int](b, at)
	open := browser.Eval[int](b, `document.querySelectorAll("details[open]").length`)

	file := filepath.Join(root, "lessons/01/lesson.md")
	edit(t, file, "## The program", "Something quite new.\n\n## The program")
	b.Until("the new words", `document.querySelector("main").textContent.includes("Something quite new.")`)
	b.Want("the page was not loaded again", `window.alive === true`)
	b.Want("the focus stays", `document.activeElement === [...document.querySelectorAll("summary")].at(-1)`)
	if now := browser.Eval[int](b, `document.querySelectorAll("details[open]").length`); now != open {
		t.Errorf("%d folds are open; it were %d", now, open)
	}
	if now := browser.Eval[int](b, at); now-before > 2 || before-now > 2 {
		t.Errorf("what the reader sees moved from %d to %d px", before, now)
	}
	b.Until("a word about it", `document.querySelector(".live-voice").textContent !== ""`)

	edit(t, file, "[", "[broken](nowhere.go#x) [")
	b.Until("the mistake", `document.querySelector("#live.bad")?.textContent.includes("lessons/01/lesson.md:")`)
	b.Want("the last good version stays", `document.querySelector("main").textContent.includes("Something quite new.")`)
	edit(t, file, "[broken](nowhere.go#x) [", "[")
	b.Until("that all is well", `document.querySelector("#live").textContent === ""`)

	// A page that nobody sees doesn't listen, and catches up when it is seen.
	const sees = `Object.defineProperty(document, "hidden", { value: %t, configurable: true }) && document.dispatchEvent(new Event("visibilitychange"))`
	b.Run(fmt.Sprintf(sees, true))
	b.Want("it does not listen", `window.liveEvents.readyState === EventSource.CLOSED`)
	edit(t, file, "Something quite new.", "Said while nobody saw it.")
	until(t, "the edit", func() bool {
		return strings.Contains(string(s.shown.Load().files["01/index.html"].data), "Said while nobody saw it.")
	})
	b.Run(fmt.Sprintf(sees, false))
	b.Until("what it missed", `document.querySelector("main").textContent.includes("Said while nobody saw it.")`)
	b.Want("the page was not loaded again", `window.alive === true`)
	b.Quiet("the page")
}
