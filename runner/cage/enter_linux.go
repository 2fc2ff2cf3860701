//go:build amd64 || arm64

package cage

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/trace"
)

// Enter closes the cage around this process, the agent in a pocket: it sees the
// cage's root from now on. The shown files and folders remain visible under
// their names. It returns what a program is to be held to.
func Enter(l Limits, shown []string) (*trace.Confine, error) {
	l = l.Defaults()
	if os.Getpid() != 1 {
		return nil, errors.New("cage: only the first process of a pid namespace can close one")
	}
	if err := changeRoot(l, shown); err != nil {
		return nil, err
	}
	if err := onlyOurs(shown); err != nil {
		return nil, err
	}
	// Our own /proc/1, with the pipes that verdicts are made of, is for nobody.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("cage: PR_SET_DUMPABLE: %w", err)
	}
	c := &trace.Confine{Thread: l.thread, Filter: l.Filter(1)}
	processes := uint64(l.Processes)
	if other, err := mapped(Nobody); err != nil {
		return nil, err
	} else if other {
		c.UID, c.GID = Nobody, Nobody
		if err := forAll(shown); err != nil {
			return nil, err
		}
	} else {
		processes += uint64(threads()) // we are the same user
	}
	if l.Raw {
		c.Caps = []uintptr{unix.CAP_NET_RAW}
	}
	c.Limits = l.rlimits(processes)
	return c, nil
}

// forAll fails if there is a shown file that another user can't read and execute.
func forAll(shown []string) error {
	for _, name := range shown {
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("cage: %w", err)
		}
		if info.Mode().Perm()&0o005 != 0o005 {
			return fmt.Errorf("cage: %s has mode %v, and user %d is to read and execute it; chmod 755 lets it", name, info.Mode().Perm(), Nobody)
		}
	}
	return nil
}

// onlyOurs fails if there is a mount that no cage has.
func onlyOurs(shown []string) error {
	names, err := mounted()
	if err != nil {
		return fmt.Errorf("cage: %w", err)
	}
	for _, name := range names {
		ours := slices.Contains([]string{"/", "/proc", "/tmp"}, name) || slices.ContainsFunc(
			append([]string{"/dev", "/proc"}, shown...),
			func(folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") },
		)
		if !ours {
			return fmt.Errorf("cage: the mount %s is in it", name)
		}
	}
	return nil
}

// mapped reports whether the user namespace knows the user.
func mapped(uid int) (bool, error) {
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return false, fmt.Errorf("cage: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		var inside, outside, n int
		if _, err := fmt.Sscan(line, &inside, &outside, &n); err != nil {
			return false, fmt.Errorf("cage: read uid_map: %w", err)
		}
		if inside <= uid && uid < inside+n {
			return true, nil
		}
	}
	return false, nil
}

// threads is how many threads this process has, and a few that it may yet make.
func threads() int {
	entries, _ := os.ReadDir("/proc/self/task")
	return len(entries) + 2*runtime.NumCPU() + 4
}

// rlimits are the limits of setrlimit(2). RLIMIT_AS is not among them: a Go
// program reserves far more addresses than it uses memory.
func (l Limits) rlimits(processes uint64) []trace.Rlimit {
	same := func(resource int, n uint64) trace.Rlimit { return trace.Rlimit{Resource: resource, Soft: n, Hard: n} }
	cpu := uint64((l.CPU + time.Second - 1) / time.Second)
	return []trace.Rlimit{
		{Resource: unix.RLIMIT_CPU, Soft: cpu, Hard: cpu + 1}, // SIGXCPU, and a second later SIGKILL
		same(unix.RLIMIT_DATA, uint64(l.Data)),
		same(unix.RLIMIT_NOFILE, uint64(l.Files)),
		same(unix.RLIMIT_NPROC, processes),
		same(unix.RLIMIT_FSIZE, uint64(l.FileSize)),
		same(unix.RLIMIT_STACK, 8<<20),
		same(unix.RLIMIT_CORE, 0),
		same(unix.RLIMIT_MEMLOCK, 64<<10),
		same(unix.RLIMIT_SIGPENDING, 1024),
		same(unix.RLIMIT_MSGQUEUE, 0),
		same(unix.RLIMIT_NICE, 0),
		same(unix.RLIMIT_RTPRIO, 0),
	}
}

// thread takes from the calling thread, and so from what it starts, the ability
// to gain privileges: no set-user-ID program, no file's capabilities, and for
// root no capabilities upon execve. Its own stay: it has a program to trace.
func (l Limits) thread() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("PR_SET_NO_NEW_PRIVS: %w", err)
	}
	for c := uintptr(0); c <= 63; c++ {
		if l.Raw && c == unix.CAP_NET_RAW {
			continue
		}
		err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		if errors.Is(err, unix.EINVAL) {
			break // the kernel knows no more
		}
		if err != nil {
			return fmt.Errorf("drop capability %d: %w", c, err)
		}
	}
	return nil
}
