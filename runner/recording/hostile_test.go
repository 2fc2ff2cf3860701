package recording

import (
	"runtime"
	"strings"
	"testing"
)

// TestNormaliseGrows has programs print four times as much: what normalising it
// takes may grow little more than that.
func TestNormaliseGrows(t *testing.T) {
	const dump = "goroutine 7 [running]:\nmain.main()\n\t/home/you/lessons/09/main.go:3 +0x1d\n\n"
	one := func(text string) *Recording {
		return &Recording{Events: []Event{{Output: &Output{Stderr, text}}}}
	}
	for name, print := range map[string]func(n int) *Recording{
		"many lines in one write, and a dump": func(n int) *Recording { return one(strings.Repeat("x\n", n) + dump) },
		"many dumps in one write":             func(n int) *Recording { return one(strings.Repeat(dump, n/20)) },
		"a line in many writes": func(n int) *Recording {
			r := new(Recording)
			for range n {
				r.Events = append(r.Events, Event{Output: &Output{Stderr, "x"}})
			}
			return r
		},
		"a stack within a stack": func(n int) *Recording {
			const head, frames = "goroutine 7 [running]:\n", "main.main()\n\t/home/you/lessons/09/main.go:3 +0x1d\n"
			return one(strings.Repeat(head, n/8) + strings.Repeat(frames+"\n", n/8))
		},
	} {
		allocated := func(n int) uint64 {
			r := print(n)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			Normalise(r, "/home/you/lessons/09")
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		few, many := allocated(2_000), allocated(8_000)
		if many > 6*few {
			t.Errorf("%s: four times as much takes %.1f times the memory, %d bytes", name, float64(many)/float64(few), many)
		}
	}
}
