//go:build amd64 || arm64

package cage

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A Group is a control group, cgroups(7), or two of them on a machine that has
// version 1: it limits all processes of a program together.
type Group struct {
	dirs  []string
	held  []*os.File // the dirs, locked as long as this process lives: see sweep
	procs []*os.File
}

// NewGroup makes a group for a program. Its maker must Close it when the program
// is gone.
func NewGroup(l Limits) (_ *Group, err error) {
	l = l.Defaults()
	g := new(Group)
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()
	where, err := hierarchies()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(where.unified, func(parent string) bool { return g.unified(parent, l) }) {
		return g, nil
	}
	if where.memory == "" || where.pids == "" {
		return nil, errors.New("no cgroup can be made; give the judge one of its own with the controllers memory and pids, as systemd-run --user -p Delegate=yes does")
	}
	if err := g.add(where.memory, setting{"memory.limit_in_bytes", l.Memory}); err != nil {
		return g, err
	}
	return g, g.add(where.pids, setting{"pids.max", int64(l.Processes)})
}

// A setting is a file of a group, and what to write to it.
type setting struct {
	file  string
	value int64
}

// unified makes a group of version 2 below the parent, and reports whether that
// has the controllers to give.
func (g *Group) unified(parent string, l Limits) bool {
	has, err := os.ReadFile(path.Join(parent, "cgroup.subtree_control"))
	if err != nil || !slices.Contains(strings.Fields(string(has)), "memory") || !slices.Contains(strings.Fields(string(has)), "pids") {
		return false
	}
	if g.add(parent, setting{"memory.max", l.Memory}, setting{"pids.max", int64(l.Processes)}) != nil {
		_ = g.Close()
		*g = Group{}
		return false
	}
	_ = os.WriteFile(filepath.Join(g.dirs[0], "memory.swap.max"), []byte("0"), 0) // there may be no swap to limit
	return true
}

// add makes a group with settings.
func (g *Group) add(parent string, settings ...setting) error {
	if _, done := swept.LoadOrStore(parent, true); !done {
		sweep(parent)
	}
	dir, held, err := create(parent)
	if err != nil {
		return err
	}
	g.dirs = append(g.dirs, dir)
	g.held = append(g.held, held)
	for _, s := range settings {
		if err := os.WriteFile(path.Join(dir, s.file), strconv.AppendInt(nil, s.value, 10), 0); err != nil {
			return fmt.Errorf("limit a cgroup: %w", err)
		}
	}
	f, err := os.OpenFile(path.Join(dir, "cgroup.procs"), os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("open a cgroup: %w", err)
	}
	g.procs = append(g.procs, f)
	return nil
}

// Files is where a process's number is to be written, to make it a member.
func (g *Group) Files() []*os.File { return g.procs }

// Close takes the group away. Its members must be gone; they may still be on
// their way out.
func (g *Group) Close() error {
	var errs []error
	for _, f := range g.procs {
		errs = append(errs, f.Close())
	}
	for i, dir := range g.dirs {
		errs = append(errs, remove(dir), g.held[i].Close())
	}
	return errors.Join(errs...)
}

// prefix is how the names of our groups begin.
const prefix = "sockets-cage-"

// swept is the parents that this process has swept.
var swept sync.Map

// sweep takes away the groups below the parent whose makers are gone: one that was
// killed could not. Makers hold their groups by a lock, flock(2), which ends with
// them; a number of a process would not do, since those are given again, and differ
// between namespaces.
func sweep(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		dir := path.Join(parent, e.Name())
		if held, err := keep(dir); err == nil {
			_ = unix.Rmdir(dir) // it has members still, or is somebody else's: another time
			_ = held.Close()
		}
	}
}

// create makes a group without limits, and holds it. Another process may sweep it
// before it is held: then the next is made.
func create(parent string) (dir string, held *os.File, err error) {
	for range 10 {
		dir = path.Join(parent, fmt.Sprintf("%s%d-%s", prefix, os.Getpid(), rand.Text()[:8]))
		if err := os.Mkdir(dir, 0o755); err != nil {
			return "", nil, fmt.Errorf("make a cgroup: %w", err)
		}
		if held, err = keep(dir); err != nil {
			continue
		}
		if _, err = os.Stat(dir); err == nil {
			return dir, held, nil
		}
		_ = held.Close()
	}
	return "", nil, fmt.Errorf("hold a cgroup: %w", err)
}

// keep locks a group, and fails if another process has.
func keep(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(&os.PathError{Op: "lock", Path: dir, Err: err}, f.Close())
	}
	return f, nil
}

func remove(dir string) error {
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		err := unix.Rmdir(dir)
		if err == nil || !errors.Is(err, unix.EBUSY) || time.Now().After(until) {
			if err != nil {
				return &os.PathError{Op: "remove", Path: dir, Err: err}
			}
			return nil
		}
	}
}

// A map of where groups can be made.
type places struct {
	unified      []string // of version 2: our own group and those above it
	memory, pids string   // of version 1: our own groups
}

// hierarchies says where groups are mounted, and which are ours.
func hierarchies() (p places, err error) {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return p, fmt.Errorf("find our cgroup: %w", err)
	}
	ours := make(map[string]string) // by controller; version 2 has none
	for line := range bytes.Lines(own) {
		if f := strings.SplitN(string(bytes.TrimSpace(line)), ":", 3); len(f) == 3 {
			for c := range strings.SplitSeq(f[1], ",") {
				ours[c] = f[2]
			}
		}
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return p, err
	}
	for line := range bytes.Lines(mounts) {
		f := strings.Fields(string(line))
		if len(f) < 4 {
			continue
		}
		options := strings.Split(f[3], ",")
		switch {
		case f[2] == "cgroup2":
			for dir := path.Clean("/" + ours[""]); ; dir = path.Dir(dir) {
				p.unified = append(p.unified, path.Join(f[1], dir))
				if dir == "/" {
					break
				}
			}
		case f[2] == "cgroup" && slices.Contains(options, "memory"):
			p.memory = path.Join(f[1], ours["memory"])
		case f[2] == "cgroup" && slices.Contains(options, "pids"):
			p.pids = path.Join(f[1], ours["pids"])
		}
	}
	return p, nil
}
