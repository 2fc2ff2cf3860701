package pocket

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// files is the program's own files of /etc that say where names come from.
// A and AAAA are asked for one after the other, so that the order is the same
// in every run.
func files() map[string]string {
	return map[string]string{
		"/etc/resolv.conf": fmt.Sprintf("nameserver %v\noptions single-request\n", NS4),
		"/etc/hosts": strings.Join([]string{
			"127.0.0.1 localhost",
			"::1 localhost",
			fmt.Sprintf("%v %s here", Here4, HereName),
			fmt.Sprintf("%v %s here", Here6, HereName),
			"",
		}, "\n"),
		"/etc/nsswitch.conf": "hosts: files dns\n",
		"/etc/hostname":      HereName + "\n",
	}
}

// optional is those of the files that a machine may be without: then programs
// do what ours would tell them.
var optional = map[string]bool{"/etc/nsswitch.conf": true, "/etc/hostname": true}

// mounts gives the program a view of the machine of its own: /proc with its own
// processes, the files of /etc, and a /tmp with nothing in it but the binds. The
// mounts are gone with the namespace.
func mounts(binds []Bind) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return &Refused{"keep mounts to ourselves", err, "the system takes all rights from whoever makes a user namespace: on Ubuntu, sysctl kernel.apparmor_restrict_unprivileged_userns=0"}
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return &Refused{"mount /proc", err, "a container must not hide parts of /proc: run it with --security-opt systempaths=unconfined"}
	}
	// What the binds name may disappear under the new /tmp.
	sources := make([]int, len(binds))
	for i, b := range binds {
		fd, err := unix.Open(b.From, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("bind %s: %w", b.From, err)
		}
		defer func() { _ = unix.Close(fd) }()
		sources[i] = fd
	}
	if err := etc(); err != nil {
		return err
	}
	if err := tmpfs("/tmp"); err != nil {
		return err
	}
	for i, b := range binds {
		if err := bind(sources[i], b.To); err != nil {
			return fmt.Errorf("show %s as %s: %w", b.From, b.To, err)
		}
	}
	return nil
}

func tmpfs(at string) error {
	if err := unix.Mount("tmpfs", at, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
		return &Refused{"mount a file system on " + at, err, "allow mounts in user namespaces"}
	}
	return nil
}

// etc puts our files over those of the machine. They live in a file system that
// has no name any more once they are in place.
func etc() error {
	if err := tmpfs("/tmp"); err != nil {
		return err
	}
	var errs []error
	for name, text := range files() {
		from := filepath.Join("/tmp", filepath.Base(name))
		if err := os.WriteFile(from, []byte(text), 0o444); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		err := unix.Mount(from, name, "", unix.MS_BIND, "")
		if errors.Is(err, unix.ENOENT) && optional[name] {
			continue
		}
		if err != nil {
			errs = append(errs, &Refused{"put a file over " + name, err, "there must be a file: touch " + name})
		}
	}
	if err := unix.Unmount("/tmp", unix.MNT_DETACH); err != nil {
		errs = append(errs, fmt.Errorf("unmount: %w", err))
	}
	return errors.Join(errs...)
}

// bind shows an open file or folder under another name, which it makes if that
// lies in the new /tmp.
func bind(source int, to string) error {
	from := fmt.Sprintf("/proc/self/fd/%d", source)
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if strings.HasPrefix(to, "/tmp/") {
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
	}
	return unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
}
