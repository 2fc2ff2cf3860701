package serve

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sockets/runner/browser"
)

// ask sends a request as somebody might.
func ask(t *testing.T, s *Server, method, path string, header http.Header, cookie bool) (int, http.Header) {
	t.Helper()
	base := strings.Split(s.URL(), "/?")[0]
	r, err := http.NewRequestWithContext(t.Context(), method, base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	if host := header.Get("Host"); host != "" {
		r.Host = host
	}
	if cookie {
		r.AddCookie(&http.Cookie{Name: s.guard.cookie, Value: s.guard.token})
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode, answer.Header
}

// TestGuard asks for pages as friends and strangers do.
func TestGuard(t *testing.T) {
	root := course(t)
	unwritten := exercise(t, root)
	s := start(t, root)
	enter(t, s)
	until(t, "the site", func() bool { return s.state().State == Good })
	_, port, _ := net.SplitHostPort(s.guard.address)
	own := "http://" + s.guard.address
	h := func(pairs ...string) http.Header {
		header := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			header.Set(pairs[i], pairs[i+1])
		}
		return header
	}
	for name, c := range map[string]struct {
		method, path string
		header       http.Header
		cookie       bool
		want         int
	}{
		"a page":                                {"GET", "/01/", nil, true, 200},
		"a folder without its slash":            {"GET", "/01", nil, true, 301},
		"as localhost":                          {"GET", "/", h("Host", "localhost:"+port), true, 200},
		"by a link on another site":             {"GET", "/01/", h("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), true, 200},
		"no such page":                          {"GET", "/99/", nil, true, 404},
		"out of the site":                       {"GET", "/%2e%2e/%2e%2e/go.mod", nil, true, 404},
		"out of the site with backslashes":      {"GET", `/..%5c..%5cgo.mod`, nil, true, 404},
		"a file beside the site":                {"GET", "/lessons/01/main.go", nil, true, 404},
		"without the cookie":                    {"GET", "/", nil, false, 401},
		"the events without the cookie":         {"GET", "/live/events", nil, false, 401},
		"a wrong token":                         {"GET", "/?token=wrong", nil, false, 401},
		"a wrong token with the cookie":         {"GET", "/?token=wrong", nil, true, 401},
		"by a name of somebody's DNS":           {"GET", "/", h("Host", "rebound.test:"+port), true, 421},
		"by a name of somebody's DNS, a token":  {"GET", "/?token=" + s.guard.token, h("Host", "rebound.test:"+port), false, 421},
		"at another port":                       {"GET", "/", h("Host", "127.0.0.1:1"), true, 421},
		"from a page of another port":           {"GET", "/01/", h("Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"), true, 403},
		"a frame of another site":               {"GET", "/01/", h("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"), true, 403},
		"a script of another site":              {"GET", "/search-index.js", h("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"), true, 403},
		"the events by a link":                  {"GET", "/live/events", h("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), true, 403},
		"a stream that another origin asks for": {"GET", "/live/events", h("Origin", "http://127.0.0.1:1"), true, 403},
		"a post of another origin":              {"POST", "/live/events", h("Origin", "http://other.test"), true, 403},
		"a post of no origin":                   {"POST", "/live/events", nil, true, 403},
		"a post of origin null":                 {"POST", "/live/events", h("Origin", "null"), true, 403},
		"a post of its own page, to nothing":    {"POST", "/live/events", h("Origin", own, "Sec-Fetch-Site", "same-origin"), true, 405},

		"an exercise's file":                          {"GET", "/live/exercises/01/main.go", h("Sec-Fetch-Site", "same-origin"), true, 200},
		"an exercise's file that there is not":        {"GET", "/live/exercises/02/main.go", h("Sec-Fetch-Site", "same-origin"), true, 404},
		"an exercise's file without the cookie":       {"GET", "/live/exercises/01/main.go", nil, false, 401},
		"an exercise's file for another origin":       {"GET", "/live/exercises/01/main.go", h("Origin", "http://127.0.0.1:1"), true, 403},
		"an exercise's file for another port":         {"GET", "/live/exercises/01/main.go", h("Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"), true, 403},
		"an exercise's file by a link":                {"GET", "/live/exercises/01/main.go", h("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), true, 403},
		"an exercise's file by a name of some DNS":    {"GET", "/live/exercises/01/main.go", h("Host", "rebound.test:"+port), true, 421},
		"a save of another origin":                    {"PUT", "/live/exercises/01/main.go", h("Origin", "http://other.test"), true, 403},
		"a save of another port":                      {"PUT", "/live/exercises/01/main.go", h("Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"), true, 403},
		"a save of another port that names no origin": {"PUT", "/live/exercises/01/main.go", h("Sec-Fetch-Site", "same-site"), true, 403},
		"a save of no origin":                         {"PUT", "/live/exercises/01/main.go", nil, true, 403},
		"a save of origin null":                       {"PUT", "/live/exercises/01/main.go", h("Origin", "null"), true, 403},
		"a save by a form that navigates":             {"PUT", "/live/exercises/01/main.go", h("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), true, 403},
		"a save without the cookie":                   {"PUT", "/live/exercises/01/main.go", h("Origin", own, "Sec-Fetch-Site", "same-origin"), false, 401},
		"a save with a token in its URL":              {"PUT", "/live/exercises/01/main.go?token=" + s.guard.token, h("Origin", own, "Sec-Fetch-Site", "same-origin"), false, 401},
		"a save by a name of somebody's DNS":          {"PUT", "/live/exercises/01/main.go", h("Host", "rebound.test:"+port, "Origin", "http://rebound.test:"+port, "Sec-Fetch-Site", "same-origin"), true, 421},
		"whether another origin may save":             {"OPTIONS", "/live/exercises/01/main.go", h("Origin", "http://other.test", "Access-Control-Request-Method", "PUT", "Sec-Fetch-Site", "cross-site"), true, 403},
		"whether another origin may save, no cookie":  {"OPTIONS", "/live/exercises/01/main.go", h("Origin", "http://other.test", "Access-Control-Request-Method", "PUT"), false, 403},
		"a save of its own page, of nothing":          {"PUT", "/live/exercises/01/main.go", h("Origin", own, "Sec-Fetch-Site", "same-origin"), true, 400},
		"a removal of its own page":                   {"DELETE", "/live/exercises/01/main.go", h("Origin", own, "Sec-Fetch-Site", "same-origin"), true, 405},
		"a difference for another origin":             {"POST", "/live/exercises/01/difference", h("Origin", "http://other.test"), true, 403},
		"a difference for nobody":                     {"POST", "/live/exercises/01/difference", nil, true, 403},
		"a difference without the cookie":             {"POST", "/live/exercises/01/difference", h("Origin", own, "Sec-Fetch-Site", "same-origin"), false, 401},
		"a difference for its own page, from nothing": {"POST", "/live/exercises/01/difference", h("Origin", own, "Sec-Fetch-Site", "same-origin"), true, 400},
	} {
		t.Run(name, func(t *testing.T) {
			got, header := ask(t, s, c.method, c.path, c.header, c.cookie)
			if got != c.want {
				t.Errorf("answered %d, not %d", got, c.want)
			}
			if p := header.Get("Content-Security-Policy"); !strings.Contains(p, "frame-ancestors 'none'") || strings.Contains(p, "unsafe") {
				t.Errorf("the policy of the answer is %q", p)
			}
			if header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("the answer lets other origins read it")
			}
		})
	}
	unwritten()
}

// exercise gives lesson 01 a main.go to be written, and how to see that it was not.
func exercise(t *testing.T, root string) (unwritten func()) {
	t.Helper()
	const text = "package main\n\nfunc main() {}\n"
	file := filepath.Join(root, "lessons", "01", "exercise", "main.go")
	err := os.Mkdir(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("the exercise's file was written: %q, %v", got, err)
		}
	}
}

// TestWrites saves faster and more than a person: most of it is not even looked at.
func TestWrites(t *testing.T) {
	root := course(t)
	unwritten := exercise(t, root)
	s := start(t, root)
	own := "http://" + s.guard.address
	put := func(size int) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, own+"/live/exercises/01/main.go", strings.NewReader(`{"text":"`+strings.Repeat("x", size)+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", own)
		r.AddCookie(&http.Cookie{Name: s.guard.cookie, Value: s.guard.token})
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	if code := put(maxBody); code != http.StatusRequestEntityTooLarge {
		t.Errorf("more than a request may have: %d", code)
	}
	looked, refused := 0, 0
	for range 200 {
		switch code := put(10); code {
		case http.StatusConflict: // it does not say what it has read
			looked++
		case http.StatusTooManyRequests:
			refused++
		default:
			t.Fatalf("answered %d", code)
		}
	}
	if looked == 0 || refused == 0 {
		t.Errorf("of 200 saves at once %d were looked at, and %d not", looked, refused)
	}
	unwritten()
}

// TestTries tries tokens faster than a person: all but a few are not even looked at.
func TestTries(t *testing.T) {
	s := start(t, course(t))
	looked := 0
	for i := range 200 {
		code, _ := ask(t, s, "GET", fmt.Sprintf("/?token=%d", i), nil, false)
		switch code {
		case http.StatusUnauthorized:
			looked++
		case http.StatusTooManyRequests:
		default:
			t.Fatalf("answered %d", code)
		}
	}
	if looked == 0 || looked > 150 {
		t.Errorf("%d of 200 tokens were tried", looked)
	}
}

// TestOtherOrigin opens, in a browser that has the cookie, a page of another
// server on this machine, and has it try all it can.
func TestOtherOrigin(t *testing.T) {
	root := course(t)
	unwritten := exercise(t, root)
	s := start(t, root)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!DOCTYPE html><title>other</title><body>`)
	}))
	defer other.Close()
	b := browser.New(t, true)
	b.Open(s.URL())
	b.Until("the home page", `document.querySelector("body.home") !== null`)
	base := strings.Split(s.URL(), "?")[0]

	b.Open(other.URL)
	for name, try := range map[string]string{
		"reads a page":        `fetch(%q, {credentials: "include"}).then(r => r.status, () => "refused")`,
		"posts":               `fetch(%q, {method: "POST", body: "{}", credentials: "include"}).then(r => r.status, () => "refused")`,
		"reads an exercise":   `fetch(%q + "live/exercises/01/main.go", {credentials: "include"}).then(r => r.status, () => "refused")`,
		"writes an exercise":  `fetch(%q + "live/exercises/01/main.go", {method: "PUT", body: JSON.stringify({text: "theirs"}), headers: {"Content-Type": "application/json"}, credentials: "include"}).then(r => r.status, () => "refused")`,
		"writes it as text":   `fetch(%q + "live/exercises/01/main.go", {method: "PUT", body: JSON.stringify({text: "theirs"}), credentials: "include"}).then(r => r.status, () => "refused")`,
		"compares with it":    `fetch(%q + "live/exercises/01/difference", {method: "POST", body: JSON.stringify({text: ""}), credentials: "include"}).then(r => r.status, () => "refused")`,
		"listens":             `new Promise(done => { const e = new EventSource(%q + "live/events", {withCredentials: true}); e.onopen = () => { e.close(); done("open") }; e.onerror = () => { e.close(); done("refused") } })`,
		"loads it as script":  `new Promise(done => { const s = document.createElement("script"); s.src = %q + "search-index.js"; s.onload = () => done("loaded"); s.onerror = () => done("refused"); document.body.append(s) })`,
		"loads it as picture": `new Promise(done => { const s = document.createElement("img"); s.src = %q + "favicon.svg"; s.onload = () => done("loaded"); s.onerror = () => done("refused"); document.body.append(s) })`,
	} {
		if got := browser.Eval[string](b, "("+fmt.Sprintf(try, base)+").then(String)"); got != "refused" {
			t.Errorf("another origin %s: %s", name, got)
		}
	}
	// A frame of it stays empty: its document can't be seen, but its size can.
	b.Run(fmt.Sprintf(`document.body.append(Object.assign(document.createElement("iframe"), {src: %q, name: "framed"}))`, base+"01/"))
	b.Until("the frame", `performance.getEntriesByType("resource").length > 0`)
	b.Want("nothing of it can be read", `(() => { try { return frames.framed.document.querySelector("main") === null } catch { return true } })()`)
	// What needs no leave of ours is sent all the same, and does nothing.
	b.Want("an answer that it can't read", fmt.Sprintf(`fetch(%q + "live/exercises/01/difference", {method: "POST", mode: "no-cors", body: "{}", credentials: "include"}).then(r => r.type === "opaque", () => true)`, base))
	unwritten()
}

// TestPatience keeps a connection waiting: a request that never comes to its end
// is given up, a page that listens is not.
func TestPatience(t *testing.T) {
	s := start(t, course(t), func(c *Config) { c.patience = 100 * time.Millisecond })
	until(t, "the site", func() bool { return s.state().State == Good })
	listens, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.guard.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listens.Close() }()
	fmt.Fprintf(listens, "GET /live/events HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\n\r\n", s.guard.address, s.guard.cookie, s.guard.token)
	said := bufio.NewScanner(listens)
	hears := func(what string) {
		t.Helper()
		_ = listens.SetReadDeadline(time.Now().Add(patient))
		for said.Scan() {
			if strings.Contains(said.Text(), what) {
				return
			}
		}
		t.Fatalf("no %q: %v", what, said.Err())
	}
	hears("event: hello")

	for name, begin := range map[string]string{
		"a head": "GET / HTTP/1.1\r\nHost: ",
		"a body": fmt.Sprintf("POST /live/run/01 HTTP/1.1\r\nHost: %[1]s\r\nOrigin: http://%[1]s\r\nCookie: %[2]s=%[3]s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", s.guard.address, s.guard.cookie, s.guard.token),
	} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.guard.address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		fmt.Fprint(conn, begin)
		_ = conn.SetReadDeadline(time.Now().Add(patient))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s that never ends: the server still waits", name)
		}
	}
	time.Sleep(time.Second) // all patience with a request is over
	s.Publish("after", "all")
	hears("event: after")
}
