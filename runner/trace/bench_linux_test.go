//go:build amd64 || arm64

package trace

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkTrace compares a traced run with `strace -f -o` of the same program,
// one after the other in turns: x/strace is the ratio of their times, and x/plain
// that to a run that nobody watches.
func BenchmarkTrace(b *testing.B) {
	if _, err := exec.LookPath("strace"); err != nil {
		lacks(b, "strace is not installed")
	}
	dir := corpus(b)
	for _, name := range []string{"web", "goroutines", "crowd", "many"} {
		path := filepath.Join(dir, name)
		b.Run(name, func(b *testing.B) {
			out := filepath.Join(b.TempDir(), "strace")
			var ours, theirs, plain time.Duration
			timed := func(d *time.Duration, f func()) {
				began := time.Now()
				f()
				*d += time.Since(began)
			}
			command := func(name string, args ...string) func() {
				return func() {
					if err := exec.CommandContext(b.Context(), name, args...).Run(); err != nil {
						b.Fatal(err)
					}
				}
			}
			for b.Loop() {
				timed(&ours, func() { traced(b, Program{Path: path}) })
				timed(&theirs, command("strace", "-f", "-o", out, path))
				timed(&plain, command(path))
			}
			b.ReportMetric(float64(ours)/float64(theirs), "x/strace")
			b.ReportMetric(float64(ours)/float64(plain), "x/plain")
			b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/run")
		})
	}
}
