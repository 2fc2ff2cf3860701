package run

import (
	"context"
	"fmt"
	"runtime"

	"sockets/runner/agent"
)

// Machine is what a recording depends on of the machine: its system and the
// level at which it lets us see a run.
func Machine(ctx context.Context) string {
	return fmt.Sprintf("%s/%s %s, %s", runtime.GOOS, runtime.GOARCH, kernel(), agent.Level(ctx))
}
