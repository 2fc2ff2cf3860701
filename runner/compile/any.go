package compile

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Program is a program of the user's, built to be seen line by line.
type Program struct {
	Name   string   // of its package's directory
	Dir    string   // of its sources, absolute
	Binary string   // where it was built
	Dirs   []string // of its module's own files, as they stand in the line table
}

// Any builds the program at the path, a directory or a single .go file of any
// module, into the folder. Inlining is off in the program's own package only, so
// that each call belongs to the line that made it. A package that does not
// compile or is no program makes an *Error.
func Any(ctx context.Context, path, into string) (*Program, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &Error{Text: fmt.Sprintf("%s is no program: %v", path, err)}
	}
	dir, target := path, "."
	if !info.IsDir() {
		dir, target = filepath.Dir(path), filepath.Base(path)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil { // as the go command names files
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	out, err := command(ctx, dir, []string{"list", "-json=ImportPath,Name", target})
	if err != nil {
		return nil, err
	}
	var p struct{ ImportPath, Name string }
	if err := json.Unmarshal(out, &p); err != nil {
		return nil, fmt.Errorf("read what go list wrote: %w", err)
	}
	if p.Name != "main" {
		return nil, &Error{Text: fmt.Sprintf("%s is package %s; only a package main is a program", path, p.Name)}
	}
	name := strings.TrimSuffix(filepath.Base(filepath.Join(dir, target)), ".go")
	binary := filepath.Join(into, name+suffix())
	build := []string{"build", "-o", binary, "-buildvcs=false", "-gcflags=" + p.ImportPath + "=-l", target}
	if _, err := command(ctx, dir, build); err != nil {
		return nil, err
	}
	return &Program{Name: name, Dir: dir, Binary: binary, Dirs: []string{dir}}, nil
}
