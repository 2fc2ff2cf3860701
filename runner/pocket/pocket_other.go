//go:build !linux

package pocket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"

	"sockets/runner/frame"
	"sockets/runner/process"
)

// notHere is why there is no pocket on this system.
var notHere = fmt.Errorf("a private network is made of Linux's namespaces; not here, on %s: %w", runtime.GOOS, errors.ErrUnsupported)

// A Pocket is a private network, seen from outside; not on this system.
type Pocket struct{}

// New fails.
func New(Config) (*Pocket, error) { return nil, notHere }

// Probed fails.
func Probed(context.Context) error { return notHere }

// Probe fails.
func Probe(context.Context, process.Command) (string, error) { return "", notHere }

// Attributes changes nothing.
func (*Pocket) Attributes(*syscall.SysProcAttr) {}

// Files is none.
func (*Pocket) Files() []*os.File { return nil }

// Env is empty.
func (*Pocket) Env() []string { return nil }

// Run fails.
func (*Pocket) Run(context.Context, process.Command, func(context.Context) error) (*process.End, error) {
	return nil, notHere
}

// Ready fails.
func (*Pocket) Ready(context.Context) error { return notHere }

// Begin fails.
func (*Pocket) Begin() error { return notHere }

// Listen fails.
func (*Pocket) Listen(context.Context, string, string) (net.Listener, error) { return nil, notHere }

// ListenPacket fails.
func (*Pocket) ListenPacket(context.Context, string, string) (net.PacketConn, error) {
	return nil, notHere
}

// Dial fails.
func (*Pocket) Dial(context.Context, string, string) (net.Conn, error) { return nil, notHere }

// Report fails.
func (*Pocket) Report(context.Context) ([]byte, error) { return nil, notHere }

// Close does nothing.
func (*Pocket) Close() error { return nil }

// An Inside is a private network, seen by its agent; not on this system.
type Inside struct{ Kind string }

// Here reports whether this process is to be the agent of a pocket: it is not.
func Here() bool { return false }

// Enter fails.
func Enter() (*Inside, error) { return nil, notHere }

// Began is never.
func (*Inside) Began() time.Time { return time.Time{} }

// Await does nothing.
func (*Inside) Await() {}

// Enters does nothing.
func (*Inside) Enters(_, _ int) {}

// Drain does nothing.
func (*Inside) Drain(int) {}

// Settle does nothing.
func (*Inside) Settle(time.Duration) {}

// Frames is none.
func (*Inside) Frames(int) []frame.Raw { return nil }

// Watch does nothing.
func (*Inside) Watch(func()) {}

// Report fails.
func (*Inside) Report([]byte) error { return notHere }

// Close does nothing.
func (*Inside) Close() error { return nil }
