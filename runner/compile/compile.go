// Package compile turns the lessons' programs into binaries with the go
// command, and says what went into each: a program's [Inputs] name every package
// it is made of, with the go command's own digest of the compiled package. Two
// builds with equal inputs give the same program, so a run of it need not be
// repeated; an edit of a comment that moves no line changes nothing, an edit in
// any imported package changes exactly the programs that import it.
//
// Asking for the inputs compiles but does not link, and is cheap when nothing
// changed. Programs are built as the lessons' readers would build them, but
// without cgo, so that their resolver and their calls are Go's own, and with
// inlining off in the lessons' own packages, so that each call belongs to the
// line that made it.
//
// The package runs no lesson and keeps nothing between calls.
package compile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
)

// Inputs is what a program is made of: the import path of each package that is
// not of the standard library, with the digest of its compiled form, and under
// "go" the toolchain with the digest of the standard library's packages.
type Inputs map[string]string

// flags are the same for listing and building, so that both speak of the same
// packages. They are in no order that matters.
var flags = []string{"-trimpath", "-buildvcs=false", "-gcflags=sockets/lessons/...=-l"}

// An Error is the go command's complaint about the programs: a mistake in their
// source, in its own words.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

// listed is what we read of `go list -json`.
type listed struct {
	ImportPath string
	Dir        string
	BuildID    string
	Standard   bool
	Deps       []string
	Error      *struct{ Pos, Err string }
}

// List is the inputs of the packages, given by their directories relative to
// root, such as "./lessons/03". A package that does not compile makes an *Error
// that holds the complaints of all.
func List(ctx context.Context, root string, dirs []string) (map[string]Inputs, error) {
	fields := "-json=ImportPath,Dir,BuildID,Standard,Deps,Error"
	args := append([]string{"list", "-e", "-export", "-deps", fields}, flags...)
	out, err := command(ctx, root, append(args, dirs...))
	if err != nil {
		return nil, err
	}
	pkgs, err := decode(out)
	if err != nil {
		return nil, err
	}
	byDir := make(map[string]string)
	for name, p := range pkgs {
		byDir[filepath.Clean(p.Dir)] = name
	}
	inputs := make(map[string]Inputs, len(dirs))
	for _, dir := range dirs {
		// The go command reports directories with links resolved.
		abs, err := filepath.EvalSymlinks(filepath.Join(root, dir))
		if err != nil {
			return nil, fmt.Errorf("program %s: %w", dir, err)
		}
		name, ok := byDir[abs]
		if !ok {
			return nil, &Error{Text: dir + ": the go command finds no package there"}
		}
		inputs[dir] = gather(pkgs, name)
	}
	return inputs, nil
}

func decode(out []byte) (map[string]listed, error) {
	pkgs := make(map[string]listed)
	var complaints []string
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read what go list wrote: %w", err)
		}
		if p.Error != nil {
			at := p.Error.Pos
			if at != "" {
				at += ": "
			}
			complaints = append(complaints, strings.TrimSpace(at+p.Error.Err))
		}
		pkgs[p.ImportPath] = p
	}
	if len(complaints) > 0 {
		return nil, &Error{Text: strings.Join(complaints, "\n")}
	}
	return pkgs, nil
}

// gather collects the digests of a package and of all it imports.
func gather(pkgs map[string]listed, name string) Inputs {
	in := Inputs{}
	var std []string
	for _, dep := range append([]string{name}, pkgs[name].Deps...) {
		p := pkgs[dep]
		// A build ID is ACTION/CONTENT: what went in, and what came out.
		digest := path.Base(p.BuildID)
		if p.Standard {
			std = append(std, dep+" "+digest)
			continue
		}
		in[dep] = digest
	}
	sort.Strings(std)
	sum := sha256.Sum256([]byte(strings.Join(std, "\n")))
	in["go"] = fmt.Sprintf("%s %x", runtime.Version(), sum[:8])
	return in
}

// Build links the programs in the directories, relative to root, into dir, and
// gives the path of each binary. It calls the go command once, or as often as
// two programs have the same base name: one `go build -o` would silently
// overwrite one with the other.
func Build(ctx context.Context, root, dir string, dirs []string) (map[string]string, error) {
	binaries := make(map[string]string, len(dirs))
	for i, batch := range batches(dirs) {
		into := filepath.Join(dir, fmt.Sprint(i))
		if err := os.MkdirAll(into, 0o755); err != nil {
			return nil, fmt.Errorf("make a folder for binaries: %w", err)
		}
		args := append([]string{"build", "-o", into + string(filepath.Separator)}, flags...)
		if _, err := command(ctx, root, append(args, batch...)); err != nil {
			return nil, err
		}
		for _, d := range batch {
			binaries[d] = filepath.Join(into, path.Base(d)+suffix())
		}
	}
	return binaries, nil
}

func suffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// batches splits the directories so that no base name is twice in a batch.
func batches(dirs []string) [][]string {
	var all [][]string
	times := make(map[string]int)
	for _, d := range dirs {
		n := times[path.Base(d)]
		times[path.Base(d)]++
		if n == len(all) {
			all = append(all, nil)
		}
		all[n] = append(all[n], d)
	}
	return all
}
