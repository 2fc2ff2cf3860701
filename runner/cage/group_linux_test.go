//go:build amd64 || arm64

package cage_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"testing"

	"sockets/runner/cage"
	"sockets/runner/tier"
)

// makerVar has the test's binary make a group, and wait to be killed.
const makerVar = "CAGE_TEST_MAKER"

func makeGroup() int {
	if _, err := cage.NewGroup(cage.Limits{}); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	_, _ = os.Stdout.WriteString("made\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0
}

// maker starts a process that has made a group.
func maker(t *testing.T) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0]) //nolint:gosec // the test itself
	cmd.Env = append(os.Environ(), makerVar+"=1")
	cmd.Stderr = t.Output()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _ = stdin.Close(), cmd.Process.Kill(), cmd.Wait() })
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatalf("the maker made no group: %q, %v", line, err)
	}
	return cmd
}

// TestSweep kills the maker of a group: the next process that makes one takes the
// dead maker's away, and not that of a maker that lives.
func TestSweep(t *testing.T) {
	if err := canMake(t); err != nil {
		if os.Getuid() == 0 {
			tier.Lacks(t, err.Error())
		}
		return // nothing to sweep where nobody can make a group
	}
	groups := func(of *exec.Cmd) int {
		t.Helper()
		dirs, err := cage.Groups(of.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		return len(dirs)
	}
	dead, living := maker(t), maker(t)
	if err := dead.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = dead.Wait() // it was killed
	if groups(dead) == 0 {
		t.Error("the killed maker left nothing: the test proves nothing")
	}
	cage.SweepAgain()
	g, err := cage.NewGroup(cage.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n := groups(dead); n != 0 {
		t.Errorf("%d groups are left, and their maker is dead", n)
	}
	if groups(living) == 0 {
		t.Error("a group is gone, and its maker lives")
	}
	if own, err := cage.OwnGroups(); err != nil || len(own) == 0 {
		t.Errorf("our own group is gone: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if own, err := cage.OwnGroups(); err != nil || len(own) != 0 {
		t.Errorf("%v are left of a group that was closed; %v", own, err)
	}
}

// canMake is why no group can be made, nil if one can.
func canMake(t *testing.T) error {
	t.Helper()
	g, err := cage.NewGroup(cage.Limits{})
	if err != nil {
		return err
	}
	return g.Close()
}
