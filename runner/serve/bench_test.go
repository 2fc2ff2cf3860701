package serve

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sockets/runner/browser"
	"sockets/runner/build"
)

// lessons is a checkout with the real lessons.
func lessons(b *testing.B) string {
	b.Helper()
	root := b.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile("../../" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), text, 0o644)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "lessons"), os.DirFS("../../lessons")); err != nil {
		b.Fatal(err)
	}
	return root
}

// shows is an expression that holds as soon as the page shows the text.
func shows(text string) string {
	return fmt.Sprintf(`document.querySelector("main").textContent.includes(%q)`, text)
}

// follow opens the lesson's page and waits until it follows the files.
func follow(b *testing.B, s *Server, path string) *browser.Tab {
	b.Helper()
	until(b, "the site", func() bool { return s.state().State == Good })
	tab := browser.New(b, true)
	tab.Open(s.URL())
	tab.Open(strings.Split(s.URL(), "?")[0] + path)
	tab.Until("the events", `window.liveEvents?.readyState === 1`)
	return tab
}

// BenchmarkProse is from the save of lesson 05's commentary to the page in a
// browser that shows it. The floor: the same browser loads that page, built and
// on a bare file server, once more.
func BenchmarkProse(b *testing.B) {
	root := lessons(b)
	s := start(b, root)
	tab := follow(b, s, "05/")
	out := filepath.Join(b.TempDir(), "site")
	if err := build.Site(b.Context(), build.Options{Root: root, Out: out, Replay: true}); err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(http.FileServer(http.Dir(out)))
	defer bare.Close()
	other := browser.New(b, true)
	file := filepath.Join(root, "lessons/05/lesson.md")
	edit(b, file, "## The program", "Round 0 of it.\n\n## The program")
	var took, floor []time.Duration
	i := 0
	for b.Loop() {
		begin := time.Now()
		edit(b, file, fmt.Sprintf("Round %d of it.", i), fmt.Sprintf("Round %d of it.", i+1))
		i++
		tab.Until("the edit", shows(fmt.Sprintf("Round %d of it.", i)))
		took = append(took, time.Since(begin))
		begin = time.Now()
		other.Open(bare.URL + "/05/")
		other.Until("the page", `document.querySelector("main").textContent.length > 1000`)
		floor = append(floor, time.Since(begin))
	}
	ratio(b, took, floor)
}

// BenchmarkCode is from the save of a program to the page in a browser that
// shows what it prints now. The floor: the go command builds it, and it runs.
func BenchmarkCode(b *testing.B) {
	root := runs(b)
	s := start(b, root, func(c *Config) { c.Replay = false })
	tab := follow(b, s, "02/")
	file := filepath.Join(root, "lessons/02/main.go")
	edit(b, file, `"lines"`, `"round 0 of it"`)
	var took, floor []time.Duration
	i := 0
	for b.Loop() {
		begin := time.Now()
		edit(b, file, fmt.Sprintf("round %d of it", i), fmt.Sprintf("round %d of it", i+1))
		i++
		// Twice: in the program, and in what it printed.
		tab.Until("the run", fmt.Sprintf(`document.querySelector("main").textContent.split("round %d of it").length > 2`, i))
		took = append(took, time.Since(begin))
		edit(b, file, fmt.Sprintf("round %d of it", i), fmt.Sprintf("round %d of it", i+1))
		i++
		begin = time.Now()
		binary := filepath.Join(b.TempDir(), "02")
		command := exec.CommandContext(b.Context(), "go", "build", "-gcflags=-l", "-o", binary, "./lessons/02")
		command.Dir = root
		if text, err := command.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, text)
		}
		if err := exec.CommandContext(b.Context(), binary).Run(); err != nil {
			b.Fatal(err)
		}
		floor = append(floor, time.Since(begin))
		tab.Until("that all is well", fmt.Sprintf(`document.querySelector("main").textContent.split("round %d of it").length > 2`, i))
	}
	ratio(b, took, floor)
}

// ratio reports the medians, and how many times the floor it took.
func ratio(b *testing.B, took, floor []time.Duration) {
	b.Helper()
	median := func(ds []time.Duration) float64 {
		slices.Sort(ds)
		return ds[len(ds)/2].Seconds() * 1000
	}
	b.ReportMetric(median(took), "ms/update")
	b.ReportMetric(median(floor), "ms/floor")
	b.ReportMetric(median(took)/median(floor), "x-floor")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkIdle is the processor's time that a server takes while nothing
// happens and one page is open: told of changes by the system, and looking
// for them.
func BenchmarkIdle(b *testing.B) {
	for name, poll := range map[string]time.Duration{"told": 0, "polling": 300 * time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			s := start(b, lessons(b), func(c *Config) { c.Poll = poll })
			follow(b, s, "05/")
			runtime.GC()
			begin, used := time.Now(), processor(b)
			for b.Loop() {
				time.Sleep(time.Second)
			}
			share := (processor(b) - used).Seconds() / time.Since(begin).Seconds()
			b.ReportMetric(share*100, "%-of-a-processor")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkMemory is what 1,000 makings of the site leave in memory, beside what
// is there after ten.
func BenchmarkMemory(b *testing.B) {
	root := course(b)
	shop := build.NewWorkshop(build.Options{Root: root, Replay: true})
	file := filepath.Join(root, "lessons/01/lesson.md")
	edit(b, file, "## The program", "Round 0 of it.\n\n## The program")
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	var first, last float64
	for b.Loop() {
		for i := range 1000 {
			edit(b, file, fmt.Sprintf("Round %d of it.", i), fmt.Sprintf("Round %d of it.", i+1))
			if _, err := shop.Site(b.Context()); err != nil {
				b.Fatal(err)
			}
			if i == 10 {
				first = heap()
			}
		}
		last = heap()
		edit(b, file, "Round 1000 of it.", "Round 0 of it.")
	}
	b.ReportMetric(last/1e6, "MB-after-1000")
	b.ReportMetric(last/first, "x-after-10")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkInterrupt is from Ctrl-C in the middle of a run to the end of the server
// and of the program: under a second is asked for.
func BenchmarkInterrupt(b *testing.B) {
	var took []time.Duration
	for b.Loop() {
		root, name := hanging(b)
		took = append(took, interrupt(b, root, name))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms/end")
	b.ReportMetric(took[len(took)-1].Seconds()*1000, "ms/slowest")
	b.ReportMetric(0, "ns/op")
}
