//go:build amd64 || arm64

package cage

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sockets/runner/tier"
)

// makerVar is set where the test binary is to make a group and wait to be killed.
const makerVar = "CAGE_TEST_MAKER"

// TestMaker is no test: it is the maker that TestSweep kills.
func TestMaker(t *testing.T) {
	if os.Getenv(makerVar) == "" {
		t.Skip("TestSweep runs it")
	}
	g, err := NewGroup(Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = os.Stdout.WriteString("groups " + strings.Join(g.dirs, " ") + "\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
}

// maker starts one, and gives its groups.
func maker(t *testing.T) (*exec.Cmd, []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestMaker$") //nolint:gosec // the test itself
	cmd.Env = append(os.Environ(), makerVar+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close() })
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	in := bufio.NewScanner(stdout)
	for in.Scan() {
		if dirs, ok := strings.CutPrefix(in.Text(), "groups "); ok {
			return cmd, strings.Fields(dirs)
		}
	}
	t.Fatal("the maker made no group")
	return nil, nil
}

// TestSweep kills the maker of a group: the next process that makes one takes the
// dead maker's away, and not those of a maker that lives.
func TestSweep(t *testing.T) {
	g, err := NewGroup(Limits{})
	if err != nil {
		if os.Getuid() == 0 {
			tier.Lacks(t, err.Error())
		}
		t.Skip(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	dead, gone := maker(t)
	_, there := maker(t)
	if err := dead.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = dead.Wait() // it was killed
	for _, dir := range gone {
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("the killed maker's group: %v; the test proves nothing", err)
		}
	}
	swept.Clear()
	if g, err = NewGroup(Limits{}); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, dir := range g.dirs {
		all, err := filepath.Glob(filepath.Join(filepath.Dir(dir), prefix+"*"))
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, all...)
	}
	for _, dir := range gone {
		if slices.Contains(left, dir) {
			t.Errorf("%s is left, and its maker is dead", dir)
		}
	}
	for _, dir := range append(there, g.dirs...) {
		if !slices.Contains(left, dir) {
			t.Errorf("%s is gone, and its maker lives", dir)
		}
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// Groups is our own groups that are there.
func Groups() (dirs []string, err error) {
	where, err := hierarchies()
	if err != nil {
		return nil, err
	}
	for _, parent := range append(where.unified, where.memory, where.pids) {
		if parent == "" {
			continue
		}
		all, err := filepath.Glob(filepath.Join(parent, prefix+"*"))
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, all...)
	}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		return !strings.HasPrefix(filepath.Base(dir), prefix+strconv.Itoa(os.Getpid())+"-")
	}), nil
}
