package site_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sockets/runner/tier"
)

// tool is the path of something that CI installs with npm, outside the tree.
func tool(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("SOCKETS_TOOLS")
	if dir == "" {
		tier.Lacks(t, "SOCKETS_TOOLS is not set: .ci/run installs "+name+" and sets it")
	}
	path := filepath.Join(dir, "node_modules", name)
	if _, err := os.Stat(path); err != nil {
		tier.Lacks(t, name+" is not installed in SOCKETS_TOOLS: .ci/run does it")
	}
	return path
}

// TestValidate has html-validate judge every page against the standard.
func TestValidate(t *testing.T) {
	validate := tool(t, ".bin/html-validate")
	config, err := filepath.Abs("testdata/htmlvalidate.json")
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), validate, "--config", config, "--formatter", "text", ".")
		cmd.Dir = s.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("html-validate: %v\n%s", err, out)
		}
	})
}
