package pocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/process"
)

// A Pocket is a private network, seen from outside.
type Pocket struct {
	config  Config
	theirs  *os.File // the agent's end of the control socket
	control *control

	up     chan struct{} // closed when the network is up or can't be
	err    error         // why it can't be; read it after up
	report chan *os.File
	gone   chan struct{} // closed when the agent is gone
	reader sync.WaitGroup

	asking sync.Mutex // one request at a time
	answer chan message
	used   atomic.Uint32 // ports of there
	once   sync.Once     // for theirs
	close  func() error
}

// New makes a pocket that has no agent yet. The caller must Close it.
func New(c Config) (*Pocket, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("make a control socket: %w", err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "the agent's control socket")
	ours, err := newControl(os.NewFile(uintptr(fds[0]), "control socket"))
	if err != nil {
		return nil, errors.Join(err, theirs.Close())
	}
	if err := ours.send(message{Op: "config", Config: &c}); err != nil {
		return nil, errors.Join(fmt.Errorf("describe the pocket: %w", err), ours.conn.Close(), theirs.Close())
	}
	p := &Pocket{
		config: c, theirs: theirs, control: ours,
		up: make(chan struct{}), gone: make(chan struct{}),
		answer: make(chan message, 1), report: make(chan *os.File, 1),
	}
	p.close = sync.OnceValue(p.end)
	p.reader.Go(p.read)
	return p, nil
}

// Attributes asks the kernel for the namespaces of the pocket, for the process
// that is to be the agent. Inside, the caller's user is root; if the caller is
// the machine's root, there is also a user 65534.
func (p *Pocket) Attributes(a *syscall.SysProcAttr) {
	a.Cloneflags |= unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS |
		unix.CLONE_NEWPID | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	a.GidMappingsEnableSetgroups = false
	if lends() {
		// Root may lend the pocket another user, who owns nothing.
		a.UidMappings = append(a.UidMappings, syscall.SysProcIDMap{ContainerID: nobody, HostID: nobody, Size: 1})
		a.GidMappings = append(a.GidMappings, syscall.SysProcIDMap{ContainerID: nobody, HostID: nobody, Size: 1})
		a.GidMappingsEnableSetgroups = true
	}
}

// nobody is the user, and the group, who owns nothing.
const nobody = 65534

// lends reports whether the caller may give a user namespace another user than
// itself: it is root, knows that user, and has not been denied to change groups.
var lends = sync.OnceValue(func() bool {
	const ids = 1<<unix.CAP_SETUID | 1<<unix.CAP_SETGID
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var own [2]unix.CapUserData
	if os.Getuid() != 0 || unix.Capget(&header, &own[0]) != nil || own[0].Effective&ids != ids {
		return false
	}
	groups, _ := os.ReadFile("/proc/self/setgroups")
	return string(bytes.TrimSpace(groups)) == "allow" && knows("/proc/self/uid_map") && knows("/proc/self/gid_map")
})

// knows reports whether a map has nobody, see user_namespaces(7).
func knows(file string) bool {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		var inside, outside, n int
		if _, err := fmt.Sscan(line, &inside, &outside, &n); err == nil && inside <= nobody && nobody < inside+n {
			return true
		}
	}
	return false
}

// Files is the descriptors that the agent must inherit, from 3 on. The agent's
// own may follow. They are open here, too, until Run has returned or Close.
func (p *Pocket) Files() []*os.File { return []*os.File{p.theirs} }

// Run runs the agent c in the pocket to its end. When the network is up it calls
// up, which may Listen; when that returns nil the agent goes on, and otherwise
// ends. A machine that does not allow a pocket is an error of type *Refused.
func (p *Pocket) Run(ctx context.Context, c process.Command, up func(context.Context) error) (*process.End, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.Files = append(p.Files(), c.Files...)
	more := c.Attributes
	c.Attributes = func(a *syscall.SysProcAttr) {
		p.Attributes(a)
		if more != nil {
			more(a)
		}
	}
	c.Env = append(c.Env[:len(c.Env):len(c.Env)], p.Env()...)

	started := make(chan error, 1)
	go func() {
		err := p.Ready(ctx)
		if err == nil && up != nil {
			err = up(ctx)
		}
		if err == nil {
			err = p.Begin()
		}
		if err != nil {
			cancel(err)
		}
		started <- err
	}()
	end, err := process.Run(ctx, c)
	if err != nil {
		err = explain(err)
		cancel(err) // nobody will come up
	}
	if closed := p.closeTheirs(); err == nil {
		err = closed
	}
	if first := <-started; first != nil {
		var refused *Refused
		if err == nil || errors.As(first, &refused) {
			err = first
		}
	}
	return end, err
}

// Env is the variables, KEY=VALUE, that let [Enter] know a pocket.
func (p *Pocket) Env() []string { return []string{env + "=1"} }

// env says that descriptor 3 is a control socket.
const env = "SOCKETS_POCKET"

// upTimeout is how long an agent may take, on a machine that is very busy.
const upTimeout = time.Minute

// Ready waits until the network is up.
func (p *Pocket) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, upTimeout, fmt.Errorf("the pocket was not up within %v", upTimeout))
	defer cancel()
	select {
	case <-p.up:
		return p.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// closeTheirs closes the agent's end of the control socket, when the agent has
// ended: as long as it is open here too, there is no end to read.
func (p *Pocket) closeTheirs() (err error) {
	p.once.Do(func() { err = p.theirs.Close() })
	return err
}

// Begin lets the agent go on.
func (p *Pocket) Begin() error { return p.control.send(message{Op: "begin"}) }

// read takes what the agent says until it is gone.
func (p *Pocket) read() {
	defer close(p.gone)
	settled := false
	settle := func(err error) {
		if !settled {
			settled, p.err = true, err
			close(p.up)
		}
	}
	for {
		m, err := p.control.receive()
		if err != nil {
			settle(fmt.Errorf("the agent ended before its network was up: %w", err))
			return
		}
		switch m.Op {
		case "up":
			settle(nil)
		case "refused":
			settle(m.Error.err())
		case "socket":
			p.answer <- m
		case "report":
			select {
			case p.report <- m.file:
			default: // one is enough
				_ = m.file.Close()
			}
		}
	}
}

// Report waits for what the agent has to say at its end, and returns it.
func (p *Pocket) Report(ctx context.Context) ([]byte, error) {
	for {
		select {
		case f := <-p.report:
			b, err := io.ReadAll(f)
			return b, errors.Join(err, f.Close())
		case <-p.gone:
			if len(p.report) == 0 {
				return nil, errors.New("the agent ended without a report")
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Close ends the pocket, and its agent if there is one. Sockets from it remain
// open, and have no network any more. Closing again changes nothing.
func (p *Pocket) Close() error { return p.close() }

func (p *Pocket) end() error {
	err := errors.Join(p.control.conn.Close(), p.closeTheirs())
	p.reader.Wait()
	for {
		select {
		case f := <-p.report:
			err = errors.Join(err, f.Close())
		case m := <-p.answer:
			if m.file != nil {
				err = errors.Join(err, m.file.Close())
			}
		default:
			return err
		}
	}
}
