//go:build amd64 || arm64

package cage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"sockets/runner/trace"
)

// Fence is what a program is held to where there are no namespaces, at level C:
// the limits, the filter, and Landlock, landlock(7). It may read and execute its
// binary, read what a cage has of /etc and /dev and all of /proc that is not
// other processes' own, and write below the folder scratch. It reaches no process
// of ours by signals, if the kernel has ABI 6, and dials the given TCP ports only,
// if it has ABI 4; nil is all of them.
//
// What it does not do: UDP goes anywhere; an allowed port is allowed on any host;
// names and states of other processes can be seen; scratch has no size but that of
// its files; and the number of processes does not hold for root.
func Fence(l Limits, binary, scratch string, ports []uint16) (*trace.Confine, error) {
	l = l.Defaults()
	abi, err := landlock()
	if err != nil {
		return nil, err
	}
	return &trace.Confine{
		Thread: func() error {
			if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
				return fmt.Errorf("PR_SET_NO_NEW_PRIVS: %w", err)
			}
			if err := l.thread(); err != nil && !errors.Is(err, unix.EPERM) {
				return err // who may not drop capabilities has none
			}
			return restrict(abi, binary, scratch, ports)
		},
		Filter: l.Filter(os.Getpid()),
		Limits: l.rlimits(uint64(l.Processes + users())),
	}, nil
}

// landlock asks for the version of the kernel's Landlock.
func landlock() (abi int, err error) {
	n, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0, fmt.Errorf("the kernel has no Landlock, or it is not enabled (lsm=landlock): %w", e)
	}
	return int(n), nil
}

// ProbeFence says why there can be no fence, or nil if there can.
func ProbeFence() error {
	_, err := landlock()
	return err
}

// The rights of Landlock that a program is given.
const (
	read    = unix.LANDLOCK_ACCESS_FS_READ_FILE
	look    = read | unix.LANDLOCK_ACCESS_FS_READ_DIR
	execute = read | unix.LANDLOCK_ACCESS_FS_EXECUTE
	write   = read | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	change  = write | look | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_SOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_REFER
)

// restrict puts the calling thread, and what it starts, behind Landlock.
func restrict(abi int, binary, scratch string, ports []uint16) error {
	attr := unix.LandlockRulesetAttr{Handled_access_fs: 1<<13 - 1} // ABI 1
	size := unsafe.Sizeof(attr.Handled_access_fs)
	if abi >= 2 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		size = 16
		if ports != nil {
			attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		}
	}
	if abi >= 6 {
		size = 24
		attr.Scoped = unix.LANDLOCK_SCOPE_SIGNAL | unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
	}
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if e != 0 {
		return fmt.Errorf("landlock_create_ruleset: %w", e)
	}
	rules := int(fd)
	defer func() { _ = unix.Close(rules) }()
	allowed := map[string]uint64{
		binary: execute, scratch: change, "/proc": look,
		"/dev/null": write, "/dev/full": write, "/dev/zero": read, "/dev/random": read, "/dev/urandom": read,
	}
	for _, name := range etc {
		allowed[filepath.Join("/etc", name)] = read
	}
	for name, rights := range allowed {
		if err := beneath(rules, name, rights&attr.Handled_access_fs); err != nil {
			return err
		}
	}
	if attr.Handled_access_net != 0 {
		for _, port := range ports {
			rule := struct{ access, port uint64 }{unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, uint64(port)}
			const netPort = 2 // LANDLOCK_RULE_NET_PORT
			if _, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, fd, netPort, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); e != 0 {
				return fmt.Errorf("landlock_add_rule, port %d: %w", port, e)
			}
		}
	}
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); e != 0 {
		return fmt.Errorf("landlock_restrict_self: %w", e)
	}
	return nil
}

// beneath allows what is at a path, and below. What is not there need not be
// allowed.
func beneath(rules int, name string, rights uint64) error {
	at, err := unix.Open(name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: name, Err: err}
	}
	defer func() { _ = unix.Close(at) }()
	rule := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(at)}
	_, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(rules), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if e != 0 {
		return fmt.Errorf("landlock_add_rule, %s: %w", name, e)
	}
	return nil
}

// users is how many threads our user has, all of which count as a program's.
func users() (n int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		var s unix.Stat_t
		if unix.Stat(dir, &s) != nil || int(s.Uid) != os.Getuid() {
			continue
		}
		text, _ := os.ReadFile(dir + "/status")
		_, after, _ := strings.Cut(string(text), "\nThreads:")
		var threads int
		if _, err := fmt.Sscan(after, &threads); err == nil {
			n += threads
		}
	}
	return n
}
