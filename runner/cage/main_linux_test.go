//go:build amd64 || arm64

package cage_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/tier"
)

// attacksVar names the program of the attacks, if somebody has built it already.
const attacksVar = "CAGE_TEST_ATTACKS"

// deadline is how long a test waits for anything.
const deadline = 60 * time.Second

var built = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(attacksVar); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "cage-test-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // another user is to run it
		return dir, err
	}
	path := filepath.Join(dir, "attacks")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", path, "./testdata/attacks")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return path, fmt.Errorf("build the attacks: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	if os.Getenv(makerVar) != "" {
		os.Exit(makeGroup())
	}
	code := m.Run()
	if os.Getenv(attacksVar) == "" {
		if path, _ := built(); path != "" {
			_ = os.RemoveAll(filepath.Dir(path))
		}
	}
	os.Exit(code)
}

// attacks is the path of the program of the attacks. Without a cage there is no
// test.
func attacks(tb testing.TB) string {
	tb.Helper()
	if l := agent.Probe(tb.Context()); l.Cage != nil {
		tier.Lacks(tb, l.Cage.Error())
	}
	path, err := built()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// inside is what the program of the attacks is called in a test's cages.
func inside(tb testing.TB) string {
	tb.Helper()
	return fmt.Sprintf("/tmp/bin/%s-%d", strings.ReplaceAll(tb.Name(), "/", "-"), os.Getpid())
}

// spec is what runs an attack.
func spec(tb testing.TB, l cage.Limits, traced bool, args ...string) agent.Spec {
	tb.Helper()
	return agent.Spec{
		Pocket: &pocket.Config{Binds: []pocket.Bind{{From: attacks(tb), To: inside(tb)}}},
		Cage:   &l,
		Up: func(context.Context, *pocket.Pocket) (agent.Order, error) {
			return agent.Order{Path: inside(tb), Args: args, Dir: "/tmp", Env: []string{"HOME=/tmp"}, Untraced: !traced}, nil
		},
	}
}

// attack runs an attack to its end, in a cage that was made for it.
func attack(t *testing.T, l cage.Limits, traced bool, args ...string) *agent.Sight {
	t.Helper()
	s, err := agent.Run(t.Context(), spec(t, l, traced, args...))
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	if pids := left(t); len(pids) > 0 {
		t.Errorf("processes %v of the attack are still there", pids)
	}
	return s
}

// left is the processes outside that run the test's attacks.
func left(t *testing.T) (pids []string) {
	t.Helper()
	entries, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range entries {
		text, _ := os.ReadFile(name)
		if bytes.HasPrefix(text, []byte(inside(t)+"\x00")) {
			pids = append(pids, filepath.Base(filepath.Dir(name)))
		}
	}
	return pids
}

// tries is what an attack printed of its tries, by name.
func tries(s *agent.Sight) map[string]string {
	m := make(map[string]string)
	for line := range strings.Lines(string(s.End.Stdout)) {
		if i := strings.LastIndex(line, ": "); i > 0 {
			m[line[:i]] = strings.TrimSpace(line[i+2:])
		}
	}
	return m
}

// both runs a test with the tracer and without.
func both(t *testing.T, test func(t *testing.T, traced bool)) {
	t.Helper()
	for name, traced := range map[string]bool{"traced": true, "blind": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, traced)
		})
	}
}

// TestNobody runs all other tests as a user without privileges.
func TestNobody(t *testing.T) {
	if os.Getuid() != 0 {
		return // only root can become somebody else; this user has run the tests as itself
	}
	t.Parallel()
	path := attacks(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(filepath.Dir(path), "cage.test")
	if err := os.WriteFile(other, text, 0o755); err != nil { //nolint:gosec // another user is to run it
		t.Fatal(err)
	}
	tmp := filepath.Join(filepath.Dir(path), "tmp")
	if err := os.MkdirAll(tmp, 0o777); err != nil { //nolint:gosec // likewise
		t.Fatal(err)
	}
	if err := os.Chmod(tmp, 0o777); err != nil { //nolint:gosec // likewise
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, other, "-test.v", "-test.skip", "^TestNobody$")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), attacksVar+"="+path, "TMPDIR="+tmp, "HOME="+tmp)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("--- SKIP")) && tier.Full() {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
	t.Logf("%d tests passed as user 65534", bytes.Count(out, []byte("--- PASS")))
}
