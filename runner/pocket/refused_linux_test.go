package pocket_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"sockets/runner/pocket"
)

// withinVar makes this test's binary, in namespaces of its own in which it is
// root, take something away from itself and say what a probe then finds.
const withinVar = "POCKET_TEST_WITHIN"

// within takes away what is named and probes.
func within(what string) int {
	if err := deny(what); err != nil {
		fmt.Println("deny:", err)
		return 1
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	kind, err := pocket.Probe(background, probing(self))
	var refused *pocket.Refused
	if errors.As(err, &refused) {
		fmt.Printf("refused\n%s\n%v\n%s\n", refused.Step, refused.Err, refused.Help)
		return 0
	}
	fmt.Println(kind, err)
	return 0
}

func deny(what string) error {
	name, value, _ := strings.Cut(what, "=")
	switch name {
	case "user.max_user_namespaces", "user.max_net_namespaces":
		return os.WriteFile("/proc/sys/"+strings.ReplaceAll(name, ".", "/"), []byte(value), 0)
	case "/dev/net":
		return unix.Mount("tmpfs", name, "tmpfs", 0, "")
	case "/proc/uptime":
		// Something in /proc that is hidden makes all of it unmountable.
		return unix.Mount("/dev/null", name, "", unix.MS_BIND, "")
	case "chroot":
		// A process in a chroot may make no user namespace, clone(2).
		dir, err := os.MkdirTemp("/dev/shm", "root-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if err := unix.Mount("/", dir, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return err
		}
		if err := unix.Chroot(dir); err != nil {
			return err
		}
		return os.Chdir("/")
	case "nothing":
		return nil
	}
	return fmt.Errorf("deny %s: %w", what, errors.ErrUnsupported)
}

// A machine that allows less says which step it refused, and what would help.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ deny, step, err, help string }{
		{"user.max_user_namespaces=0", "make a user namespace", "no space left on device", "user.max_user_namespaces"},
		{"user.max_net_namespaces=1", "make a second network namespace", "no space left on device", "user.max_net_namespaces"},
		{"chroot", "make a user namespace", "operation not permitted", "apparmor_restrict_unprivileged_userns"},
		{"/proc/uptime", "mount /proc", "operation not permitted", "systempaths=unconfined"},
	} {
		t.Run(c.deny, func(t *testing.T) {
			got := withinNamespaces(t, c.deny)
			lines := strings.Split(got, "\n")
			if len(lines) < 4 || lines[0] != "refused" {
				t.Fatalf("the probe says %q", got)
			}
			if lines[1] != c.step || !strings.Contains(lines[2], c.err) || !strings.Contains(lines[3], c.help) {
				t.Errorf("the probe says\n%s\nwant step %q, error %q, help with %q", got, c.step, c.err, c.help)
			}
		})
	}
}

// Without /dev/net/tun the wire is of another kind.
func TestNoTAP(t *testing.T) {
	if got := withinNamespaces(t, "/dev/net"); got != "veth <nil>\n" {
		t.Errorf("the probe says %q, want veth", got)
	}
}

// withinNamespaces starts within and returns what it says.
func withinNamespaces(t *testing.T, what string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = []string{withinVar + "=" + what, "TMPDIR=" + os.TempDir()}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestProbe(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want := pocket.WireTAP
	if f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0); err != nil {
		want = pocket.WireVeth
	} else if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := pocket.Probe(t.Context(), probing(self))
	if err != nil || got != want {
		t.Errorf("Probe = %q, %v; want %q", got, err, want)
	}
	// A binary that is no agent ends, and is not waited for.
	no, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	c := probing(no)
	if _, err := pocket.Probe(t.Context(), c); err == nil || !errors.Is(err, io.EOF) {
		t.Errorf("Probe of %s = %v, want an error", filepath.Base(no), err)
	}
}
