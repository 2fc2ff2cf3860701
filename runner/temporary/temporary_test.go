//go:build linux || darwin || freebsd || netbsd || openbsd

package temporary

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// makerKey has the test's binary make a folder, and wait to be killed.
const makerKey = "TEMPORARY_TEST_MAKER"

func TestMain(m *testing.M) {
	if os.Getenv(makerKey) == "" {
		os.Exit(m.Run())
	}
	f, err := New("test")
	if err == nil {
		err = os.WriteFile(filepath.Join(f.Path, "file"), nil, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(f.Path)
	_, _ = os.Stdin.Read(make([]byte, 1))
}

// maker starts a process that has made a folder.
func maker(t *testing.T) (c *exec.Cmd, folder string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	c = exec.CommandContext(ctx, os.Args[0]) //nolint:gosec // the test itself
	c.Env = append(os.Environ(), makerKey+"=1")
	c.Stderr = t.Output()
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _ = stdin.Close(), c.Process.Kill(), c.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the maker made no folder: %v", err)
	}
	return c, strings.TrimSpace(line)
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// TestSweep kills the maker of a folder: the next process that makes one takes the
// dead maker's away, and nothing else.
func TestSweep(t *testing.T) {
	tmp, elsewhere := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	// Both are there before one dies: a maker sweeps, too.
	dead, left := maker(t)
	_, living := maker(t)
	kept := []string{
		living,
		filepath.Join(elsewhere, "file"),
		filepath.Join(tmp, prefix+"link"),
		filepath.Join(tmp, prefix+"file"),
		filepath.Join(tmp, "sockets-other"),
	}
	err := errors.Join(
		os.WriteFile(kept[1], nil, 0o600), os.Symlink(elsewhere, kept[2]), os.WriteFile(kept[3], nil, 0o600), os.Mkdir(kept[4], 0o700),
		os.Symlink(elsewhere, filepath.Join(left, "link")),
	)
	if os.Getuid() == 0 {
		kept = append(kept, filepath.Join(tmp, prefix+"of-another"))
		err = errors.Join(err, os.Mkdir(kept[5], 0o777), os.Chown(kept[5], 65534, 65534))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = dead.Wait() // it was killed
	if !there(left) {
		t.Fatal("the killed maker left nothing: the test proves nothing")
	}
	swept.Clear()
	f, err := New("test")
	if err != nil {
		t.Fatal(err)
	}
	if there(left) {
		t.Errorf("%s is left, and its maker is dead", left)
	}
	for _, path := range append(kept, f.Path) {
		if !there(path) {
			t.Errorf("%s is gone, and was not left by a maker", path)
		}
	}
	swept.Clear()
	if g, err := New("test"); err != nil || !there(f.Path) {
		t.Errorf("our own folder is gone: %v", err)
	} else if err := g.Remove(); err != nil || there(g.Path) {
		t.Errorf("it was removed, and is still there: %v", err)
	}
	if err := f.Remove(); err != nil || there(f.Path) {
		t.Errorf("it was removed, and is still there: %v", err)
	}
}
