//go:build amd64 || arm64

package cage_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/tier"
)

func TestForkBomb(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		l := cage.Limits{Processes: 64, Wall: 2 * time.Second}
		r, err := agent.Start(t.Context(), spec(t, l, traced, "forkbomb"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		if _, err := r.Stdout.Line(ctx, "fork: EAGAIN"); err != nil {
			t.Errorf("it met no limit: %v", err)
		}
		u, err := r.Usage(ctx)
		if err != nil && !errors.Is(err, agent.ErrEnded) {
			t.Error(err)
		}
		if n := u.Threads(); n > 64+40 {
			t.Errorf("it has %d threads, want no more than about 64", n)
		}
		s, err := r.Wait(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !s.End.Late || s.End.Wall > 5*time.Second {
			t.Errorf("End = %+v, want it ended at its limit", s.End)
		}
		if pids := left(t); len(pids) > 0 {
			t.Errorf("processes %v are still there", pids)
		}
	})
}

func TestPrinter(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{Output: 64 << 10}, traced, "prints")
		if !s.End.Cut || len(s.End.Stdout) != 64<<10 {
			t.Errorf("End = cut %v, %d bytes; want it cut at 64 KiB", s.End.Cut, len(s.End.Stdout))
		}
	})
}

func TestSpin(t *testing.T) {
	t.Parallel()
	s := attack(t, cage.Limits{CPU: time.Second, Wall: 20 * time.Second}, false, "spins")
	if s.End.Signal != "SIGXCPU" && s.End.Signal != "SIGKILL" || s.End.Late || s.End.User < 900*time.Millisecond || s.End.User > 3*time.Second {
		t.Errorf("End = %+v, want it ended by its limit on processor time", s.End)
	}
}

func TestHog(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{Data: 128 << 20}, traced, "hogs")
		if s.End.Code != 2 || !strings.Contains(string(s.End.Stderr), "out of memory") || strings.Contains(string(s.End.Stdout), "128 MiB") {
			t.Errorf("End = %d %s after %q, want Go's own end: %.300s", s.End.Code, s.End.Signal, s.End.Stdout, s.End.Stderr)
		}
	})
}

func TestThreads(t *testing.T) {
	t.Parallel()
	s := attack(t, cage.Limits{Processes: 64}, false, "threads")
	lines := strings.Fields(string(s.End.Stdout))
	if s.End.Code != 2 || len(lines) == 0 || len(lines) > 12 {
		t.Errorf("End = %+v after %v threads, want it ended at about 64: %.300s", s.End, lines, s.End.Stderr)
	}
}

func TestDaemon(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{}, traced, "daemon")
		if s.End.Code != 0 || tries(s)["daemon"] != "ok" || s.End.Stragglers != 1 {
			t.Errorf("End = %+v, %v; want one straggler", s.End, tries(s))
		}
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("the expected answer"), 0o600); err != nil {
		t.Fatal(err)
	}
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{}, traced, "files", secret, filepath.Dir(secret))
		got := tries(s)
		if len(got) < 30 || s.End.Code != 0 {
			t.Fatalf("End = %+v: %v", s.End, got)
		}
		for name, result := range got {
			want := "ENOENT EACCES EROFS EPERM EBUSY EXDEV ETXTBSY"
			if strings.HasPrefix(name, "read ") {
				want = "ENOENT EACCES"
			}
			if name == "write /tmp/x" {
				want = "ok"
			}
			if !strings.Contains(want, result) {
				t.Errorf("%s: %s, want %s", name, result, want)
			}
		}
	})
}

func TestFill(t *testing.T) {
	t.Parallel()
	l := cage.Limits{Scratch: 4 << 20, FileSize: 2 << 20, Inodes: 200}
	s := attack(t, l, false, "fill")
	total, _ := strconv.Atoi(tries(s)["total"])
	if tries(s)["fill"] != "ENOSPC" || total < 3<<20 || total > 4<<20 {
		t.Errorf("fill: %v, want ENOSPC at 4 MiB", tries(s))
	}
	s = attack(t, l, false, "inodes")
	files, _ := strconv.Atoi(tries(s)["files"])
	if tries(s)["inodes"] != "ENOSPC" || files < 150 || files > 200 {
		t.Errorf("inodes: %v, want ENOSPC at 200", tries(s))
	}
	if s = attack(t, l, false, "bigfile"); tries(s)["truncate"] != "EFBIG" {
		t.Errorf("bigfile: %v, want EFBIG", tries(s))
	}
}

func TestDials(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	name := "cage-test-" + strconv.Itoa(os.Getpid())
	abstract, err := net.Listen("unix", "@"+name) //nolint:noctx // at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = abstract.Close() }()
	s := attack(t, cage.Limits{}, false, "dials", ln.Addr().String(), name)
	got := tries(s)
	if len(got) < 24 || s.End.Code != 0 {
		t.Fatalf("End = %+v: %v", s.End, got)
	}
	want := map[string]string{
		"vsock": "EAFNOSUPPORT", "AF_PACKET": "EPERM", "NETLINK_AUDIT": "EPROTONOSUPPORT", "raw": "EPERM",
		"AF_ALG": "EAFNOSUPPORT", "AF_XDP": "EAFNOSUPPORT", "AF_KEY": "EAFNOSUPPORT", "AF_BLUETOOTH": "EAFNOSUPPORT",
		"tcp " + ln.Addr().String(): "ECONNREFUSED", "udp " + ln.Addr().String(): "ECONNREFUSED",
		"unix @" + name: "ECONNREFUSED", "unix /run/systemd/private": "ENOENT",
	}
	for name, result := range got {
		expected, listed := want[name]
		if !listed {
			expected = "ENETUNREACH"
		}
		if result != expected {
			t.Errorf("%s: %s, want %s", name, result, expected)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{}, traced, "judge")
		got := tries(s)
		if s.End.Code != 0 || !strings.HasSuffix(string(s.End.Stdout), "done\n") {
			t.Fatalf("End = %+v, want the program to end by itself and the agent to tell: %s", s.End, s.End.Stderr)
		}
		for name, result := range got {
			want := "EPERM"
			switch {
			case name == "socketpair":
				want = "ok"
			case name == "kill everybody":
				want = "ESRCH"
			case strings.HasPrefix(name, "write to descriptor"):
				want = "ENOENT"
			}
			if result != want {
				t.Errorf("%s: %s, want %s", name, result, want)
			}
		}
	})
}

func TestEscape(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{}, traced, "escape")
		got := tries(s)
		want := map[string]string{
			"clone3": "ENOSYS", "io_uring_setup": "ENOSYS", "x32 getpid": "ENOSYS",
			"open /dev/zero": "ok", "setuid other": "EPERM EINVAL", "setuid 0": "EPERM EINVAL",
			"raise RLIMIT_NOFILE": "EPERM", "raise RLIMIT_NPROC": "EPERM",
		}
		if os.Getuid() != 0 {
			want["setuid 0"] = "ok" // it is called 0 already, which is nobody outside
		}
		for name, result := range got {
			if strings.Contains(name, "\t") || result == "" || strings.Contains(string(s.End.Stdout), "\n"+name+":\t") {
				continue // a line of status
			}
			expected, listed := want[name]
			if !listed {
				expected = "EPERM"
			}
			if !strings.Contains(expected, result) {
				t.Errorf("%s: %s, want %s", name, result, expected)
			}
		}
		if len(got) < 45 {
			t.Errorf("only %d tries: %s %s", len(got), s.End.Stdout, s.End.Stderr)
		}
		privileges(t, s, "0000000000000000")
		if uid := regexp.MustCompile(`(?m)^Uid:\t(\d+)`).FindStringSubmatch(string(s.End.Stdout)); os.Getuid() == 0 && uid[1] != "65534" {
			t.Errorf("the judge is root, and the program is user %s", uid[1])
		}
	})
}

// privileges compares the lines of /proc/self/status that tell of them.
func privileges(t *testing.T, s *agent.Sight, caps string) {
	t.Helper()
	for _, line := range []string{
		"CapInh:\t" + caps, "CapPrm:\t" + caps, "CapEff:\t" + caps, "CapBnd:\t" + caps, "CapAmb:\t" + caps,
		"NoNewPrivs:\t1", "Seccomp:\t2", "Groups:\t ",
	} {
		if line == "Groups:\t " && os.Getuid() != 0 {
			continue // only root can give groups up
		}
		if !strings.Contains(string(s.End.Stdout), "\n"+line) {
			t.Errorf("/proc/self/status has no line %q:\n%s", line, s.End.Stdout)
		}
	}
}

func TestRaw(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{Raw: true}, traced, "raw")
		if got := tries(s); got["raw"] != "ok" || got["AF_PACKET"] != "EPERM" {
			t.Errorf("raw: %s, AF_PACKET: %s; want ok and EPERM", got["raw"], got["AF_PACKET"])
		}
		if os.Getuid() == 0 {
			privileges(t, s, "0000000000002000")
		}
	})
}

func TestDescriptors(t *testing.T) {
	// One that is inherited by whatever we start, as a shell's may be.
	leaked, err := unix.Open("/", unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(leaked) }) // when the tests in it are done
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{}, traced, "descriptors")
		for line := range strings.Lines(string(s.End.Stdout)) {
			line = strings.TrimSpace(line)
			switch {
			case line == "list: ok", line == "descriptors: [0 1 2]", line == "environment: HOME=/tmp":
			case strings.HasPrefix(line, "environment: SOCKETS_RUN="):
			default:
				t.Errorf("it has %q", line)
			}
		}
	})
	if s := attack(t, cage.Limits{Files: 32}, false, "sockets"); tries(s)["sockets"] != "EMFILE" {
		t.Errorf("sockets: %s, want EMFILE", s.End.Stdout)
	}
}

// TestLessons has all that programs of the lessons do work.
func TestLessons(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		s := attack(t, cage.Limits{}, traced, "lessons")
		got := tries(s)
		for name, result := range got {
			if result != "ok" {
				t.Errorf("%s: %s, want ok", name, result)
			}
		}
		if len(got) < 30 || s.End.Code != 0 || s.End.Stragglers != 0 {
			t.Errorf("End = %+v, %d tries: %s", s.End, len(got), s.End.Stderr)
		}
		if traced && len(s.Events) == 0 {
			t.Error("a traced program, and nothing was seen of it")
		}
	})
}

// TestGroup has a limit on all processes together.
func TestGroup(t *testing.T) {
	t.Parallel()
	attacks(t)
	l := agent.Probe(t.Context())
	if os.Getuid() == 0 && l.Group != nil {
		tier.Lacks(t, l.Group.Error())
	}
	limits := cage.Limits{Memory: 64 << 20, Data: 1 << 30}
	if l.CageLevel() != cage.LevelA {
		limits.Data = 128 << 20
	}
	s := attack(t, limits, false, "hogs")
	if s.Cage != l.CageLevel() || !s.Cage.Confined() {
		t.Errorf("the level is %q, and the machine's is %q", s.Cage, l.CageLevel())
	}
	if s.Cage == cage.LevelA && (s.End.Signal != "SIGKILL" || strings.Contains(string(s.End.Stdout), "\n80 MiB")) {
		t.Errorf("End = %+v, want it killed at 64 MiB", s.End)
	}
	if s.Cage == cage.LevelB && s.End.Code != 2 {
		t.Errorf("End = %+v, want Go's own end at 128 MiB", s.End)
	}
}

// TestNothingLeft counts mounts, descriptors and goroutines before and after.
func TestNothingLeft(t *testing.T) {
	count := func() (mounts, fds int) {
		if groups, err := cage.OwnGroups(); err != nil || len(groups) > 0 {
			t.Errorf("groups %v are left; %v", groups, err)
		}
		text, err := os.ReadFile("/proc/self/mounts")
		if err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), "\n"), len(entries)
	}
	attack(t, cage.Limits{}, false, "descriptors") // what is made once, is made now
	mounts, fds := count()
	goroutines := runtime.NumGoroutine()
	for range 5 {
		attack(t, cage.Limits{}, true, "descriptors")
	}
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		m, f := count()
		if m == mounts && f <= fds && runtime.NumGoroutine() <= goroutines {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d mounts, %d descriptors, %d goroutines; before there were %d, %d, %d", m, f, runtime.NumGoroutine(), mounts, fds, goroutines)
		}
	}
}
