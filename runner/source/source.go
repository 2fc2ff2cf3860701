// Package source finds regions in Go programs, so that a commentary can point
// at a piece of a program without a marker in it.
//
// A region is named by a fragment, as in main.go#FRAGMENT:
//
//	(empty)       the whole file
//	import        package clause, what stands above it, and the imports
//	serve         a top-level declaration with its doc comment
//	Conn.Read     a method
//	main:dial(    the one paragraph of func main that holds this text
//
// A paragraph of a function is what people already write: statements with no
// blank line between them, with the comment above. A blank line inside a nested
// block, a literal or a call does not split its paragraph.
//
// The package parses text. It does not type-check, run or change programs.
package source

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// A File is a Go program's source, parsed.
type File struct {
	Name  string   // as the author wrote it: "main.go"
	Lines []string // without their newlines
	decls []Decl
}

// A Region is a span of whole lines, from 1, both ends included.
type Region struct{ Start, End int }

// A Decl is a top-level declaration: its name as a fragment, and its region
// with the doc comment.
type Decl struct {
	Name   string // "main", "Conn.Read", "defaultPort", "import"
	Region Region
	body   []Region // the paragraphs, if it is a function
}

// Parse reads a Go source file.
func Parse(name string, src []byte) (*File, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	f := &File{Name: name, Lines: strings.Split(strings.TrimSuffix(string(src), "\n"), "\n")}
	// PositionFor ignores //line comments: we want the lines of this file.
	line := func(p token.Pos) int { return fset.PositionFor(p, false).Line }
	head := Decl{Name: "import", Region: Region{1, line(tree.Name.End())}}
	f.decls = append(f.decls, head)
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			f.decls = append(f.decls, f.function(d, line))
		case *ast.GenDecl:
			f.general(d, line)
		}
	}
	return f, nil
}

// function describes a function or method.
func (f *File) function(d *ast.FuncDecl, line func(token.Pos) int) Decl {
	name := d.Name.Name
	if d.Recv != nil && len(d.Recv.List) == 1 {
		name = receiver(d.Recv.List[0].Type) + "." + name
	}
	decl := Decl{Name: name, Region: span(d, d.Doc, line)}
	if d.Body != nil {
		decl.body = f.paragraphs(d.Body, line)
	}
	return decl
}

// receiver is the name of a method's type, without its star and parameters.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return "?"
}

// general describes imports, constants, variables and types. A group in
// parentheses is one region under each of its names.
func (f *File) general(d *ast.GenDecl, line func(token.Pos) int) {
	region := span(d, d.Doc, line)
	if d.Tok == token.IMPORT {
		f.decls[0].Region.End = max(f.decls[0].Region.End, region.End)
		return
	}
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			f.decls = append(f.decls, Decl{Name: s.Name.Name, Region: region})
		case *ast.ValueSpec:
			for _, n := range s.Names {
				f.decls = append(f.decls, Decl{Name: n.Name, Region: region})
			}
		}
	}
}

func span(n ast.Node, doc *ast.CommentGroup, line func(token.Pos) int) Region {
	start := line(n.Pos())
	if doc != nil {
		start = line(doc.Pos())
	}
	return Region{start, line(n.End())}
}

// paragraphs splits a function's body at the blank lines that lie between its
// own statements.
func (f *File) paragraphs(body *ast.BlockStmt, line func(token.Pos) int) []Region {
	first, last := line(body.Lbrace)+1, line(body.Rbrace)-1
	inside := make(map[int]bool) // lines within one statement
	for _, s := range body.List {
		for l := line(s.Pos()); l <= line(s.End()); l++ {
			inside[l] = true
		}
	}
	var regions []Region
	start := 0
	for l := first; l <= last+1; l++ {
		blank := l > last || !inside[l] && strings.TrimSpace(f.Lines[l-1]) == ""
		switch {
		case !blank && start == 0:
			start = l
		case blank && start > 0:
			regions = append(regions, Region{start, l - 1})
			start = 0
		}
	}
	return regions
}

// Decls is the file's top-level declarations in order, the head of the file
// first, as "import".
func (f *File) Decls() []Decl { return f.decls }

// Text is the lines of the region.
func (f *File) Text(r Region) string {
	return strings.Join(f.Lines[r.Start-1:r.End], "\n") + "\n"
}
