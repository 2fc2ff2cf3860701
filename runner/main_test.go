package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sockets/runner/agent"
)

// TestMain lets the test binary be the command, so that scripts run it as its
// users do: as a process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"runner": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
		},
	})
}

// TestScripts holds the sessions of testdata/script, each in a copy of the
// little course in testdata/course.
func TestScripts(t *testing.T) {
	goEnv := environment(t)
	checkout, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// What solves an exercise is not written here again.
	solution := filepath.Join(checkout, "lessons", "05", "solution", "main.go")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, goEnv...)
			env.Vars = append(env.Vars, "CHECKOUT="+checkout)
			right := filepath.Join(env.WorkDir, "right")
			text, err := os.ReadFile(solution)
			if err = errors.Join(err, os.MkdirAll(right, 0o755)); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(right, "main.go"), text, 0o600); err != nil {
				return err
			}
			return os.CopyFS(filepath.Join(env.WorkDir, "course"), os.DirFS("testdata/course"))
		},
		Condition: func(name string) (bool, error) {
			if name != "cage" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return agent.Probe(t.Context()).Cage == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"replace": replaceCmd,
		},
	})
}

// environment is what the go command needs to find its cache and no network.
func environment(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE", "GOMODCACHE", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return []string{
		"GOCACHE=" + lines[0], "GOMODCACHE=" + lines[1], "GOROOT=" + lines[2],
		"GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod",
	}
}

// replaceCmd is "replace OLD NEW FILE": an edit that must find what it edits.
func replaceCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace OLD NEW FILE")
	}
	path := ts.MkAbs(args[2])
	text := ts.ReadFile(args[2])
	if !strings.Contains(text, args[0]) {
		ts.Fatalf("%s does not hold %q", args[2], args[0])
	}
	edited := strings.Replace(text, args[0], strings.ReplaceAll(args[1], `\n`, "\n"), 1)
	ts.Check(os.WriteFile(path, []byte(edited), 0o644))
}
