//go:build !linux

package check

import (
	"context"
	"errors"
)

// mute fails: elsewhere a full queue does not drop SYNs, or not all.
func (*check) mute(context.Context) (string, error) {
	return "", errors.New("only Linux drops the SYNs to a listener whose queue is full")
}
