package live

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// BenchmarkFirst times what a reader waits for, from the request to the first
// message that shows what the program printed, as a ratio to its floor: the go
// command that finds nothing to do, and the bare program to its first line.
//
//	own       the lesson's program, built before
//	changed   a text that was never built, in a cage
func BenchmarkFirst(b *testing.B) {
	g := enter(b)
	g.room.seats.rate.SetLimit(rate.Inf)
	own, err := os.ReadFile("../../lessons/04/main.go")
	if err != nil {
		b.Fatal(err)
	}
	first := func(r Request) time.Duration {
		b.Helper()
		began := time.Now()
		f := g.run(request(r))
		f.until(Running, "printed", "peer:")
		took := time.Since(began)
		f.until(Over, "printed", "SO_ERROR")
		return took
	}
	changes := 0
	for _, bench := range []struct {
		name    string
		request func() Request
	}{
		{"own", func() Request { return Request{} }},
		{"changed", func() Request {
			changes++
			return Request{Source: string(own) + "\n" + strings.Repeat("//", changes) + "\nvar edit = 0\n"}
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			first(bench.request()) // warms the go command's cache
			var took, floor []time.Duration
			for b.Loop() {
				took = append(took, first(bench.request()))
				floor = append(floor, g.floor())
			}
			slices.Sort(took)
			slices.Sort(floor)
			middle, least := took[len(took)/2].Seconds(), floor[len(floor)/2].Seconds()
			b.ReportMetric(middle*1000, "ms/first")
			b.ReportMetric(least*1000, "ms/floor")
			b.ReportMetric(middle/least, "x-floor")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// floor builds what is built, and runs it bare until it prints.
func (g *guest) floor() time.Duration {
	g.t.Helper()
	p, err := g.room.program("04")
	if err != nil {
		g.t.Fatal(err)
	}
	began := time.Now()
	binary, err := g.room.build(g.t.Context(), p)
	if err != nil {
		g.t.Fatal(err)
	}
	cmd := exec.CommandContext(g.t.Context(), binary)
	out, err := cmd.StdoutPipe()
	if err != nil {
		g.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		g.t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		g.t.Fatal(err)
	}
	took := time.Since(began)
	_ = cmd.Process.Kill() // what it does then is not timed
	_ = cmd.Wait()
	return took
}
