package grade

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"sockets/runner/process"
)

// A Refusal is why a submission can't be built, for its author to read.
type Refusal struct{ Text string }

func (r *Refusal) Error() string { return r.Text }

// Bounds of a submission's sources.
const (
	maxFiles = 50
	maxSize  = 1 << 20 // bytes of a file
	building = 2 * time.Minute
)

// module is the name that a submission's module gets.
const module = "submission"

// build builds the submission in dir into the folder, in a module of our own: of
// what the student wrote only the .go files of that one directory count.
func build(ctx context.Context, root, dir, folder string) (binary string, err error) {
	from := filepath.Join(folder, "src")
	if err := os.MkdirAll(from, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for the submission: %w", err)
	}
	if err := collect(dir, from); err != nil {
		return "", err
	}
	if err := ownModule(root, from); err != nil {
		return "", err
	}
	binary = filepath.Join(folder, "program")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	return binary, command(ctx, from, "build", "-trimpath", "-buildvcs=false", "-gcflags="+module+"=-l", "-o", binary, ".")
}

// command runs the go command. Its complaint is a *Refusal.
func command(ctx context.Context, dir string, args ...string) error {
	end, err := process.Run(ctx, process.Command{
		Path: "go", Args: args, Dir: dir, Limit: building,
		Env: append(os.Environ(), "CGO_ENABLED=0", "GOENV=off", "GOWORK=off", "GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local", "GOPROXY=off"),
	})
	switch {
	case err != nil:
		return err
	case end.Late:
		return &Refusal{fmt.Sprintf("It was not compiled after %v.", building)}
	case end.Code != 0:
		return &Refusal{strings.TrimSpace(string(end.Stderr))}
	}
	return nil
}

// collect copies the sources that count. A link could lead anywhere, so only
// regular files with no other name are taken.
func collect(dir, into string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return &Refusal{fmt.Sprintf("%s can't be read: %v", dir, err)}
	}
	defer func() { _ = root.Close() }()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &Refusal{fmt.Sprintf("%s can't be read: %v", dir, err)}
	}
	n := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if n++; n > maxFiles {
			return &Refusal{fmt.Sprintf("%s has more than %d .go files.", dir, maxFiles)}
		}
		info, err := root.Lstat(e.Name())
		if err != nil {
			return &Refusal{err.Error()}
		}
		if !info.Mode().IsRegular() || links(info) > 1 {
			return &Refusal{fmt.Sprintf("%s is no regular file of its own; copy the file itself there.", e.Name())}
		}
		if info.Size() > maxSize {
			return &Refusal{fmt.Sprintf("%s has %d bytes; %d are the most.", e.Name(), info.Size(), maxSize)}
		}
		text, err := root.ReadFile(e.Name())
		if err != nil {
			return &Refusal{err.Error()}
		}
		if err := allowed(e.Name(), text); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(into, e.Name()), text, 0o600); err != nil {
			return fmt.Errorf("copy the submission: %w", err)
		}
	}
	if n == 0 {
		return &Refusal{fmt.Sprintf("There is no .go file in %s.", dir)}
	}
	return nil
}

// imports are the modules that a submission may use beside the standard library.
var imports = []string{"golang.org/x/sys", "golang.org/x/net"}

var spoof = regexp.MustCompile(`(?m)^\s*//line |/\*line |^\s*//go:(embed|linkname|cgo_)`)

// allowed refuses a source that uses what it may not.
func allowed(name string, text []byte) error {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, text, parser.ImportsOnly)
	if err != nil {
		return &Refusal{err.Error()}
	}
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return &Refusal{err.Error()}
		}
		first, _, _ := strings.Cut(path, "/")
		own := slices.ContainsFunc(imports, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") })
		if path == "C" || strings.Contains(first, ".") && !own || first == "sockets" || first == module || strings.HasPrefix(path, ".") {
			return &Refusal{fmt.Sprintf("%s: import %q: the standard library, %s may be used.", set.Position(i.Pos()), path, strings.Join(imports, " and "))}
		}
	}
	if at := spoof.FindIndex(text); at != nil {
		line := 1 + strings.Count(string(text[:at[1]]), "\n")
		return &Refusal{fmt.Sprintf("%s:%d: directives to the compiler and linker may not be used.", name, line)}
	}
	return nil
}

var moduleLine = regexp.MustCompile(`(?m)^module .*$`)

// ownModule makes a module of the folder, with the versions that we have.
func ownModule(root, folder string) error {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return fmt.Errorf("make a module for the submission: %w", err)
	}
	mod = moduleLine.ReplaceAll(mod, []byte("module "+module))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("make a module for the submission: %w", err)
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "go.mod"), mod, 0o600),
		os.WriteFile(filepath.Join(folder, "go.sum"), sum, 0o600),
	)
}
