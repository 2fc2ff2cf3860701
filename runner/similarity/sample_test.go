package similarity

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// independent are six solutions of one small task, written apart.
func independent(tb testing.TB) []Submission {
	tb.Helper()
	names, err := filepath.Glob("testdata/independent/*.txt")
	if err != nil || len(names) != 6 {
		tb.Fatalf("%d solutions in testdata, want 6; %v", len(names), err)
	}
	var all []Submission
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := format.Source(b); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		all = append(all, one(strings.TrimSuffix(filepath.Base(name), ".txt"), b))
	}
	return all
}

func one(name string, source []byte) Submission {
	return Submission{Name: name, Files: []File{{Name: "main.go", Source: source}}}
}

func stub(tb testing.TB) []File {
	tb.Helper()
	b, err := os.ReadFile("testdata/stub.txt")
	if err != nil {
		tb.Fatal(err)
	}
	return []File{{Name: "main.go", Source: b}}
}

// disguises are what a copier does to a file.
var disguises = map[string]func(testing.TB, []byte) []byte{
	"nothing": func(_ testing.TB, b []byte) []byte { return b },
	"other names": func(tb testing.TB, b []byte) []byte {
		tb.Helper()
		return rewrite(tb, b, func(f *ast.File) {
			ast.Inspect(f, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && id.Name != "main" {
					id.Name = "x" + strings.ToUpper(id.Name)
				}
				return true
			})
		})
	},
	"functions in another order": func(tb testing.TB, b []byte) []byte {
		tb.Helper()
		return rewrite(tb, b, func(f *ast.File) {
			f.Comments = nil
			slices.Reverse(f.Decls)
			// Imports stay in front, or it is no Go.
			slices.SortStableFunc(f.Decls, func(x, y ast.Decl) int { return isImport(y) - isImport(x) })
		})
	},
	"other comments": func(tb testing.TB, b []byte) []byte {
		tb.Helper()
		b = rewrite(tb, b, func(f *ast.File) { f.Comments = nil })
		return bytes.ReplaceAll(b, []byte("\n"), []byte(" // my own work\n"))
	},
	"other layout": func(_ testing.TB, b []byte) []byte {
		b = bytes.ReplaceAll(b, []byte("\t"), []byte("    "))
		b = bytes.ReplaceAll(b, []byte("{\n"), []byte("{\n\n\n"))
		return bytes.ReplaceAll(b, []byte(", "), []byte(",\n"))
	},
	"other values": func(tb testing.TB, b []byte) []byte {
		tb.Helper()
		return rewrite(tb, b, func(f *ast.File) {
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.INT {
					lit.Value = "7" + lit.Value
				}
				return true
			})
		})
	},
	"a line that moves places": func(_ testing.TB, b []byte) []byte {
		return append([]byte("//line other.go:9000\n"), b...)
	},
}

func isImport(d ast.Decl) int {
	if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
		return 1
	}
	return 0
}

func rewrite(tb testing.TB, b []byte, change func(*ast.File)) []byte {
	tb.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "main.go", b, parser.ParseComments)
	if err != nil {
		tb.Fatal(err)
	}
	change(f)
	var out bytes.Buffer
	if err := printer.Fprint(&out, set, f); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}
