//go:build !linux

package mute

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

// Hold fails: on this system a port can't be kept mute.
func Hold(string) (string, io.Closer, error) {
	return "", nil, fmt.Errorf("a listener with a full queue is silent on Linux only, not on %s: %w",
		runtime.GOOS, errors.ErrUnsupported)
}
