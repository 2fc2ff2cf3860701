package compile

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"sockets/runner/process"
)

const (
	patience = 10 * time.Minute // for one go command: a first build, on a slow machine
	answer   = 256 << 20        // bytes: what it says of a thousand lessons' packages
)

// command runs the go command in root and gives what it wrote to stdout.
func command(ctx context.Context, root string, args []string) ([]byte, error) {
	end, err := process.Run(ctx, process.Command{
		Path: "go", Args: args, Dir: root, Env: append(os.Environ(), "CGO_ENABLED=0"),
		Limit: patience, Output: answer,
	})
	if err != nil {
		return nil, err
	}
	complaint := strings.TrimSpace(string(end.Stderr))
	switch {
	case end.Late:
		return nil, fmt.Errorf("go %s was not done after %v", args[0], patience)
	case end.Code == 1:
		return nil, &Error{Text: complaint}
	case end.Code != 0:
		return nil, fmt.Errorf("go %s: exit %d: %s", args[0], end.Code, complaint)
	}
	return end.Stdout, nil
}
