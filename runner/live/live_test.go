package live

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/recording"
	"sockets/runner/tier"
)

// deadline is how long a test waits for anything; a cage's first build compiles
// the standard library.
const deadline = 2 * time.Minute

// A guest is a page that makes requests.
type guest struct {
	t    testing.TB
	room *Room
	url  string
}

func enter(tb testing.TB) *guest {
	tb.Helper()
	if agent.Level(tb.Context()) != recording.LevelFull {
		tier.Lacks(tb, "there is no private network here")
	}
	room, err := New(tb.Context(), "../..")
	if err != nil {
		tb.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, h := range room.Routes() {
		mux.HandleFunc(pattern, h)
	}
	s := httptest.NewServer(mux)
	tb.Cleanup(func() {
		s.Close()
		if err := room.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &guest{tb, room, s.URL}
}

// post makes a request whose answer is closed when the test is over.
func (g *guest) post(ctx context.Context, path string, body any) (status int, answer io.Reader) {
	g.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+path, bytes.NewReader(text))
	if err != nil {
		g.t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = a.Body.Close() })
	return a.StatusCode, a.Body
}

// A following is a run being followed; closing it hangs up.
type following struct {
	t      testing.TB
	lines  *bufio.Scanner
	hangUp context.CancelFunc
	parts  map[string]string // as a page has them
	states []string
}

func (g *guest) run(r Request) *following {
	g.t.Helper()
	ctx, hangUp := context.WithTimeout(g.t.Context(), deadline)
	g.t.Cleanup(hangUp)
	status, answer := g.post(ctx, "/live/run/04", r)
	if status != http.StatusOK {
		text, _ := io.ReadAll(answer)
		g.t.Fatalf("run %+v: %d: %s", r, status, text)
	}
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, 4<<20)
	return &following{g.t, lines, hangUp, make(map[string]string), nil}
}

// next is the next message; ok is false when there are no more.
func (f *following) next() (m Message, ok bool) {
	f.t.Helper()
	if !f.lines.Scan() {
		return m, false
	}
	if err := json.Unmarshal(f.lines.Bytes(), &m); err != nil {
		f.t.Fatalf("a message can't be read: %v", err)
	}
	for name, html := range m.Parts {
		f.parts[name] = string(html)
	}
	f.states = append(f.states, m.State)
	return m, true
}

// until waits for a message in the state upon which a part holds the text.
func (f *following) until(state, part, text string) Message {
	f.t.Helper()
	var last Message
	for {
		m, ok := f.next()
		if !ok {
			f.t.Fatalf("the stream ended without %q in %s, state %s; there were the states %q, at last %+v, and %v", text, part, state, f.states, last, f.lines.Err())
		}
		if m.State == state && strings.Contains(f.parts[part], text) {
			return m
		}
		last = m
	}
}

func request(r Request) Request {
	r.Page, r.Name, r.Run = "page-of-the-test", "live-1", cmp.Or(r.Run, "main")
	return r
}

// TestRun drops a SYN-ACK, and sees what comes of it while it does.
func TestRun(t *testing.T) {
	g := enter(t)
	f := g.run(request(Request{Args: "{echo}", Faults: "drop in SYN,ACK 1\n"}))
	f.until(Running, "wire", ">dropped<")
	if strings.Contains(f.parts["wire"], "retransmission") || strings.Contains(f.parts["printed"], "exit code") {
		t.Error("what comes a second later was seen at once")
	}
	if !strings.Contains(f.parts["kernel"], "<b>poll</b>") && !strings.Contains(f.parts["kernel"], "<b>ppoll</b>") {
		t.Errorf("the call that waits is not seen: %s", f.parts["kernel"])
	}
	m := f.until(Over, "wire", "retransmission")
	if !strings.HasPrefix(m.Said, "It exited 0, with ") || !strings.Contains(f.parts["printed"], "exit code 0") {
		t.Errorf("at the end it says %q, and %s", m.Said, f.parts["printed"])
	}
	if _, more := f.next(); more {
		t.Error("there is a message after the last one")
	}
	for _, want := range []string{"main.go", "192.0.2.7:7", "the wire: drop in SYN,ACK 1"} {
		if !strings.Contains(f.parts["printed"], want) {
			t.Errorf("the transcript does not say %q", want)
		}
	}
}

// waiting is a main.go that waits for a peer that says nothing.
const waiting = `package main

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

// TestHangUp leaves while a program runs, which is gone then.
func TestHangUp(t *testing.T) {
	g := enter(t)
	f := g.run(request(Request{Source: waiting}))
	f.until(Running, "printed", "waiting")
	began := time.Now()
	f.hangUp()
	g.empty()
	t.Logf("it was gone after %v", time.Since(began))
}

// empty waits until nobody has a seat, and looks for what is left of the runs.
func (g *guest) empty() {
	g.t.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(time.Millisecond) {
		g.room.seats.mu.Lock()
		free := g.room.seats.free
		g.room.seats.mu.Unlock()
		if free == atOnce {
			break
		}
		if time.Now().After(end) {
			g.t.Fatal("a run whose page is gone goes on")
		}
	}
	left, err := os.ReadDir(g.room.folder)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, e := range left {
		if strings.HasPrefix(e.Name(), "run-") {
			g.t.Errorf("%s is left", e.Name())
		}
	}
}

// TestTakeOver has a page run something else.
func TestTakeOver(t *testing.T) {
	g := enter(t)
	first := g.run(request(Request{Source: waiting}))
	first.until(Running, "printed", "waiting")
	second := g.run(request(Request{Args: "{closed}"}))
	for more := true; more; {
		_, more = first.next()
	}
	if last := first.states[len(first.states)-1]; last != Running {
		t.Errorf("the first run ended with %q, want nothing", last)
	}
	if m := second.until(Over, "printed", "connection refused"); !strings.HasPrefix(m.Said, "It exited 1") {
		t.Errorf("the second ended with %q", m.Said)
	}
}

// TestChanged runs texts that a reader has changed.
func TestChanged(t *testing.T) {
	g := enter(t)
	own, err := os.ReadFile("../../lessons/04/main.go")
	if err != nil {
		t.Fatal(err)
	}
	f := g.run(request(Request{Source: strings.Replace(string(own), `"connect:"`, `"I connect:"`, 1)}))
	f.until(Over, "printed", "I connect:")
	if !strings.Contains(f.parts["lines"], "I connect:") || !strings.Contains(f.parts["wire"], "SYN") {
		t.Error("the lines or the wire of a changed program are not shown")
	}
	pitfall, err := os.ReadFile("../../lessons/04/pitfalls/swapped/main.go")
	if err != nil {
		t.Fatal(err)
	}
	f = g.run(request(Request{Run: "swapped", Source: string(pitfall)}))
	f.until(Over, "printed", "80 turned round is 20480")
	for text, want := range map[string]Mistake{
		"package main\n\nfunc main() {\n\tx := 1\n}\n":                            {4, "declared and not used: x"},
		"package main\n\nfunc main() {\n\tif\n}\n":                                {5, "expected operand, found '}'"},
		"package main\n\nimport _ \"sockets/runner/agent\"\n\nfunc main() {}\n":   {3, `"sockets/runner/agent" is not yours to import; what is allowed: the standard library and golang.org/x/sys, golang.org/x/net`},
		"package main\n\n//go:embed main.go\nvar text string\n\nfunc main() {}\n": {3, "//go:embed is not allowed: a program is its own source and nothing else"},
	} {
		m := g.run(request(Request{Source: text})).until(Mistaken, "", "")
		if len(m.Mistakes) == 0 || m.Mistakes[0] != want {
			t.Errorf("%s\nhas %+v, want %+v", text, m.Mistakes, want)
		}
	}
}

// TestHostile runs what means harm.
func TestHostile(t *testing.T) {
	g := enter(t)
	program := func(body string) string {
		return "package main\n\nimport (\n\t\"fmt\"\n\t\"net\"\n\t\"os\"\n)\n\nvar _, _ = net.Dial, os.Exit\n\nfunc main() {\n\t" + body + "\n}\n"
	}
	for _, c := range []struct{ body, part, want string }{
		{`for { fmt.Println("<script>alert(1)</script>") }`, "printed", "&lt;script&gt;alert(1)&lt;/script&gt;"},
		{`_, err := os.ReadFile("/etc/shadow"); fmt.Println(err)`, "printed", "no such file"},
		{`_, err := net.Dial("tcp", "127.0.0.1:1"); fmt.Println(err)`, "printed", "refused"},
		{`fmt.Println(os.WriteFile("/tmp/lab/x", nil, 0o644))`, "printed", "read-only file system"},
		{`fmt.Println(os.Getuid() == 0, os.Getppid())`, "printed", "false"},
	} {
		f := g.run(request(Request{Source: program(c.body)}))
		if m := f.until(Over, c.part, c.want); strings.Contains(f.parts[c.part], "<script") {
			t.Errorf("%s: %q, and markup: %s", c.body, m.Said, f.parts[c.part])
		}
	}
	g.empty()
}

// TestRefused has requests that can't be met.
func TestRefused(t *testing.T) {
	g := enter(t)
	for _, c := range []struct {
		name, path string
		body       any
		status     int
		said       string
	}{
		{"no lesson", "/live/run/99", Request{}, 404, "there is no such lesson"},
		{"a folder", "/live/run/lab", Request{}, 404, "there is no such lesson"},
		{"no names", "/live/run/04", Request{Run: "main"}, 422, "need names"},
		{"no run", "/live/run/04", Request{Page: "12345678", Name: "a", Run: "none"}, 422, `no run "none"`},
		{"quotes", "/live/run/04", request(Request{Args: "'a"}), 422, "has no end"},
		{"long arguments", "/live/run/04", request(Request{Args: strings.Repeat("a", maxArgs+1)}), 422, "2049 bytes"},
		{"no fault", "/live/run/04", request(Request{Faults: "drop sideways"}), 422, "names no direction"},
		{"many faults", "/live/run/04", request(Request{Faults: strings.Repeat("drop in SYN 1\n", 9)}), 422, "9 things"},
		{"a long program", "/live/run/04", request(Request{Source: strings.Repeat("x", maxSource+1)}), 422, "65537 bytes"},
		{"a large request", "/live/run/04", request(Request{Source: strings.Repeat("x", maxBody)}), 413, "a request may have"},
		{"what is none", "/live/run/04", map[string]int{"Shell": 1}, 400, "can't be read"},
		{"a long text", "/live/run/04/diff", Change{strings.Repeat("x", maxSource+1)}, 422, "65537 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, answer := g.post(t.Context(), c.path, c.body)
			var m Message
			if err := json.NewDecoder(answer).Decode(&m); err != nil {
				t.Fatal(err)
			}
			if status != c.status || m.State != Failed || !strings.Contains(m.Said, c.said) {
				t.Errorf("%d %+v, want %d and %q", status, m, c.status, c.said)
			}
		})
	}
	f := g.run(request(Request{Args: "{nothing}"}))
	if m := f.until(Failed, "", ""); !strings.Contains(m.Said, `no service "nothing"`) || strings.Contains(m.Said, "lesson.md") {
		t.Errorf("a service that there is not: %q", m.Said)
	}
}

// TestLowerLevel runs without a private network, where nothing but the lab may be
// reached.
func TestLowerLevel(t *testing.T) {
	t.Setenv("SOCKETS_LEVEL", "output")
	room := &Room{level: recording.LevelCalls, caged: io.EOF}
	p, err := (&Room{root: "../.."}).program("04")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		r  Request
		ok bool
	}{
		{Request{Args: "{closed}"}, true},
		{Request{Args: "{echo}"}, true},
		{Request{Args: "255.255.255.255:7"}, true}, // its author wants it
		{Request{Args: "192.0.2.80:80"}, false},
		{Request{Args: "x{echo}"}, false},
		{Request{Faults: "drop in SYN 1"}, false},
		{Request{Source: "package main"}, false},
	} {
		if _, err := room.plan(p, request(c.r)); (err == nil) != c.ok {
			t.Errorf("%+v: %v, want that it may be: %v", c.r, err, c.ok)
		}
	}
}

// TestRate begins more runs than may be.
func TestRate(t *testing.T) {
	s := newSeats()
	for i := range burst {
		if _, leave, err := s.take(t.Context(), "page"); err != nil {
			t.Fatalf("run %d: %v", i, err)
		} else {
			leave()
		}
	}
	if _, _, err := s.take(t.Context(), "page"); err == nil {
		t.Error("any number of runs may begin at once")
	}
	s = newSeats()
	for i := range atOnce {
		_, leave, err := s.take(t.Context(), string(rune('a'+i)))
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
	}
	if _, _, err := s.take(t.Context(), "page"); err == nil {
		t.Error("any number of pages may run at once")
	}
}

// TestPanel has what the page is given beyond runs.
func TestPanel(t *testing.T) {
	g := enter(t)
	get := func(path string) string {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		err = errors.Join(err, answer.Body.Close())
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v: %s", path, answer.Status, err, text)
		}
		return string(text)
	}
	panel := get("/live/run/04")
	for _, want := range []string{
		`<option value="refused" data-args="{closed}" data-faults="">refused</option>`,
		`<option value="late" data-args="" data-faults="drop out SYN 1">late</option>`,
		`<option value="drop in SYN,ACK 1">the first SYN-ACK is lost</option>`,
		"//go:build unix\n",
	} {
		if !strings.Contains(panel, want) {
			t.Errorf("the panel has no %s", want)
		}
	}
	if strings.Contains(panel, "style=") {
		t.Error("the panel has a style that a page's policy forbids")
	}
	// A pitfall's text stands in its option, where the machine has a cage for it.
	if caged := strings.Contains(panel, "in a cage only"); strings.Contains(panel, `<option value="swapped"`) == caged {
		t.Errorf("the panel offers a pitfall: %t; there is a cage: %t", caged, !caged)
	}
	own, err := os.ReadFile("../../lessons/04/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		string(own): "Nothing: it is the lesson",
		strings.Replace(string(own), "peer:", "<b>", 1): `<ins>&#43;	fmt.Println(&#34;&lt;b&gt;&#34;, err)</ins>`,
	} {
		_, answer := g.post(t.Context(), "/live/run/04/diff", Change{text})
		html, err := io.ReadAll(answer)
		if err != nil || !strings.Contains(string(html), want) {
			t.Errorf("the difference is %s, %v; want %s", html, err, want)
		}
	}
}
