//go:build !linux || !(amd64 || arm64)

package cage

import (
	"errors"
	"fmt"
	"os"
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

// Fence fails.
func Fence(Limits, string, string, []uint16) (*trace.Confine, error) { return Enter(Limits{}, nil) }

// ProbeFence fails.
func ProbeFence() error {
	_, err := Enter(Limits{}, nil)
	return err
}

// A Group is a control group; not on this system.
type Group struct{}

// NewGroup fails.
func NewGroup(Limits) (*Group, error) {
	_, err := Enter(Limits{}, nil)
	return nil, err
}

// Files is none.
func (*Group) Files() []*os.File { return nil }

// Close does nothing.
func (*Group) Close() error { return nil }
