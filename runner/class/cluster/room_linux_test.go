package cluster_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// The test's binary is started again in three roles:
//
//	room      the first process of namespaces of its own: makes a network of one
//	          loopback with the cluster's addresses, and files that name them
//	teacher   the test itself, inside; an ordinary user, so that Slurm, which
//	          would change its user as root, does not
//	node      the first process of a node: becomes slurmd. Who kills it takes
//	          the node's power away
//
// When the room ends, the kernel ends all that is in it.
const (
	roleVar   = "CLUSTER_TEST_ROLE"
	folderVar = "CLUSTER_TEST_FOLDER"
)

// teacher is the user and the group that everything in the room runs as.
const teacher = 1000

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(roleVar) {
	case "room":
		err = room(os.Getenv(folderVar))
	case "node":
		err = node()
	default:
		os.Exit(m.Run())
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	} else if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Getenv(roleVar), err)
		os.Exit(3)
	}
}

// enterRoom has the next program become the room.
func enterRoom(a *syscall.SysProcAttr) {
	a.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
}

// enterNode has the next program become a node.
func enterNode(a *syscall.SysProcAttr) {
	asTeacher(a)
	a.Cloneflags |= unix.CLONE_NEWPID | unix.CLONE_NEWNS
	a.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
}

// asTeacher has the next program run as that user, without any privilege.
func asTeacher(a *syscall.SysProcAttr) {
	a.Cloneflags = unix.CLONE_NEWUSER
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: teacher, HostID: os.Getuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: teacher, HostID: os.Getgid(), Size: 1}}
}

// addresses are the cluster's. With loopback's own alone, getaddrinfo(3) as
// Slurm calls it finds no address at all.
var addresses = map[string]string{"head": "192.0.2.1", "n1": "192.0.2.11", "n2": "192.0.2.12"}

// room makes the place, runs the test in it, and collects the dead until then.
func room(dir string) error {
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		return fmt.Errorf("set lo up: %w", err)
	}
	hosts := "127.0.0.1 localhost\n"
	for name, address := range addresses {
		a, err := netlink.ParseAddr(address + "/32")
		if err == nil {
			err = netlink.AddrAdd(lo, a)
		}
		if err != nil {
			return fmt.Errorf("give lo %s: %w", address, err)
		}
		hosts += address + " " + name + "\n"
	}
	if err := procfs(); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"hosts": hosts, "resolv.conf": "", "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
		"passwd": fmt.Sprintf("root:x:0:0::/:/bin/sh\nteacher:x:%d:%[1]d::/tmp:/bin/sh\n", teacher),
		"group":  fmt.Sprintf("root:x:0:\nteacher:x:%d:\n", teacher),
	} {
		if err := etc(dir, name, text); err != nil {
			return err
		}
	}
	if err := unix.Sethostname([]byte("head")); err != nil {
		return fmt.Errorf("set the host's name: %w", err)
	}
	return inside()
}

// etc puts a file of ours over one of /etc, if the machine has it.
func etc(dir, name, text string) error {
	file, over := filepath.Join(dir, name), filepath.Join("/etc", name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(over); err == nil {
		over = real
	} else if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := unix.Mount(file, over, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("put %s over %s: %w", file, over, err)
	}
	return nil
}

// procfs mounts /proc as this PID namespace sees it.
func procfs() error {
	if err := unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("keep mounts to ourselves: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return nil
}

// inside runs the test as the teacher.
func inside() error {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...) //nolint:noctx // it ends with this process
	cmd.Env = append(os.Environ(), roleVar+"=teacher")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = new(syscall.SysProcAttr)
	asTeacher(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the test: %w", err)
	}
	for { // we are the namespace's first process: orphans are ours
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("wait for the test: %w", err)
		case pid == cmd.Process.Pid && status.Exited():
			os.Exit(status.ExitStatus())
		case pid == cmd.Process.Pid && status.Signaled():
			return fmt.Errorf("the test ended with %v", status.Signal())
		}
	}
}

// node becomes slurmd, with no capability left.
func node() error {
	if err := procfs(); err != nil {
		return err
	}
	runtime.LockOSThread() // capabilities are a thread's own
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("give up the capabilities: %w", err)
	}
	path, err := exec.LookPath("slurmd")
	if err != nil {
		return err
	}
	return unix.Exec(path, append([]string{"slurmd"}, os.Args[1:]...), os.Environ())
}
