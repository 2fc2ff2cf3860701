package class

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDump(t *testing.T) {
	m := &made{tb: t, dir: "/tmp/c1000/class", sources: make(map[string]*material), want: make(map[string]known)}
	_ = os.RemoveAll(m.dir)
	for _, n := range []string{"03", "05"} {
		m.sources[n] = exerciseOf(t, n)
	}
	for i := range 1000 {
		m.add(i, "s"+string(rune('0'+i/2/1000))+string(rune('0'+i/2/100%10))+string(rune('0'+i/2/10%10))+string(rune('0'+i/2%10)), []string{"03", "05"}[i%2])
	}
	for _, one := range []string{"one", "final"} {
		if _, err := os.Stat(filepath.Join("/tmp/c1000", one, "gradebook.csv")); err == nil {
			m.verdicts(filepath.Join("/tmp/c1000", one))
			t.Log("verdicts compared", one)
		}
	}
	if _, err := os.Stat("/tmp/c1000/final/gradebook.csv"); err == nil {
		same(t, "final", "/tmp/c1000/one", "/tmp/c1000/final")
	}
}
