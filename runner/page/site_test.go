package page

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"sockets/runner/lesson"
	"sockets/runner/recording"
)

// specimen is the course that pages are tested with.
func specimen(tb testing.TB) []*Page {
	tb.Helper()
	var pages []*Page
	for _, n := range []string{"01", "02"} {
		l, ms := lesson.Load(filepath.Join("../../site/testdata/course/lessons", n))
		if err := ms.Err(); err != nil {
			tb.Fatal(err)
		}
		p, ms := Parse(l)
		if err := ms.Err(); err != nil {
			tb.Fatal(err)
		}
		pages = append(pages, p)
	}
	return pages
}

// files is all files below the folder.
func files(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func TestSameBytes(t *testing.T) {
	one, err := write(t, specimen(t)...)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		two, err := write(t, specimen(t)...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(files(t, one), files(t, two)); diff != "" {
			t.Fatalf("the site is another the next time:\n%s", diff)
		}
	}
}

func TestFiles(t *testing.T) {
	dir, err := write(t, specimen(t)...)
	if err != nil {
		t.Fatal(err)
	}
	all := files(t, dir)
	for _, name := range strings.Fields(`index.html terms.html reference.html 404.html search-index.js style.css script.js favicon.svg
		01/index.html 01/main.go.html 01/pitfalls/mute/main.go.html 01/main.jsonl 01/main.pcapng 01/main.calls.txt 02/index.html 02/main.jsonl`) {
		if all[name] == "" {
			t.Errorf("the site has no %s", name)
		}
	}
	for _, name := range []string{"02/main.pcapng", "02/main.calls.txt"} {
		if _, ok := all[name]; ok {
			t.Errorf("the site has %s of a run without calls", name)
		}
	}
}

// TestNoReference leaves out the reference, and links to it, where no recording
// has calls.
func TestNoReference(t *testing.T) {
	_, err := write(t, specimen(t)[1])
	var ms lesson.Mistakes
	if !errors.As(err, &ms) || len(ms) != 1 || !strings.Contains(ms[0].What, "a link to lesson 01, which is not there") {
		t.Fatalf("Write without lesson 01 = %v, want the one broken link", err)
	}
	p := specimen(t)[1]
	p.links = nil
	dir, err := write(t, p)
	if err != nil {
		t.Fatal(err)
	}
	all := files(t, dir)
	if _, ok := all["reference.html"]; ok {
		t.Error("there is a reference of no calls")
	}
	if strings.Contains(all["index.html"], "reference.html") {
		t.Error("the home page links to a reference that is not there")
	}
}

// TestBaseURL has links that work where the site is published.
func TestBaseURL(t *testing.T) {
	pages := specimen(t)
	dir := t.TempDir()
	s := Site{Pages: pages, Recordings: stored(t, pages...), BaseURL: "https://example.org/sockets/"}
	if err := s.Write(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	page := readFile(t, dir, "01/index.html")
	for _, want := range []string{
		`<link rel="canonical" href="https://example.org/sockets/01/">`,
		`&lt;a href=&#34;https://example.org/sockets/01/index.html&#34;&gt;Sockets, line by line: A specimen&lt;/a&gt;`,
		`[Sockets, line by line: A specimen](https://example.org/sockets/01/index.html)`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("01/index.html does not hold %s", want)
		}
	}
	if page := readFile(t, dir, "404.html"); !strings.Contains(page, `href="/sockets/style.css"`) {
		t.Error("404.html finds its style only in the root of the site")
	}
}

// TestCancelled stops soon, with the context's reason.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	s := Site{Pages: specimen(t)}
	if err := s.Write(ctx, t.TempDir()); !errors.Is(err, why) {
		t.Errorf("Write = %v, want %v", err, why)
	}
}

func TestTermsOfSeveralLessons(t *testing.T) {
	dir, err := write(t, specimen(t)...)
	if err != nil {
		t.Fatal(err)
	}
	page := readFile(t, dir, "terms.html")
	if n := strings.Count(page, `<dt id="descriptor">`); n != 1 {
		t.Errorf("descriptor stands %d times in terms.html, want once with both meanings", n)
	}
	for _, want := range []string{`href="01/index.html#term-descriptor"`, `href="02/index.html#term-descriptor"`, `href="01/main.go.html#L`} {
		if !strings.Contains(page, want) {
			t.Errorf("terms.html does not hold %s", want)
		}
	}
}

func TestReference(t *testing.T) {
	dir, err := write(t, specimen(t)...)
	if err != nil {
		t.Fatal(err)
	}
	page := readFile(t, dir, "reference.html")
	for _, want := range []string{
		`id="calls-connect"`, `id="errors-einprogress"`, `id="flags-syn"`, `id="options-window-scale"`,
		`href="01/main.go.html#L34"`, `href="01/pitfalls/mute/main.go.html#L11"`, `https://man7.org/linux/man-pages/man2/connect.2.html`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("reference.html does not hold %s", want)
		}
	}
}

// TestBudget keeps a page small whatever its run did, and says what it leaves out.
func TestBudget(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"lesson":"01","run":"main","program":"main.go","level":"full","go":"go1.26.8","os":"linux","arch":"amd64","end":{"exit":0}}` + "\n")
	for i := range 900 {
		at := fmt.Sprintf(`{"at":{"file":"main.go","line":%d},`, 1+i%10)
		fmt.Fprintf(&b, `%s"call":{"id":%d,"name":"call%d","args":["%s"],"result":"0"}}`+"\n", at, i+1, i, strings.Repeat("x", 150))
		fmt.Fprintf(&b, `%s"frame":{"n":%d,"dir":"out","proto":"TCP","flags":"F%d","summary":"%s","call":%d,"size":60}}`+"\n", at, i+1, i, strings.Repeat("y", 60), i+1)
		fmt.Fprintf(&b, `%s"output":{"stream":"stdout","text":"%d %s\n"}}`+"\n", at, i, strings.Repeat("z", 20))
	}
	p, ms := unpack(t, []txtar.File{
		{Name: "lesson.md", Data: []byte(commentary("[The whole of it](main.go)\n"))},
		{Name: "recordings/main.jsonl", Data: []byte(b.String())},
	})
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	dir, err := write(t, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"01/index.html", "01/main.wire.html"} {
		if n := len(readFile(t, dir, name)); n > pageBudget {
			t.Errorf("%s is %d bytes, more than %d", name, n, pageBudget)
		}
	}
	if page := readFile(t, dir, "01/index.html"); !strings.Contains(page, "more lines") || !strings.Contains(page, "of 900 frames") {
		t.Errorf("01/index.html does not say what it leaves out:\n%s", page)
	}
}

// BenchmarkWrite renders a thousand lessons like the specimen's first: how many
// pages a second, and the most memory that was in use.
func BenchmarkWrite(b *testing.B) {
	const lessons = 1000
	l, ms := lesson.Load("../../site/testdata/course/lessons/01")
	if err := ms.Err(); err != nil {
		b.Fatal(err)
	}
	rec := stored(b, specimen(b)...)
	dir := b.TempDir()
	var took time.Duration
	var most uint64
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		peak := watch(func() {
			pages := make([]*Page, lessons)
			for n := range pages {
				copied := *l
				copied.Number = fmt.Sprint(n + 1000)
				pages[n], ms = Parse(&copied)
				if err := ms.Err(); err != nil {
					b.Fatal(err)
				}
			}
			s := Site{Pages: pages, Recordings: func(_, run string) *recording.Recording { return rec("01", run) }}
			if err := s.Write(b.Context(), filepath.Join(dir, fmt.Sprint(i))); err != nil {
				b.Fatal(err)
			}
		})
		took, most = took+time.Since(start), max(most, peak)
		if err := os.RemoveAll(filepath.Join(dir, fmt.Sprint(i))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(lessons*float64(b.N)/took.Seconds(), "pages/s")
	b.ReportMetric(float64(most)/(1<<20), "peak-MiB")
	b.ReportMetric(0, "ns/op")
}

// watch is the most heap in use while f runs, looked at every few milliseconds.
func watch(f func()) uint64 {
	runtime.GC()
	var most atomic.Uint64
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(done)
	<-watched
	return most.Load()
}
