//go:build amd64 || arm64

package trace

import (
	"debug/buildinfo"
	"debug/elf"
	"strings"
	"testing"
)

// openELF opens a binary and says which release of Go built it: "go1.26".
func openELF(t *testing.T, path string) (*elf.File, string) {
	t.Helper()
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	parts := strings.SplitN(info.GoVersion, ".", 3)
	return f, strings.Join(parts[:min(2, len(parts))], ".")
}
