package pocket_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sockets/runner/pocket"
	"sockets/runner/tier"
)

// These make this test's binary one that makes many pockets in a machine of its
// own, as many as it says, and a runner that is to be killed.
const (
	leaksVar  = "POCKET_TEST_LEAKS"
	runnerVar = "POCKET_TEST_RUNNER"
)

func init() {
	programs["daemon"] = daemon
	programs["killed"] = func(string) error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) }
	programs["panic"] = func(string) error { panic("oh") }
}

// daemon leaves a process behind that has left its session.
func daemon(string) error {
	cmd := exec.CommandContext(background, "/proc/self/exe")
	cmd.Env = append(os.Environ(), programVar+"=sleep 60s")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd.Start()
}

// TestLeaks makes many pockets, of which most come to a bad end, within
// namespaces of its own: there all processes, mounts, links and files are
// ours.
func TestLeaks(t *testing.T) {
	count := 20
	if tier.Full() {
		count = 200
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), leaksVar+"="+strconv.Itoa(count), "TMPDIR=/tmp")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v", err)
	}
	if err != nil || testing.Verbose() {
		t.Logf("%s", indent(out))
	}
}

// leaks makes the pockets, and compares what is there before and after.
func leaks(count int) error {
	self, err := ownMachine()
	if err != nil {
		return err
	}
	if err := badEnd(0, self); err != nil {
		return fmt.Errorf("the first: %w", err)
	}
	before, err := inventory()
	if err != nil {
		return err
	}
	start := time.Now()
	for i := range count {
		if err := badEnd(i, self); err != nil {
			return fmt.Errorf("pocket %d of %d, kind %d: %w", i+1, count, i%len(badEnds), err)
		}
	}
	fmt.Printf("%d pockets in %v\n", count, time.Since(start))
	var after []string
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if after, err = inventory(); err != nil {
			return err
		}
		if slices.Equal(before, after) {
			return noNamespaces(self)
		}
	}
	return fmt.Errorf("before there was\n%s\nand after\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
}

// noNamespaces makes one more pocket with only so many namespaces allowed as it
// needs, and we have: if one of all those before is left, that fails.
func noNamespaces(self string) error {
	for name, max := range map[string]string{"user": "1", "ipc": "1", "uts": "1", "mnt": "2", "pid": "2", "net": "4"} {
		if err := os.WriteFile("/proc/sys/user/max_"+name+"_namespaces", []byte(max), 0); err != nil {
			return err
		}
	}
	// The kernel takes network namespaces down in its own time.
	var err error
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = quick(self, "nothing", nil); !errors.Is(err, syscall.ENOSPC) {
			break
		}
	}
	if err != nil {
		err = fmt.Errorf("namespaces are left: %w", err)
	}
	return err
}

// ownMachine gives this process a /proc and a /tmp of its own, and a copy of its
// binary that is not hidden by them.
func ownMachine() (self string, err error) {
	if err := errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("proc", "/proc", "proc", 0, ""),
	); err != nil {
		return "", err
	}
	binary, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return "", err
	}
	if err := errors.Join(
		unix.Mount("tmpfs", "/dev/shm", "tmpfs", 0, ""),
		unix.Mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"),
	); err != nil {
		return "", err
	}
	self = "/dev/shm/pocket.test"
	if err := os.WriteFile(self, binary, 0o755); err != nil { //nolint:gosec // a program must be executable
		return "", err
	}
	return self, os.Unsetenv(leaksVar)
}

// badEnds is the ways in which a pocket can end.
var badEnds = []func(self string) error{
	func(self string) error { return quick(self, "get 192.0.2.80:80", nil) },
	func(self string) error { return quick(self, "daemon", nil) },
	func(self string) error { return quick(self, "killed", nil) },
	func(self string) error { return quick(self, "panic", nil) },
	killRunner,
	killAgent,
	func(self string) error { // the run is given up at a time of chance
		ctx, cancel := context.WithTimeout(background, time.Duration(rand.Int64N(int64(80*time.Millisecond))))
		defer cancel()
		_, err := tryWith(ctx, self, www(), "sleep 30s", nil)
		if err == nil {
			return errors.New("a run that was given up came to an end")
		}
		return nil
	},
	func(self string) error { // the runner fails to serve
		failed := errors.New("failed")
		_, err := tryWith(background, self, www(), "nothing", func(context.Context, *pocket.Pocket) error { return failed })
		if !errors.Is(err, failed) {
			return fmt.Errorf("%w, want %w", err, failed)
		}
		return nil
	},
	func(self string) error { // no agent ever
		p, err := pocket.New(www())
		return errors.Join(err, p.Close(), p.Close())
	},
	func(self string) error { // the pocket can't be made
		c := www()
		c.Binds = []pocket.Bind{{From: "/nowhere", To: "/tmp/x"}}
		_, err := tryWith(background, self, c, "nothing", nil)
		if !errors.Is(err, syscall.ENOENT) {
			return fmt.Errorf("a pocket with a bind from nowhere: %w", err)
		}
		return nil
	},
}

func badEnd(i int, self string) error { return badEnds[i%len(badEnds)](self) }

// quick runs a program in a pocket with a server; how it ends does not matter.
func quick(self, program string, and func(*pocket.Pocket) error) error {
	var ln net.Listener
	_, err := tryWith(background, self, www(), program, func(ctx context.Context, p *pocket.Pocket) (err error) {
		if ln, err = p.Listen(ctx, "tcp", "192.0.2.80:80"); err != nil {
			return err
		}
		go serve(ln, "welcome\n")
		if and != nil {
			return and(p)
		}
		return nil
	})
	if ln != nil {
		err = errors.Join(err, ln.Close())
	}
	return err
}

// killAgent kills the agent, which is not the program.
func killAgent(self string) error {
	err := quick(self, "sleep 30s", func(*pocket.Pocket) error {
		pids, err := children(os.Getpid())
		for _, pid := range pids {
			err = errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
		}
		return err
	})
	if err == nil {
		return errors.New("the pocket had an agent that was killed, and no error")
	}
	return nil
}

// killRunner starts a runner with a pocket and kills it.
func killRunner(self string) error {
	cmd := exec.CommandContext(background, self)
	cmd.Env = append(os.Environ(), runnerVar+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "up\n" {
		err = fmt.Errorf("the runner says %q: %w", line, err)
	}
	err = errors.Join(err, cmd.Process.Kill())
	_ = cmd.Wait()
	return err
}

// runner plays a runner that is to be killed.
func runner() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	_, err = tryWith(background, self, www(), "daemon", func(ctx context.Context, p *pocket.Pocket) error {
		if _, err := p.Listen(ctx, "tcp", "192.0.2.80:80"); err != nil {
			return err
		}
		time.AfterFunc(time.Duration(rand.Int64N(int64(30*time.Millisecond))), func() { fmt.Println("up") })
		return nil
	})
	time.Sleep(deadline)
	return err
}

// children is the processes that a process has started.
func children(pid int) ([]int, error) {
	b, err := filepath.Glob("/proc/[0-9]*/stat")
	var pids []int
	for _, name := range b {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			if err != nil {
				return nil, err
			}
			pids = append(pids, child)
		}
	}
	return pids, err
}

// inventory is all that there is of what a pocket makes: processes, mounts,
// network links, files, and our own descriptors.
func inventory() ([]string, error) {
	for { // those whose parent we became
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if pid <= 0 || err != nil {
			break
		}
	}
	var all []string
	for _, pattern := range []string{"/proc/[0-9]*", "/tmp/*", "/dev/shm/*"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	all = append(all, strings.Split(string(mounts), "\n")...)
	links, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		all = append(all, "link "+l.Name)
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	return append(all, fmt.Sprint(len(fds), " descriptors")), nil
}
