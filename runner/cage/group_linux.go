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
	"time"

	"golang.org/x/sys/unix"
)

// A Group is a control group, cgroups(7), or two of them on a machine that has
// version 1: it limits all processes of a program together.
type Group struct {
	dirs  []string
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
	dir := path.Join(parent, fmt.Sprintf("sockets-cage-%d-%s", os.Getpid(), rand.Text()[:8]))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("make a cgroup: %w", err)
	}
	g.dirs = append(g.dirs, dir)
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
	for _, dir := range g.dirs {
		errs = append(errs, remove(dir))
	}
	return errors.Join(errs...)
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
