//go:build !linux || !(amd64 || arm64)

package cage

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/net/bpf"

	"sockets/runner/trace"
)

// Enter fails.
func Enter(Limits, []string) (*trace.Confine, error) {
	return nil, fmt.Errorf("cage: it is made of Linux's namespaces; not here, on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// Probed fails.
func Probed() error {
	_, err := Enter(Limits{}, nil)
	return err
}

// Filter is none.
func (Limits) Filter(int) []bpf.RawInstruction { return nil }
