package handin

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"slices"
	"strconv"
	"strings"
)

// modules are those that a program may import, but for the standard library.
var modules = []string{"golang.org/x/sys", "golang.org/x/net"}

// needed are those that packages of the modules import themselves. A program may
// not.
var needed = []string{"golang.org/x/text", "golang.org/x/term", "golang.org/x/crypto"}

// check holds the files to the policy, see the package's comment.
func (s *Submission) check() (ms Mistakes) {
	if len(s.Files) == 0 {
		return Mistakes{{File: "main.go", Text: "there is no .go file in the folder that was handed in"}}
	}
	var kept []File
	for _, f := range s.Files {
		ms = append(ms, f.check(s.lab)...)
		if f.matches() {
			kept = append(kept, f)
		} else {
			s.Left = append(s.Left, f.Name)
		}
	}
	if len(kept) == 0 && len(ms) == 0 {
		ms = Mistakes{{File: s.Files[0].Name, Text: "a build constraint leaves it out on Linux, and there is no other file"}}
	}
	s.Files = kept
	return ms
}

// matches reports whether the file is compiled on Linux. One that can't be read
// is for the parser to complain of.
func (f File) matches() bool {
	c := build.Default
	c.GOOS, c.CgoEnabled, c.UseAllFiles = "linux", false, false
	c.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.Text)), nil }
	ok, err := c.MatchFile(".", f.Name)
	return ok || err != nil
}

func (f File) check(lab bool) (ms Mistakes) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, f.Name, f.Text, parser.ParseComments|parser.SkipObjectResolution)
	add := func(pos token.Pos, format string, args ...any) {
		// Not as a line comment has it.
		ms = append(ms, Mistake{f.Name, set.PositionFor(pos, false).Line, fmt.Sprintf(format, args...)})
	}
	if file != nil {
		for _, group := range file.Comments {
			for _, c := range group.List {
				if why := forbidden(c.Text); why != "" {
					add(c.Pos(), "%s", why)
				}
			}
		}
	}
	if err != nil {
		var list scanner.ErrorList
		if errors.As(err, &list) {
			list.RemoveMultiples()
			for _, e := range list[:min(len(list), 10)] {
				ms = append(ms, Mistake{f.Name, e.Pos.Line, e.Msg})
			}
			return ms
		}
		return append(ms, Mistake{File: f.Name, Text: err.Error()})
	}
	if file.Name.Name != "main" {
		add(file.Name.Pos(), "it is package %s; a program is package main", file.Name.Name)
	}
	for _, imp := range file.Imports {
		if why := unwanted(imp, lab); why != "" {
			add(imp.Pos(), "%s", why)
		}
	}
	return ms
}

// forbidden says why a comment may not be, or nothing.
func forbidden(text string) string {
	if strings.HasPrefix(text, "/*line ") || strings.HasPrefix(text, "//line ") {
		return "a line comment lets the compiler speak of another file; leave it out"
	}
	directive, ok := strings.CutPrefix(text, "//go:")
	if constraint.IsGoBuild(text) || constraint.IsPlusBuild(text) || !ok {
		if strings.HasPrefix(text, "//export ") || strings.HasPrefix(text, "//extern ") {
			return "there is no cgo here; leave it out"
		}
		return ""
	}
	name, _, _ := strings.Cut(directive, " ")
	if slices.Contains([]string{"noinline", "generate", "norace", "nosplit", "fix"}, strings.TrimSpace(name)) {
		return ""
	}
	return fmt.Sprintf("//go:%s is not allowed: a program is its own source and nothing else", name)
}

// unwanted says why an import may not be, or nothing.
func unwanted(imp *ast.ImportSpec, lab bool) string {
	name, err := strconv.Unquote(imp.Path.Value)
	switch {
	case err != nil:
		return "the import path can't be read"
	case name == "C":
		return "there is no cgo here; use package net, or golang.org/x/sys/unix"
	case strings.HasPrefix(name, "."), strings.HasPrefix(name, "/"):
		return fmt.Sprintf("%q is a path; a program is the files of one folder", name)
	}
	if lab && strings.HasPrefix(name, labPath+"/") {
		return ""
	}
	first, _, _ := strings.Cut(name, "/")
	if !strings.Contains(first, ".") {
		if first == "sockets" || first == "student" || slices.Contains(strings.Split(name, "/"), "internal") || first == "vendor" || first == "cmd" {
			return fmt.Sprintf("%q is not yours to import; what is allowed: the standard library and %s", name, strings.Join(modules, ", "))
		}
		return ""
	}
	for _, m := range modules {
		if name == m || strings.HasPrefix(name, m+"/") {
			return ""
		}
	}
	return fmt.Sprintf("%q is not allowed; what is: the standard library and %s", name, strings.Join(modules, ", "))
}
