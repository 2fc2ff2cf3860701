// Package tier tells tests which of the two tiers they run in. The quick tier
// is plain `go test ./...`: a test that needs what the machine lacks is skipped
// with a reason. With SOCKETS_TEST=full nothing may skip, and long tests run.
//
// It is for tests only and checks nothing itself.
package tier

import (
	"os"
	"testing"
)

// Full reports whether this is the full tier.
func Full() bool { return os.Getenv("SOCKETS_TEST") == "full" }

// Lacks ends a test that the machine can't run: skipped in the quick tier,
// failed in the full one.
func Lacks(tb testing.TB, reason string) {
	tb.Helper()
	if Full() {
		tb.Fatalf("SOCKETS_TEST=full, and nothing may skip: %s", reason)
	}
	tb.Skip(reason)
}

// Long ends a test of the full tier when this is the quick one.
func Long(tb testing.TB) {
	tb.Helper()
	if !Full() {
		tb.Skip("long; SOCKETS_TEST=full runs it")
	}
}
