package check

import (
	"os"
	"path/filepath"
	"testing"

	"sockets/runner/recording"
)

// A program can print a dump of goroutines that names any file; of files that are
// not the submission's no line is shown.
func TestCode(t *testing.T) {
	folder := t.TempDir()
	source := filepath.Join(folder, "s0")
	for name, text := range map[string]string{"s0/main.go": "package main\n\tfunc main() {}\n", "s1/main.go": "package main // somebody else's\n"} {
		name = filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := task
	task = &Task{Source: source}
	t.Cleanup(func() { task = before })
	for _, c := range []struct {
		file string
		line int
		want string
	}{
		{"main.go", 2, "func main() {}"},
		{"main.go", 9, ""},
		{"../s1/main.go", 1, ""},
		{"../s0/main.go", 1, ""},
		{filepath.Join(folder, "s1", "main.go"), 1, ""},
	} {
		if got := code(recording.Place{File: c.file, Line: c.line}); got != c.want {
			t.Errorf("code(%s:%d) = %q, want %q", c.file, c.line, got, c.want)
		}
	}
}
