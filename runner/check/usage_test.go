package check

import (
	"testing"
	"time"
)

// TestIdle judges programs by what was seen of them.
func TestIdle(t *testing.T) {
	const took = 2 * time.Second
	for name, c := range map[string]struct {
		w           watched
		idle, known bool
	}{
		"waits":                       {watched{0, took, 80, 0}, true, true},
		"waits, mostly":               {watched{300 * time.Millisecond, took, 80, 40}, true, true},
		"spins":                       {watched{took, took, 80, 80}, false, true},
		"spins and sleeps":            {watched{500 * time.Millisecond, took, 80, 20}, false, true},
		"spins on a busy machine":     {watched{100 * time.Millisecond, took, 80, 80}, false, true},
		"is given nothing":            {watched{0, took, 82, 44}, false, false},
		"is given next to nothing":    {watched{19 * time.Millisecond, took, 80, 80}, false, false},
		"was given nothing for a bit": {watched{10 * time.Millisecond, 2 * took, 160, 70}, true, true},
	} {
		if idle, known := c.w.idle(20); idle != c.idle || known != c.known {
			t.Errorf("a program that %s: idle %t, known %t; want %t, %t", name, idle, known, c.idle, c.known)
		}
	}
}
