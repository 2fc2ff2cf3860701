package page

import (
	"bytes"
	"fmt"
	"html/template"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"sockets/site"
)

// A teachersView is the page for who teaches with the site, part by part.
type (
	teachersView struct{ Parts []teachersPart }
	teachersPart struct {
		ID, Title string
		HTML      template.HTML
	}
)

// teachers is the page of teachers.md in the site's folder. Unlike a commentary it
// is ours: it may hold code that is of no program, and it is the same whatever
// lessons there are. Its first paragraph is the summary.
func (w *writer) teachers() (layoutView, error) {
	v := layoutView{Kind: "teachers", Here: "teachers"}
	src, err := site.Files.ReadFile("teachers.md")
	if err != nil {
		return v, fmt.Errorf("read the page for teachers: %w", err)
	}
	b := &builder{Page: &Page{ids: map[string]bool{"main": true}}, src: src}
	doc := markdown.Parser().Parse(text.NewReader(src))
	var body teachersView
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		h, _ := n.(*ast.Heading)
		switch {
		case h != nil && h.Level == 1:
			v.Title = b.text(h)
		case h != nil:
			part := teachersPart{ID: b.id(b.text(h)), Title: b.text(h)}
			body.Parts = append(body.Parts, part)
			v.TOC = append(v.TOC, tocEntry{ID: part.ID, Text: part.Title})
		case len(body.Parts) == 0:
			v.Description = b.text(n)
		default:
			_ = ast.Walk(n, func(n ast.Node, _ bool) (ast.WalkStatus, error) { // the walker returns no error
				if l, ok := n.(*ast.Link); ok && external(string(l.Destination)) {
					l.SetAttributeString("rel", []byte("noopener"))
				}
				return ast.WalkContinue, nil
			})
			var html bytes.Buffer
			if err := markdown.Renderer().Render(&html, src, n); err != nil {
				return v, fmt.Errorf("render the page for teachers: %w", err)
			}
			body.Parts[len(body.Parts)-1].HTML += template.HTML(html.String()) //nolint:gosec // goldmark's, which renders no raw HTML
		}
	}
	v.Body = body
	return v, nil
}
