package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sockets/runner/build"
	"sockets/runner/lesson"
)

// BenchmarkBuild times what an author waits for, each as a ratio to its floor in
// the same round: the bare go command on the programs that changed, and those
// programs' own runs, as many at a time as the build has.
//
//	everything  no run is in the cache    floor: go build of all, all runs
//	nothing     nothing changed           floor: go list, the least the go command can do
//	prose       a page's text changed     floor: the same
//	code        one program changed       floor: go build and run of that one
//
// The go command's own cache is warm: CI's first build shows what a cold one is.
func BenchmarkBuild(b *testing.B) {
	c := newCheckout(b)
	c.build(b) // warms the caches
	for _, bench := range []struct {
		name   string
		change func()
		floor  func()
	}{
		{"everything", func() { c.forget(b) }, func() { c.compile(b, c.programs); c.run(b, c.programs) }},
		{"nothing", func() {}, func() { c.list(b) }},
		{"prose", func() { c.appendTo(b, "lessons/03/lesson.md", "\nMore.\n") }, func() { c.list(b) }},
		{"code", func() { c.editCode(b) }, func() { c.compile(b, c.programs[:1]); c.run(b, c.programs[:1]) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var took, floor []time.Duration
			for b.Loop() {
				bench.change()
				took = append(took, c.time(func() { c.build(b) }))
				floor = append(floor, c.time(bench.floor))
			}
			b.ReportMetric(median(took).Seconds()*1000, "ms/build")
			b.ReportMetric(median(floor).Seconds()*1000, "ms/floor")
			b.ReportMetric(median(took).Seconds()/median(floor).Seconds(), "x-floor")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(ds []time.Duration) time.Duration {
	slices.Sort(ds)
	return ds[len(ds)/2]
}

// A checkout is a copy of the tree that benchmarks may change.
type checkout struct {
	root     string
	programs []string // directories below root, lesson 03's first
	limit    map[string]time.Duration
	edits    int
}

func newCheckout(b *testing.B) *checkout {
	b.Helper()
	c := &checkout{root: b.TempDir(), limit: make(map[string]time.Duration)}
	for _, name := range []string{"go.mod", "go.sum", "lessons", "runner", "site"} {
		copyTree(b, filepath.Join("..", name), filepath.Join(c.root, name))
	}
	numbers, err := lesson.Numbers(filepath.Join(c.root, "lessons"))
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range numbers {
		l, ms := lesson.Load(filepath.Join(c.root, "lessons", n))
		if err := ms.Err(); err != nil {
			b.Fatal(err)
		}
		for _, r := range l.Runs {
			if len(r.Args) > 0 || !l.RunsOn(runtime.GOOS) {
				continue // its arguments are the runner's to make
			}
			dir := "./" + filepath.ToSlash(filepath.Join("lessons", n, r.Package()))
			c.programs = append(c.programs, dir)
			c.limit[dir] = r.Expect.Deadline
		}
	}
	i := slices.Index(c.programs, "./lessons/03")
	c.programs[0], c.programs[i] = c.programs[i], c.programs[0]
	return c
}

func copyTree(b *testing.B, from, to string) {
	b.Helper()
	info, err := os.Stat(from)
	if err != nil {
		b.Fatal(err)
	}
	if info.IsDir() {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			b.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(from)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		b.Fatal(err)
	}
}

func (c *checkout) time(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func (c *checkout) build(b *testing.B) {
	b.Helper()
	err := build.Site(b.Context(), build.Options{Root: c.root, Out: filepath.Join(c.root, "out")})
	if err != nil {
		b.Fatal(err)
	}
}

func (c *checkout) forget(b *testing.B) {
	b.Helper()
	if err := os.RemoveAll(filepath.Join(c.root, ".cache")); err != nil {
		b.Fatal(err)
	}
}

func (c *checkout) appendTo(b *testing.B, name, text string) {
	b.Helper()
	path := filepath.Join(c.root, name)
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, text...), 0o644); err != nil {
		b.Fatal(err)
	}
}

// editCode changes what lesson 03 is compiled to, and nothing it prints.
func (c *checkout) editCode(b *testing.B) {
	b.Helper()
	c.edits++
	path := filepath.Join(c.root, "lessons/03/edit.go")
	text := fmt.Sprintf("//go:build unix\n\npackage main\n\nvar Edit = %d\n", c.edits)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

func (c *checkout) goCommand(b *testing.B, args ...string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), "go", args...)
	cmd.Dir, cmd.Env = c.root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go %s: %v\n%s", args[0], err, out)
	}
}

func (c *checkout) list(b *testing.B) {
	b.Helper()
	c.goCommand(b, append([]string{"list", "-export", "-trimpath", "-gcflags=sockets/lessons/...=-l"}, c.programs...)...)
}

// compile links the programs, which may share base names, from nothing.
func (c *checkout) compile(b *testing.B, programs []string) {
	b.Helper()
	bin := filepath.Join(c.root, "bin")
	if err := os.RemoveAll(bin); err != nil {
		b.Fatal(err)
	}
	if len(programs) == 1 {
		c.goCommand(b, "build", "-trimpath", "-gcflags=sockets/lessons/...=-l", "-o", filepath.Join(bin, "0"), programs[0])
		return
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		b.Fatal(err)
	}
	c.goCommand(b, append([]string{"build", "-trimpath", "-gcflags=sockets/lessons/...=-l", "-o", bin + "/"}, programs...)...)
}

// run runs the programs bare, as many at a time as there are processors; those
// that would go on for ever until their declared deadline.
func (c *checkout) run(b *testing.B, programs []string) {
	b.Helper()
	slots := make(chan struct{}, runtime.NumCPU())
	var running sync.WaitGroup
	for _, p := range programs {
		name := filepath.Base(p)
		if len(programs) == 1 {
			name = "0"
		}
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			cmd := exec.CommandContext(b.Context(), filepath.Join(c.root, "bin", name))
			cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
			if err := cmd.Start(); err != nil {
				b.Errorf("start %s: %v", p, err)
				return
			}
			if d := c.limit[p]; d > 0 {
				timer := time.AfterFunc(d, func() { _ = cmd.Process.Kill() })
				defer timer.Stop()
			}
			if err := cmd.Wait(); err != nil && !strings.Contains(err.Error(), "exit status") && c.limit[p] == 0 {
				b.Errorf("run %s: %v", p, err)
			}
		})
	}
	running.Wait()
}
