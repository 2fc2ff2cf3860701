package page

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
)

const linkRight = "a link leads to https://..., to #a-heading, to ../NN/lesson.md, or to a file of the lesson: main.go, pitfalls/NAME/main.go, recordings/NAME.jsonl"

// A crossLink leads to another lesson; only the whole site knows whether it is
// there.
type crossLink struct {
	number, fragment string
	line             int
}

var (
	otherLesson   = regexp.MustCompile(`^\.\./([0-9][0-9])/(?:lesson\.md)?$`)
	sourceFile    = regexp.MustCompile(`^(?:pitfalls/[a-z0-9]+(?:-[a-z0-9]+)*/)?[a-z0-9_]+\.go$`)
	recordingFile = regexp.MustCompile(`^recordings/([a-z0-9]+(?:-[a-z0-9]+)*)\.jsonl$`)
	lineFragment  = regexp.MustCompile(`^L([0-9]+)$`)
)

// external reports whether the destination is a whole https URL.
func external(dest string) bool {
	u, err := url.Parse(dest)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil
}

// split cuts a destination in path and fragment, percent signs decoded where
// they decode.
func split(dest string) (file, fragment string) {
	file, fragment, _ = strings.Cut(dest, "#")
	if s, err := url.PathUnescape(fragment); err == nil {
		fragment = s
	}
	return file, fragment
}

// resolveLink turns the destination of a link in prose into a link of the site.
func (b *builder) resolveLink(n *ast.Link) {
	dest := string(n.Destination)
	if external(dest) {
		n.SetAttributeString("rel", []byte("noopener"))
		return
	}
	href, err := b.internal(dest, n.Pos())
	if err != nil {
		right := linkRight
		var f *linkError
		if errors.As(err, &f) {
			right = f.right
		}
		b.mistake(n.Pos(), err.Error(), right)
		href = "#main" // a page with mistakes is never written
	}
	n.Destination = []byte(href)
}

type linkError struct{ what, right string }

func (e *linkError) Error() string { return e.what }

// internal is where a link within the site leads.
func (b *builder) internal(dest string, offset int) (string, error) {
	file, fragment := split(dest)
	switch {
	case file == "" && fragment != "":
		b.anchors = append(b.anchors, anchor{fragment, offset})
		return "#" + url.PathEscape(fragment), nil
	case otherLesson.MatchString(file):
		number := otherLesson.FindStringSubmatch(file)[1]
		b.links = append(b.links, crossLink{number, fragment, b.Lesson.LineAt(offset)})
		if fragment != "" {
			return "../" + number + "/index.html#" + url.PathEscape(fragment), nil
		}
		return "../" + number + "/index.html", nil
	case sourceFile.MatchString(file):
		return b.sourceLink(file, fragment, offset)
	case recordingFile.MatchString(file) && fragment == "":
		run := recordingFile.FindStringSubmatch(file)[1]
		if _, ok := b.Lesson.Run(run); !ok {
			return "", &linkError{"there is no run " + run, b.runsRight()}
		}
		return run + ".jsonl", nil
	}
	return "", fmt.Errorf("a link to %q", dest)
}

// sourceLink leads to the page of a source file, at the region's first line.
func (b *builder) sourceLink(file, fragment string, offset int) (string, error) {
	p := b.program(file, offset)
	if p == nil {
		return "#main", nil // a mistake already
	}
	if m := lineFragment.FindStringSubmatch(fragment); m != nil {
		var line int
		if _, err := fmt.Sscan(m[1], &line); err != nil || line < 1 || line > len(p.file.Lines) {
			return "", &linkError{fmt.Sprintf("%s has no line %s", file, m[1]), fmt.Sprintf("it has %d lines", len(p.file.Lines))}
		}
		return file + ".html#" + fragment, nil
	}
	r, err := p.file.Find(fragment)
	if err != nil {
		return "", fragmentMistake(err)
	}
	if fragment == "" {
		return file + ".html", nil
	}
	return fmt.Sprintf("%s.html#L%d", file, r.Start), nil
}

// An anchor is a link within the page.
type anchor struct {
	fragment string
	offset   int
}

// checkAnchors holds the links within the page to the ids it has.
func (b *builder) checkAnchors() {
	for _, a := range b.anchors {
		if !b.ids[a.fragment] {
			b.mistake(a.offset, fmt.Sprintf("a link to #%s, which the page does not have", a.fragment), "the id of a heading is its words in lower case joined by hyphens; of a term, term- before them")
		}
	}
}

// elsewhere is the destination of a link of the lesson's page, as a page at the
// root of the site has it.
func elsewhere(number, href string) string {
	switch {
	case external(href):
		return href
	case strings.HasPrefix(href, "#"):
		return number + "/index.html" + href
	}
	return path.Join(number, href)
}

// reason is an error of the file system without the path that it repeats.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}
