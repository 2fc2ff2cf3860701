package source

import (
	"fmt"
	"slices"
	"strings"
)

// A FragmentError says that a fragment names no region, or more than one.
type FragmentError struct {
	What  string // "main.go: main has no paragraph with unix.Bind"
	Right string // "it has: ..."
}

func (e *FragmentError) Error() string { return e.What + "; " + e.Right }

// Find is the region that the fragment names. Its errors are *FragmentError.
func (f *File) Find(fragment string) (Region, error) {
	if fragment == "" {
		return Region{1, len(f.Lines)}, nil
	}
	name, text, paragraph := strings.Cut(fragment, ":")
	decl, err := f.declaration(name)
	if err != nil || !paragraph {
		return decl.Region, err
	}
	var found []Region
	for _, p := range decl.body {
		if strings.Contains(f.Text(p), text) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Region{}, &FragmentError{
			fmt.Sprintf("%s: %s has no paragraph with %s", f.Name, name, text),
			"it has: " + f.list(decl.body),
		}
	default:
		return Region{}, &FragmentError{
			fmt.Sprintf("%s: %s has %d paragraphs with %s", f.Name, name, len(found), text),
			"choose a text that only one of them holds: " + f.list(found),
		}
	}
}

func (f *File) declaration(name string) (Decl, error) {
	i := slices.IndexFunc(f.decls, func(d Decl) bool { return d.Name == name })
	if i >= 0 {
		return f.decls[i], nil
	}
	names := make([]string, len(f.decls))
	for i, d := range f.decls {
		names[i] = d.Name
	}
	return Decl{}, &FragmentError{
		fmt.Sprintf("%s has no declaration %q", f.Name, name),
		"it has: " + strings.Join(names, ", "),
	}
}

// list quotes the first line of code of each paragraph.
func (f *File) list(regions []Region) string {
	if len(regions) == 0 {
		return "no paragraphs"
	}
	var quoted []string
	for _, r := range regions {
		line := r.Start
		for line < r.End && strings.HasPrefix(strings.TrimSpace(f.Lines[line-1]), "//") {
			line++
		}
		quoted = append(quoted, fmt.Sprintf("%d: %s", line, strings.TrimSpace(f.Lines[line-1])))
	}
	return strings.Join(quoted, " | ")
}
