//go:build amd64 || arm64

package cage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// etc is the files of /etc that package net reads. A machine may lack some.
var etc = []string{"hosts", "resolv.conf", "nsswitch.conf", "services", "protocols"}

// devices are those of /dev. There is no terminal, no disk and no tunnel.
var devices = []string{"null", "zero", "full", "random", "urandom"}

// maxFile is more than any file of /etc has that is copied.
const maxFile = 1 << 20

// changeRoot puts the process, and so all of its mount namespace, into a root
// that holds what a program needs and the shown files; the machine's is gone. It
// uses /tmp, which must be the namespace's own.
func changeRoot(l Limits, shown []string) error {
	const root = "/tmp/root"
	if err := os.Mkdir(root, 0o755); err != nil {
		return fmt.Errorf("make the root's folder: %w", err)
	}
	steps := []struct {
		what string
		do   func() error
	}{
		{"mount the root", func() error {
			return unix.Mount("root", root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755,size=4m")
		}},
		{"make folders", func() error { return folders(root) }},
		{"mount /tmp", func() error {
			options := fmt.Sprintf("mode=1777,size=%d,nr_inodes=%d", l.Scratch, l.Inodes)
			return unix.Mount("scratch", root+"/tmp", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options)
		}},
		{"copy files of /etc", func() error { return copyEtc(root) }},
		{"make devices", func() error { return makeDevices(root) }},
		{"show files", func() error { return show(root, shown, l.Writable) }},
		{"mount /proc", func() error { return mountProc(root) }},
		{"make the root read-only", func() error { return readOnly(root, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV) }},
		{"change the root", func() error { return pivot(root) }},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("cage: %s: %w", s.what, err)
		}
	}
	return nil
}

func folders(root string) error {
	for _, name := range []string{"etc", "dev", "proc", "tmp"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// copyEtc copies rather than binds: what the program sees can't change under it.
func copyEtc(root string) error {
	for _, name := range etc {
		err := copyFile("/etc/"+name, filepath.Join(root, "etc", name), 0o444)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	b, err := io.ReadAll(io.LimitReader(in, maxFile))
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(to, b, mode), os.Chmod(to, mode))
}

func makeDevices(root string) error {
	for _, name := range devices {
		to := filepath.Join(root, "dev", name)
		if err := os.WriteFile(to, nil, 0o444); err != nil {
			return err
		}
		if err := unix.Mount("/dev/"+name, to, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("%s: %w", to, err)
		}
	}
	for name, to := range map[string]string{
		"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
	} {
		if err := os.Symlink(to, filepath.Join(root, "dev", name)); err != nil {
			return err
		}
	}
	return nil
}

// show makes the files and folders visible under their own names, to be read and
// executed only, but for the writable.
func show(root string, shown, writable []string) error {
	for _, name := range shown {
		to := filepath.Join(root, name)
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		folder := to
		if !info.IsDir() {
			folder = filepath.Dir(to)
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if !info.IsDir() {
			if err := os.WriteFile(to, nil, 0o444); err != nil {
				return err
			}
		}
		if err := unix.Mount(name, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if slices.Contains(writable, name) {
			continue
		}
		if err := readOnly(to, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// readOnly adds attributes to a mount. What it has already stays, as it must in a
// user namespace.
func readOnly(at string, more uint64) error {
	return unix.MountSetattr(unix.AT_FDCWD, at, 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | more})
}

// mountProc mounts a /proc that shows a program its own processes, with settings
// that can't be changed.
func mountProc(root string) error {
	proc := root + "/proc"
	if err := unix.Mount("proc", proc, "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "hidepid=2"); err != nil {
		return err
	}
	sys := proc + "/sys"
	if err := unix.Mount(sys, sys, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	return readOnly(sys, 0)
}

// pivot makes the folder the root and takes the old one away, as in the example
// of pivot_root(2).
func pivot(root string) error {
	if err := unix.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return err
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount the old one: %w", err)
	}
	return unix.Chdir("/")
}

// mounted is the mounts that this process sees.
func mounted() (names []string, err error) {
	text, err := os.ReadFile("/proc/self/mounts")
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 {
			names = append(names, f[1])
		}
	}
	return names, err
}
