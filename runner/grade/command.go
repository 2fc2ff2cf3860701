package grade

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"sockets/runner/process"
)

// building is how long the checks of an exercise may take to build.
const building = 10 * time.Minute

// command runs the go command on our own sources. What it leaves in temporary, if it
// is stopped, the caller removes.
func command(ctx context.Context, dir, temporary string, args ...string) error {
	end, err := process.Run(ctx, process.Command{
		Path: "go", Args: args, Dir: dir, Env: append(os.Environ(), "CGO_ENABLED=0", "GOTMPDIR="+temporary), Limit: building,
	})
	switch {
	case err != nil:
		return err
	case end.Late:
		return fmt.Errorf("go %s was not done after %v", args[0], building)
	case end.Code != 0:
		return fmt.Errorf("go %s: exit %d:\n%s", args[0], end.Code, strings.TrimSpace(string(end.Stderr)))
	}
	return nil
}
