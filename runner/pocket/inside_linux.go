package pocket

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/frame"
)

// An Inside is a private network, seen by its agent.
type Inside struct {
	control *control
	wire    *wire
	there   *thread
	Kind    string // WireTAP or WireVeth

	begun   chan struct{}
	begin   func()
	running sync.WaitGroup
}

// Here reports whether this process is to be the agent of a pocket. It is then
// to call Enter before anything else.
func Here() bool { return os.Getenv(env) != "" }

// Enter makes the network, in the process that is to be the agent: two hosts, a
// wire and the program's view of the machine. From then on the process ends
// when the runner does. Programs that it starts inherit nothing of it; they
// must be gone before Close.
func Enter() (*Inside, error) {
	// Nothing that we have inherited is for a program.
	if err := unix.CloseRange(controlFD, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return nil, fmt.Errorf("close_range, which Linux has since 5.11: %w", err)
	}
	if err := os.Unsetenv(env); err != nil {
		return nil, err
	}
	c, err := newControl(os.NewFile(controlFD, "control socket"))
	if err != nil {
		return nil, fmt.Errorf("descriptor %d is no control socket: %w", controlFD, err)
	}
	m, err := c.receive()
	if err != nil {
		return nil, fmt.Errorf("wait for the pocket's description: %w", err)
	}
	if m.Config == nil {
		return nil, fmt.Errorf("the first message is %q, want a description", m.Op)
	}
	in := &Inside{control: c, begun: make(chan struct{})}
	in.begin = sync.OnceFunc(func() {
		in.wire.begin()
		close(in.begun)
	})
	if err := in.make(m.Config); err != nil {
		return nil, errors.Join(err, c.send(message{Op: "refused", Error: refuse(err)}))
	}
	in.running.Go(in.wire.run)
	in.running.Go(in.serve)
	return in, c.send(message{Op: "up"})
}

func (in *Inside) make(c *Config) error {
	if err := mounts(c.Binds); err != nil {
		return err
	}
	name, _, _ := strings.Cut(HereName, ".")
	if err := unix.Sethostname([]byte(name)); err != nil {
		return &Refused{"set the host's name", err, "allow UTS namespaces"}
	}
	here, there, err := in.ends(c)
	if err != nil {
		return err
	}
	if in.wire, err = newWire(here, there, c.Faults); err != nil {
		return err
	}
	in.wire.forget = c.Unnoted
	return nil
}

// ends makes both hosts and a wire of the kind that is asked for, or else of
// the better one that there is.
func (in *Inside) ends(c *Config) (here, there *end, err error) {
	hereHost, thereHost := c.hosts()
	if in.there, err = newThread(true); err != nil {
		return nil, nil, err
	}
	in.Kind = WireTAP
	if c.Wire != WireVeth {
		here, err = onHost(nil, hereHost, tap)
		if err == nil {
			there, err = onHost(in.there, thereHost, tap)
			return here, there, err
		}
		if c.Wire == WireTAP || !errors.Is(err, errNoTAP) {
			return nil, nil, &Refused{"make a TAP device", err, "let everybody use them: chmod 666 /dev/net/tun"}
		}
	}
	in.Kind = WireVeth
	middle, err := newThread(true)
	if err != nil {
		return nil, nil, err
	}
	defer middle.end()
	onWire := func(name string, namespace int) func() (*end, error) {
		return func() (e *end, err error) {
			var to int
			middle.do(func() {
				err = os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0)
				if err == nil || errors.Is(err, os.ErrNotExist) {
					to, err = veth(name, namespace)
				}
			})
			if err != nil {
				return nil, err
			}
			from, err := sent()
			if err == nil {
				err = plain()
			}
			return newEnd(from, to), err
		}
	}
	own, err := namespace()
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = unix.Close(own) }()
	if here, err = onHost(nil, hereHost, onWire("here", own)); err != nil {
		return nil, nil, err
	}
	there, err = onHost(in.there, thereHost, onWire("there", in.there.namespace))
	return here, there, err
}

// onHost sets one host up, on the thread that lives there; nil is here.
func onHost(t *thread, h host, device func() (*end, error)) (e *end, err error) {
	setUp := func() {
		if err = set(h.settings); err != nil {
			return
		}
		if e, err = device(); err != nil {
			return
		}
		err = h.configure()
	}
	if t == nil {
		setUp()
	} else {
		t.do(setUp)
	}
	return e, err
}

// serve answers the runner, and ends the process, and so all of the pocket,
// when the runner is gone.
func (in *Inside) serve() {
	for {
		m, err := in.control.receive()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			os.Exit(exitGone)
		}
		switch m.Op {
		case "begin":
			in.begin()
		case "socket":
			if err := in.socket(m.Socket); err != nil {
				os.Exit(exitGone)
			}
		}
	}
}

// exitGone is the agent's exit code when the runner is gone. Nobody sees it.
const exitGone = 3

// socket makes a socket there and passes it out.
func (in *Inside) socket(s *socket) error {
	var fd int
	var err error
	in.there.do(func() {
		fd, err = unix.Socket(s.Domain, s.Type|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, s.Protocol)
	})
	if err != nil {
		return in.control.send(message{Op: "socket", Error: refuse(os.NewSyscallError("socket", err))})
	}
	f := os.NewFile(uintptr(fd), "socket there")
	err = in.control.send(message{Op: "socket", file: f})
	return errors.Join(err, f.Close())
}

// Began is the moment that the times of frames count from; after Await.
func (in *Inside) Began() time.Time {
	in.wire.mu.Lock()
	defer in.wire.mu.Unlock()
	return in.wire.began
}

// Await waits until everybody is in place outside and the program may start.
// Frames are noted from then on.
func (in *Inside) Await() { <-in.begun }

// Enters says that a thread is about to make a system call that may send. Until
// its Drain, the wire takes nothing out of here as long as the thread runs.
func (in *Inside) Enters(call, thread int) { in.wire.enters(call, thread) }

// Drain says that a system call is over. It takes out of here all that was sent
// since, for the call; but bare acknowledgements are never a call's. While it is
// called, the call's thread must be stopped.
func (in *Inside) Drain(call int) { in.wire.drain(call) }

// Settle waits, at most for the time, until all TCP connections are closed and
// no frame is under way: the end of a program is not that of its connections.
func (in *Inside) Settle(limit time.Duration) { in.wire.settle(limit) }

// Frames is what the wire has carried since Await returned, but for the first n.
func (in *Inside) Frames(n int) []frame.Raw {
	in.wire.mu.Lock()
	defer in.wire.mu.Unlock()
	return slices.Clone(in.wire.frames[n:])
}

// Watch has noted told of each frame from now on when Frames has it; nil ends
// that. The wire waits for it, so it must not wait itself.
func (in *Inside) Watch(noted func()) {
	in.wire.mu.Lock()
	defer in.wire.mu.Unlock()
	in.wire.noted = noted
}

// Report passes out what the agent has to say at its end.
func (in *Inside) Report(b []byte) error {
	fd, err := unix.MemfdCreate("report", unix.MFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("make a report: %w", err)
	}
	f := os.NewFile(uintptr(fd), "report")
	_, err = f.Write(b)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = in.control.send(message{Op: "report", file: f})
	}
	return errors.Join(err, f.Close())
}

// Close takes the wire down. The rest is gone when the process ends.
func (in *Inside) Close() error {
	in.wire.stop()
	err := in.control.conn.Close()
	in.running.Wait()
	in.there.end()
	return errors.Join(err, in.wire.close())
}
