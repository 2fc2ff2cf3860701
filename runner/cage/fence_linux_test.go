//go:build amd64 || arm64

package cage_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sockets/runner/agent"
	"sockets/runner/cage"
	"sockets/runner/pocket"
	"sockets/runner/tier"
)

// TestFence holds a program without namespaces.
func TestFence(t *testing.T) {
	path := attacks(t)
	if l := agent.Probe(t.Context()); l.Fence != nil {
		tier.Lacks(t, l.Fence.Error())
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("the expected answer"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := "fence-test-" + strconv.Itoa(os.Getpid())
	var addrs []string
	for network, addr := range map[string]string{"tcp4": "127.0.0.1:0", "tcp": "127.0.0.1:0", "unix": "@" + name} {
		ln, err := net.Listen(network, addr) //nolint:noctx // at once
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ln.Close() })
		if network != "unix" {
			addrs = append(addrs, ln.Addr().String())
		}
	}
	_, port, err := net.SplitHostPort(addrs[0])
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	both(t, func(t *testing.T, traced bool) {
		t.Helper()
		o := agent.Order{
			Path: path, Args: []string{"fenced", secret, strconv.Itoa(os.Getpid()), addrs[0], addrs[1], name},
			Dir: t.TempDir(), Env: []string{"HOME=/"}, Untraced: !traced, Ports: []uint16{uint16(number)},
		}
		s, err := agent.Run(t.Context(), agent.Spec{
			Cage: &cage.Limits{},
			Up:   func(context.Context, *pocket.Pocket) (agent.Order, error) { return o, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		if s.End.Code != 0 || s.Cage != cage.LevelC || s.Cage.Confined() {
			t.Errorf("End = %+v at level %s: %s", s.End, s.Cage, s.End.Stderr)
		}
		checked := 0
		for name, result := range tries(s) {
			want := "ok"
			if strings.HasPrefix(name, "no ") {
				want = "EACCES EPERM EAFNOSUPPORT ENOENT"
			} else if strings.Contains(string(s.End.Stdout), "\n"+name+":\t") {
				continue // a line of status
			}
			checked++
			if !strings.Contains(want, result) {
				t.Errorf("%s: %s, want %s", name, result, want)
			}
		}
		if checked < 20 {
			t.Errorf("only %d tries: %s", checked, s.End.Stdout)
		}
		if os.Getuid() == 0 { // others have none, and can't give up what they might have
			privileges(t, s, "0000000000000000")
		}
	})
}
