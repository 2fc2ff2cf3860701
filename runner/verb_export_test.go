package main

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestExportWithoutChromium checks that a machine that can't print is the
// machine's failure, not the reader's.
func TestExportWithoutChromium(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("it may be among the applications")
	}
	t.Setenv("PATH", t.TempDir())
	var stdout, stderr bytes.Buffer
	code := command(t.Context(), []string{"export", "02", "--replay", "-f", "pdf", "-o", filepath.Join(t.TempDir(), "x.pdf")}, &stdout, &stderr)
	if code != exitFailed || !strings.Contains(stderr.String(), "install Chromium") || stdout.Len() > 0 {
		t.Errorf("exit code %d, stdout %q, stderr %q; want %d and what to install", code, stdout.String(), stderr.String(), exitFailed)
	}
}
