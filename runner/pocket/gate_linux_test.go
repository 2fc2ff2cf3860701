package pocket

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sockets/runner/tier"
)

func TestRunnable(t *testing.T) {
	for text, want := range map[string]int{
		"0.08 0.02 0.01 1/153 4711\n":    1,
		"9.00 7.10 3.33 12/153 4711\n":   12,
		"0.08 0.02 0.01":                 0,
		"":                               0,
		"0.08 0.02 0.01 many/few 4711\n": 0,
	} {
		if got := runnable(text); got != want {
			t.Errorf("runnable(%q) = %d, want %d", text, got, want)
		}
	}
}

// With more threads that spin than there are processors, somebody waits for one.
func TestProcessors(t *testing.T) {
	if _, err := os.Stat("/proc/loadavg"); err != nil {
		tier.Lacks(t, err.Error())
	}
	spinning := runtime.NumCPU() + 1
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(spinning + 1))
	var stop atomic.Bool
	var threads sync.WaitGroup
	defer threads.Wait()
	defer stop.Store(true)
	for range spinning {
		threads.Go(func() {
			for !stop.Load() {
			}
		})
	}
	for end := time.Now().Add(time.Minute); !crowd(); {
		if time.Now().After(end) {
			t.Fatalf("%d threads spin, and nobody waits for a processor", spinning)
		}
	}
}
