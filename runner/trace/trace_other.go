//go:build !linux || !(amd64 || arm64)

package trace

import (
	"context"
	"fmt"
	"runtime"
)

var errNotHere = fmt.Errorf("not here: system calls are traced on Linux, on amd64 and arm64, not on %s/%s", runtime.GOOS, runtime.GOARCH)

// Run traces the program to its end. It does not exist here.
func Run(context.Context, Program, func(Event)) (End, error) { return End{Exit: -1}, errNotHere }

// Start starts the program and traces nothing. It does not exist here.
func Start(Program) (int, error) { return 0, errNotHere }

// Probe says why Run can't work on this machine, or nil if it can.
func Probe() error { return errNotHere }
