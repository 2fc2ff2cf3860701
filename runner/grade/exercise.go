package grade

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sockets/runner/check"
	"sockets/runner/report"
)

// Exercise reads what a lesson's exercise asks for from its check_test.go,
// without running it: what is not there to be graded is listed all the same.
// The arguments of Main, Points, Describe and Hidden must be literals. A standing
// check says nothing of itself: see [check.Standing].
func Exercise(file, number string) (report.Exercise, error) {
	e := report.Exercise{Number: number}
	text, err := os.ReadFile(file)
	if err != nil {
		return e, fmt.Errorf("read the checks of exercise %s: %w", number, err)
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
	if err != nil {
		return e, fmt.Errorf("read the checks of exercise %s: %w", number, err)
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") {
			continue
		}
		c := report.Check{Name: strings.TrimPrefix(f.Name.Name, "Test")}
		var wrong error
		ast.Inspect(f.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && wrong == nil {
				wrong = declare(&e, &c, call)
			}
			return wrong == nil
		})
		if wrong == nil && f.Name.Name != "TestMain" && c.Points == 0 {
			wrong = fmt.Errorf("%s begins without check.Points", f.Name.Name)
		}
		if wrong != nil {
			return e, fmt.Errorf("%s: %w", set.Position(f.Pos()), wrong)
		}
		if f.Name.Name == "TestMain" {
			continue
		}
		var code bytes.Buffer
		if err := format.Node(&code, set, f); err != nil {
			return e, fmt.Errorf("%s: %w", set.Position(f.Pos()), err)
		}
		c.Code = code.String()
		e.Checks = append(e.Checks, c)
	}
	if e.Name == "" || len(e.Checks) == 0 {
		return e, fmt.Errorf("%s: an exercise has a TestMain that calls check.Main with its name, and at least one check", filepath.Base(file))
	}
	return e, nil
}

// declare takes a call of package check for what it says about the exercise.
func declare(e *report.Exercise, c *report.Check, call *ast.CallExpr) error {
	at, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if from, ok := at.X.(*ast.Ident); !ok || from.Name != "check" {
		return nil
	}
	value := func() (string, error) {
		if len(call.Args) == 2 {
			if l, ok := call.Args[1].(*ast.BasicLit); ok {
				return l.Value, nil
			}
		}
		return "", fmt.Errorf("check.%s takes a literal", at.Sel.Name)
	}
	if standing, ok := check.Standing[at.Sel.Name]; ok {
		c.Points, c.Description = standing.Points, standing.Description
		return nil
	}
	var text string
	var err error
	switch at.Sel.Name {
	case "Hidden":
		c.Hidden = true
		return nil
	case "Main", "Describe", "Points":
		if text, err = value(); err != nil {
			return err
		}
	}
	switch at.Sel.Name {
	case "Main":
		e.Name, err = strconv.Unquote(text)
	case "Describe":
		c.Description, err = strconv.Unquote(text)
	case "Points":
		c.Points, err = strconv.Atoi(text)
	}
	return err
}
