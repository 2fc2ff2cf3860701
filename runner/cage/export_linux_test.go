//go:build amd64 || arm64

package cage

import (
	"os"
	"path/filepath"
	"strconv"
)

// Groups is the groups that a process has made and that are there.
func Groups(pid int) (dirs []string, err error) {
	where, err := hierarchies()
	if err != nil {
		return nil, err
	}
	for _, parent := range append(where.unified, where.memory, where.pids) {
		if parent == "" {
			continue
		}
		all, err := filepath.Glob(filepath.Join(parent, prefix+strconv.Itoa(pid)+"-*"))
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, all...)
	}
	return dirs, nil
}

// OwnGroups is this process's.
func OwnGroups() ([]string, error) { return Groups(os.Getpid()) }

// SweepAgain has the next group that is made sweep, as the first of a process does.
func SweepAgain() { swept.Clear() }
