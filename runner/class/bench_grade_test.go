package class

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sockets/runner/grade"
)

// BenchmarkGrade times how fast a class is graded, of which every submission is
// different and right: found, built, judged, and made a result of. The floor, in the
// same round, is the judging alone of programs that are there.
func BenchmarkGrade(b *testing.B) {
	caged(b)
	const each = 40
	o := (&made{tb: b}).options("")
	j, err := grade.Open(b.Context(), grade.Source{Root: root, Number: "05", Cache: o.Cache})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := j.Close(); err != nil {
			b.Error(err)
		}
	})
	m := &made{tb: b, sources: map[string]*material{"05": exerciseOf(b, "05")}}
	var took, floor []time.Duration
	for b.Loop() {
		m.dir = filepath.Join(b.TempDir(), "class")
		var subs []grade.Submission
		for i := range each {
			student := fmt.Sprintf("s%02d", i)
			m.hand(0, student, "05", edited(m.sources["05"].solution, int(time.Now().UnixNano())))
			subs = append(subs, grade.Submission{Name: student, Dir: filepath.Join(m.dir, student, "05"), Seed: 7})
		}
		began := time.Now()
		if s := run(b, m.options(filepath.Join(b.TempDir(), "out"))); s.Graded != each {
			b.Fatalf("%d were graded", s.Graded)
		}
		took = append(took, time.Since(began))

		built, err := j.Build(b.Context(), b.TempDir(), subs)
		if err != nil {
			b.Fatal(err)
		}
		began = time.Now()
		var judging errgroup.Group
		judging.SetLimit(2 * runtime.NumCPU())
		for _, p := range built {
			judging.Go(func() error {
				_, err := j.Judge(b.Context(), p)
				return err
			})
		}
		if err := judging.Wait(); err != nil {
			b.Fatal(err)
		}
		floor = append(floor, time.Since(began))
	}
	minute := func(d []time.Duration) float64 {
		slices.Sort(d)
		return each / d[len(d)/2].Minutes()
	}
	b.ReportMetric(minute(took), "graded/min")
	b.ReportMetric(minute(floor), "floor/min")
	b.ReportMetric(100*minute(took)/minute(floor), "%-of-floor")
	b.ReportMetric(0, "ns/op")
}
