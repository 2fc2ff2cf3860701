package run

import (
	"fmt"
	"runtime"

	"sockets/runner/recording"
)

// Machine is what a recording depends on of the machine: its system and the
// level at which it lets us see a run.
func Machine() string {
	return fmt.Sprintf("%s/%s %s, %s", runtime.GOOS, runtime.GOARCH, kernel(), recording.LevelOutput)
}
