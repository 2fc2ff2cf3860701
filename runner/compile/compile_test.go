package compile

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// module writes a module with two lessons, of which 01 imports the lab, and a
// pitfall of each under the same name.
func module(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                        "module sockets\n\ngo 1.26.0\n",
		"lessons/lab/lab.go":            "package lab\n\nfunc Greet() string { return \"hello\" }\n",
		"lessons/01/main.go":            "package main\n\nimport \"sockets/lessons/lab\"\n\n// main greets.\nfunc main() { println(lab.Greet()) }\n",
		"lessons/02/main.go":            "package main\n\nfunc main() { println(\"two\") }\n",
		"lessons/01/pitfalls/a/main.go": "package main\n\nfunc main() { println(\"01a\") }\n",
		"lessons/02/pitfalls/a/main.go": "package main\n\nfunc main() { println(\"02a\") }\n",
	} {
		put(t, filepath.Join(root, name), text)
	}
	return root
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, path, old, text string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %q", path, old)
	}
	put(t, path, strings.Replace(string(data), old, text, 1))
}

var dirs = []string{"./lessons/01", "./lessons/02", "./lessons/01/pitfalls/a", "./lessons/02/pitfalls/a"}

func list(t *testing.T, root string) map[string]Inputs {
	t.Helper()
	inputs, err := List(t.Context(), root, dirs)
	if err != nil {
		t.Fatal(err)
	}
	return inputs
}

func TestList(t *testing.T) {
	root := module(t)
	before := list(t, root)
	if diff := cmp.Diff(before, list(t, root)); diff != "" {
		t.Errorf("nothing changed, but the inputs did (-first +second):\n%s", diff)
	}
	if _, ok := before["./lessons/01"]["sockets/lessons/lab"]; !ok || len(before["./lessons/01"]) != 3 {
		t.Errorf("inputs of lesson 01 = %v, want itself, the lab and go", before["./lessons/01"])
	}

	edit(t, filepath.Join(root, "lessons/01/main.go"), "greets", "hails!")
	if diff := cmp.Diff(before, list(t, root)); diff != "" {
		t.Errorf("a comment changed, and so did the inputs (-before +after):\n%s", diff)
	}

	edit(t, filepath.Join(root, "lessons/lab/lab.go"), "hello", "hullo")
	after := list(t, root)
	for _, d := range dirs {
		changed := !cmp.Equal(before[d], after[d])
		if want := d == "./lessons/01"; changed != want {
			t.Errorf("the lab changed; inputs of %s changed: %v, want %v", d, changed, want)
		}
	}
}

func TestListReportsAllThatDoesNotCompile(t *testing.T) {
	root := module(t)
	edit(t, filepath.Join(root, "lessons/01/main.go"), "lab.Greet()", "lab.Missing()")
	edit(t, filepath.Join(root, "lessons/02/main.go"), `"two"`, "two")
	_, err := List(t.Context(), root, dirs)
	var broken *Error
	if !errors.As(err, &broken) {
		t.Fatalf("List = %v, want a *compile.Error", err)
	}
	for _, want := range []string{"lessons/01/main.go:6:", "undefined: lab.Missing", "lessons/02/main.go:3:", "undefined: two"} {
		if !strings.Contains(broken.Text, want) {
			t.Errorf("the complaint lacks %q:\n%s", want, broken.Text)
		}
	}
}

func TestListOfNoPackage(t *testing.T) {
	root := module(t)
	if err := os.Mkdir(filepath.Join(root, "lessons/03"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := List(t.Context(), root, []string{"./lessons/03"})
	var broken *Error
	if !errors.As(err, &broken) || !strings.Contains(broken.Text, "lessons/03") {
		t.Errorf("List = %v, want a *compile.Error that names lessons/03", err)
	}
}

func TestBuild(t *testing.T) {
	root := module(t)
	binaries, err := Build(t.Context(), root, t.TempDir(), dirs)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for d, path := range binaries {
		out, err := exec.CommandContext(t.Context(), path).CombinedOutput()
		if err != nil {
			t.Fatal(err)
		}
		got[d] = strings.TrimSpace(string(out))
	}
	want := map[string]string{
		"./lessons/01": "hello", "./lessons/02": "two",
		"./lessons/01/pitfalls/a": "01a", "./lessons/02/pitfalls/a": "02a",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the binaries print (-want +got):\n%s", diff)
	}
}

func TestBuildIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, module(t), t.TempDir(), dirs); !errors.Is(err, context.Canceled) {
		t.Errorf("Build = %v, want context.Canceled", err)
	}
}
