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

	"sockets/runner/tier"
)

// dropVar makes this test's binary, started by root in a mount namespace of its
// own, change what is to be changed there and go on as another user.
const dropVar = "POCKET_TEST_DROP"

// nobody is a user without any privilege.
const nobody = 65534

func drop() error {
	if os.Getenv(dropVar) == "tun" {
		// A /dev/net/tun as most machines have it: for everybody.
		if err := unix.Mount("tmpfs", "/dev/net", "tmpfs", 0, ""); err != nil {
			return fmt.Errorf("mount: %w", err)
		}
		if err := unix.Mknod("/dev/net/tun", unix.S_IFCHR|0o666, int(unix.Mkdev(10, 200))); err != nil {
			return fmt.Errorf("mknod: %w", err)
		}
		if err := os.Chmod("/dev/net/tun", 0o666); err != nil {
			return err
		}
	}
	err := errors.Join(unix.Setgroups(nil), unix.Setresgid(nobody, nobody, nobody), unix.Setresuid(nobody, nobody, nobody))
	if err != nil {
		return err
	}
	if err := os.Unsetenv(dropVar); err != nil {
		return err
	}
	return unix.Exec(os.Args[0], os.Args, os.Environ())
}

// TestNobody runs all other tests once more as a user without privileges.
func TestNobody(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the other tests do")
	}
	for _, wire := range []string{"tun", "no tun"} {
		t.Run(wire, func(t *testing.T) {
			dir := t.TempDir()
			// The parents of the folder are for their owner only.
			for d := dir; d != "/tmp" && d != "/"; d = filepath.Dir(d) {
				if err := os.Chmod(d, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			self := filepath.Join(dir, "pocket.test")
			copyFile(t, self)
			args := []string{"-test.v", "-test.skip=TestNobody"}
			if wire == "tun" && !tier.Full() {
				args = append(args, "-test.run=TestTCP|TestProbe|TestDropSYNACK") // the rest is the same for root
			}
			cmd := exec.CommandContext(t.Context(), self, args...)
			cmd.Env = append(os.Environ(), dropVar+"="+wire, "TMPDIR="+dir, "HOME="+dir)
			cmd.Dir = dir
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
			out, err := cmd.CombinedOutput()
			if err != nil || testing.Verbose() {
				t.Logf("%s", indent(out))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func indent(b []byte) string { return "\t" + strings.ReplaceAll(string(b), "\n", "\n\t") }

// copyFile copies this test's binary, for a user who can't reach it.
func copyFile(t *testing.T, to string) {
	t.Helper()
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(out, from)
	if err := errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
}
