//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"sockets/runner/recording"

	"golang.org/x/sys/unix"
)

// files is what the program's descriptors are. It is kept from the program's
// own calls and, for what they don't say, asked of the kernel.
type files struct {
	pid   int
	pidfd int  // -1 if the kernel has none
	proc  bool // /proc is that of our namespace of processes, not of an outer one
	of    map[int]*file
}

// A file is what descriptors stand for; dup makes several stand for one.
type file struct {
	text   string // of anything but a socket: "pipe", "file /etc/hosts", "epoll"
	stream string // recording.Stdout or Stderr, if it is the program's output

	isSocket      bool
	family, kind  uint64
	proto         uint64
	local, remote netip.AddrPort
	localText     string
	remoteText    string
	listening     bool
}

func newFiles(pid int) files {
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		pidfd = -1
	}
	self, _ := os.Readlink("/proc/self")
	return files{pid: pid, pidfd: pidfd, proc: self == strconv.Itoa(os.Getpid()), of: map[int]*file{
		0: {text: "stdin"},
		1: {text: "stdout", stream: recording.Stdout},
		2: {text: "stderr", stream: recording.Stderr},
	}}
}

func (t *tracer) closeFiles() {
	if t.files.pidfd >= 0 {
		_ = unix.Close(t.files.pidfd)
	}
}

// stream is the output that the descriptor is, or "".
func (f *files) stream(fd int) string {
	if d := f.of[fd]; d != nil {
		return d.stream
	}
	return ""
}

// at is what the descriptor is, nil if it is none.
func (f *files) at(fd int) *file {
	if d := f.of[fd]; d != nil {
		return d
	}
	if fd < 0 || !f.proc {
		return nil
	}
	link, err := os.Readlink("/proc/" + strconv.Itoa(f.pid) + "/fd/" + strconv.Itoa(fd))
	if err != nil {
		return nil
	}
	d := &file{text: linkText(link)}
	if strings.HasPrefix(link, "socket:") {
		d = &file{isSocket: true}
		f.ask(fd, d)
	}
	f.of[fd] = d
	return d
}

// linkText is what a link of /proc/PID/fd says.
func linkText(link string) string {
	switch kind, rest, _ := strings.Cut(link, ":"); {
	case kind == "pipe":
		return "pipe"
	case link == "anon_inode:[eventpoll]":
		return "epoll"
	case kind == "anon_inode":
		return strings.Trim(rest, "[]")
	}
	return "file " + link
}

// forget takes note of a descriptor that a call is about to close: its number
// may be another's before the call returns.
func (f *files) forget(c *call) {
	switch c.name {
	case "close":
		delete(f.of, int(int32(c.args[0])))
	case "dup2", "dup3":
		if c.args[0] != c.args[1] {
			delete(f.of, int(int32(c.args[1])))
		}
	case "close_range":
		if c.args[2] != 0 {
			return // close-on-exec, or in a table of its own
		}
		maps.DeleteFunc(f.of, func(fd int, _ *file) bool {
			return uint64(fd) >= c.args[0] && uint64(fd) <= c.args[1]
		})
	}
}

// apply takes note of what a call that succeeded, or nearly, made of its
// descriptors.
func (f *files) apply(c *call, d *decoder) {
	inProgress := c.name == "connect" && (d.n == -int64(unix.EINPROGRESS) || d.n == -int64(unix.EAGAIN))
	if d.n < 0 && !inProgress {
		return
	}
	fd := int(d.n)
	switch c.name {
	case "socket":
		f.of[fd] = newSocket(c)
	case "accept", "accept4":
		s := &file{isSocket: true}
		if c.file != nil {
			s.family, s.kind, s.proto = c.file.family, c.file.kind, c.file.proto
			s.local, s.localText = c.file.local, c.file.localText
		}
		if n, ok := d.m.int32(c.args[2]); ok && c.args[1] != 0 {
			if peer, ok := readAddress(d.m, c.args[1], int(n)); ok {
				s.remote, s.remoteText = peer.port, peer.text
			}
		}
		switch {
		case c.file == nil || c.args[1] == 0:
			f.ask(fd, s)
		case s.proto == unix.IPPROTO_MPTCP || !s.local.IsValid() || s.local.Addr().IsUnspecified():
			// A listener for MPTCP accepts plain TCP as well.
			f.askLocal(fd, s)
		}
		f.of[fd] = s
	case "dup", "dup2", "dup3":
		f.of[fd] = c.file
	case "fcntl":
		if c.args[1] == unix.F_DUPFD || c.args[1] == unix.F_DUPFD_CLOEXEC {
			f.of[fd] = c.file
		}
	case "openat":
		if path, ok := d.m.text(c.args[1]); ok {
			f.of[fd] = &file{text: "file " + path}
		}
	case "epoll_create1", "epoll_create":
		f.of[fd] = &file{text: "epoll"}
	case "eventfd2":
		f.of[fd] = &file{text: "eventfd"}
	case "pidfd_open":
		f.of[fd] = &file{text: "process " + strconv.Itoa(int(int32(c.args[0])))}
	case "pipe2", "pipe":
		f.pair(d, c.args[0], func() *file { return &file{text: "pipe"} })
	case "socketpair":
		f.pair(d, c.args[3], func() *file { return newSocket(c) })
	case "recvmsg":
		for _, fd := range received(d.m, c.args[1]) {
			delete(f.of, fd)
			f.at(fd)
		}
	case "bind", "connect", "listen", "getsockname", "getpeername":
		f.learn(c, d)
	}
}

// newSocket is what socket(2) or socketpair(2) has made: what was asked for, but in
// AF_UNIX, where the kernel makes a datagram socket of a raw one.
func newSocket(c *call) *file {
	const flags = unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC
	s := &file{isSocket: true, family: c.args[0], kind: c.args[1] &^ flags, proto: c.args[2]}
	if s.family == unix.AF_UNIX && s.kind == unix.SOCK_RAW {
		s.kind = unix.SOCK_DGRAM
	}
	return s
}

func (f *files) pair(d *decoder, addr uint64, one func() *file) {
	if b := d.m.bytes(addr, 8); len(b) == 8 {
		f.of[int(binary.LittleEndian.Uint32(b))] = one()
		f.of[int(binary.LittleEndian.Uint32(b[4:]))] = one()
	}
}

// learn takes note of a socket's endpoints.
func (f *files) learn(c *call, d *decoder) {
	s := c.file
	if s == nil || !s.isSocket {
		return
	}
	switch c.name {
	case "getsockname", "getpeername":
		n, _ := d.m.int32(c.args[2])
		addr, ok := readAddress(d.m, c.args[1], int(n))
		if !ok {
			return
		}
		if c.name == "getsockname" {
			s.local, s.localText = addr.port, addr.text
		} else {
			s.remote, s.remoteText = addr.port, addr.text
		}
		return
	case "listen":
		s.listening = true
	case "bind", "connect":
		addr, ok := readAddress(d.m, c.args[1], int(c.args[2]))
		if ok && c.name == "bind" {
			s.local, s.localText = addr.port, addr.text
		}
		if ok && c.name == "connect" {
			s.remote, s.remoteText = addr.port, addr.text
		}
	}
	// The kernel has chosen a port where the program named none.
	if !s.local.IsValid() || s.local.Port() == 0 || s.local.Addr().IsUnspecified() {
		f.askLocal(c.fd, s)
	}
}

// streamOf is the output of the program that a child's descriptor is, or "".
func (t *tracer) streamOf(pid, fd int) string {
	var at, ours unix.Stat_t
	if !t.files.proc || unix.Stat("/proc/"+strconv.Itoa(pid)+"/fd/"+strconv.Itoa(fd), &at) != nil {
		return ""
	}
	same := func(f *os.File) bool {
		return f != nil && unix.Fstat(int(f.Fd()), &ours) == nil && ours.Dev == at.Dev && ours.Ino == at.Ino
	}
	out, errs := same(t.Stdout), same(t.Stderr)
	switch {
	case out && (!errs || fd != 2):
		return recording.Stdout
	case errs:
		return recording.Stderr
	}
	return ""
}
