package compile

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAny(t *testing.T) {
	root := module(t)
	for _, path := range []string{"lessons/02", "lessons/02/main.go", "lessons/01"} {
		p, err := Any(t.Context(), filepath.Join(root, path), t.TempDir())
		if err != nil {
			t.Fatalf("Any(%s): %v", path, err)
		}
		out, err := exec.CommandContext(t.Context(), p.Binary).CombinedOutput()
		if err != nil || len(out) == 0 {
			t.Errorf("Any(%s) built a program that says %q, %v", path, out, err)
		}
		if !strings.HasSuffix(p.Dir, strings.TrimSuffix(path, "/main.go")) {
			t.Errorf("Any(%s).Dir = %s", path, p.Dir)
		}
	}
	for path, want := range map[string]string{
		"lessons/lab":  "only a package main is a program",
		"lessons/none": "is no program",
	} {
		_, err := Any(t.Context(), filepath.Join(root, path), t.TempDir())
		var complaint *Error
		if !errors.As(err, &complaint) || !strings.Contains(err.Error(), want) {
			t.Errorf("Any(%s) = %v, want an *Error with %q", path, err, want)
		}
	}
	put(t, filepath.Join(root, "lessons/02/main.go"), "package main\n\nfunc main() { printl() }\n")
	if _, err := Any(t.Context(), filepath.Join(root, "lessons/02"), t.TempDir()); err == nil || !strings.Contains(err.Error(), "undefined: printl") {
		t.Errorf("Any of a program that does not compile = %v", err)
	}
}
