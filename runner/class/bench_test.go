package class

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sockets/runner/handin"
)

// BenchmarkBuild times how fast submissions of which no two are equal are built, as
// a class's are: checked in this process, then in chunks, each one call of the go
// command in a cage. The floor, in the same round, is the bare compiler and linker
// on the same sources, as many at a time as there are processors, without a cage
// and with everything else known beforehand.
func BenchmarkBuild(b *testing.B) {
	const each = 2 * chunk
	m := exerciseOf(b, "05")
	o := (&made{tb: b}).options("")
	builder, err := handin.NewBuilder(b.Context(), root, o.Cache)
	if err != nil {
		b.Fatal(err)
	}
	bare := newBare(b)
	n := 0
	sources := func() []string {
		var all []string
		for range each {
			n++
			all = append(all, edited(m.solution, int(time.Now().UnixNano())+n)["main.go"])
		}
		return all
	}
	chunked(b, builder, sources()[:1]) // warms the caches
	bare.build(b, sources()[:1])
	var took, floor []time.Duration
	for b.Loop() {
		began := time.Now()
		chunked(b, builder, sources())
		took = append(took, time.Since(began))
		began = time.Now()
		bare.build(b, sources())
		floor = append(floor, time.Since(began))
	}
	minute := func(d []time.Duration) float64 {
		slices.Sort(d)
		return each / d[len(d)/2].Minutes()
	}
	b.ReportMetric(minute(took), "built/min")
	b.ReportMetric(minute(floor), "floor/min")
	b.ReportMetric(100*minute(took)/minute(floor), "%-of-floor")
	b.ReportMetric(0, "ns/op")
}

// chunked builds the sources as submissions.
func chunked(b *testing.B, builder *handin.Builder, sources []string) {
	b.Helper()
	for group := range slices.Chunk(sources, chunk) {
		var subs []*handin.Submission
		for _, text := range group {
			s, err := handin.Archive("main.zip", zipped(b, "", map[string]string{"main.go": text}))
			if err != nil {
				b.Fatal(err)
			}
			subs = append(subs, s)
		}
		dir := b.TempDir()
		built, err := builder.Build(b.Context(), dir, subs)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range built {
			if p.Binary == "" {
				b.Fatal(p.Complaint)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
	}
}

// A bare is the compiler and the linker by themselves.
type bare struct{ compile, link, config string }

func newBare(b *testing.B) bare {
	b.Helper()
	output := func(args ...string) string {
		c := exec.CommandContext(b.Context(), "go", args...)
		c.Dir, c.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		out, err := c.Output()
		if err != nil {
			b.Fatalf("go %v: %v", args, err)
		}
		return string(out)
	}
	f := bare{config: filepath.Join(b.TempDir(), "importcfg")}
	packages := output("list", "-deps", "-export", "-trimpath", "-f",
		"{{if and .Export .Standard}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "./lessons/05/solution")
	if err := os.WriteFile(f.config, []byte(packages), 0o600); err != nil {
		b.Fatal(err)
	}
	tools := output("env", "GOTOOLDIR")
	tools = tools[:len(tools)-1]
	f.compile, f.link = filepath.Join(tools, "compile"), filepath.Join(tools, "link")
	return f
}

func (f bare) build(b *testing.B, sources []string) {
	b.Helper()
	dir := b.TempDir()
	running, ctx := errgroup.WithContext(b.Context())
	running.SetLimit(runtime.NumCPU())
	for i, text := range sources {
		running.Go(func() error { return f.one(ctx, filepath.Join(dir, fmt.Sprint(i)), text) })
	}
	if err := running.Wait(); err != nil {
		b.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
}

func (f bare) one(ctx context.Context, name, text string) error {
	if err := os.WriteFile(name+".go", []byte(text), 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{
		{f.compile, "-p", "main", "-l", "-complete", "-pack", "-importcfg", f.config, "-trimpath", filepath.Dir(name), "-o", name + ".a", name + ".go"},
		{f.link, "-s", "-w", "-importcfg", f.config, "-buildmode=exe", "-o", name, name + ".a"},
	} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", filepath.Base(args[0]), err, out)
		}
	}
	return nil
}
