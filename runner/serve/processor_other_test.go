//go:build !unix

package serve

import (
	"testing"
	"time"

	"sockets/runner/tier"
)

func processor(b *testing.B) time.Duration {
	b.Helper()
	tier.Lacks(b, "no rusage on this system")
	return 0
}
