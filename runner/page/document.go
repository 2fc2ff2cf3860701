package page

import (
	"bytes"
	"fmt"

	"sockets/runner/lesson"
)

// A Document is a lesson as HTML for another format than the site: its pages
// between header and footer, from the same templates. No file lies beside it, so that some links of it lead
// to pages that only the site has; who takes a Document sees to them.
type Document struct {
	Page     []byte // the whole page, from <!DOCTYPE html>
	Exercise []byte // what the page of its exercise holds; nil if it has none
	Sources  []Source
}

// A Source is the page of one of the lesson's programs.
type Source struct {
	Name string // "main.go"
	HTML []byte // what it holds
}

// Document is the lesson of the page. What its author got wrong, as far as it
// shows only beside the runs, is a lesson.Mistakes.
func (s *Site) Document(p *Page) (*Document, error) {
	r := s.whole(p)
	v := layoutView{
		Kind: "lesson", Title: p.Lesson.Number + " " + p.Lesson.Title, Description: p.Lesson.Summary,
		Lesson: p.Lesson, TOC: p.toc(), Body: r.view(), Root: "../",
	}
	if s.BaseURL != "" {
		v.Canonical = s.BaseURL + p.Lesson.Number + "/"
	}
	d := &Document{}
	var err error
	if d.Page, err = fragment("lesson", "layout.html", v); err != nil {
		return nil, err
	}
	if e := r.exerciseView(); e != nil {
		if d.Exercise, err = fragment("exercise", "content", layoutView{Kind: "exercise", Root: "../", Lesson: p.Lesson, Body: *e}); err != nil {
			return nil, err
		}
	}
	for _, name := range p.sources() {
		html, err := fragment("source", "content", layoutView{Kind: "source", Root: "../", Lesson: p.Lesson, Body: p.source(name)})
		if err != nil {
			return nil, err
		}
		d.Sources = append(d.Sources, Source{name, html})
	}
	return d, append(r.mistakes, s.crossLinks()...).Err()
}

// whole is a rendering that leaves nothing to other pages.
func (s *Site) whole(p *Page) *rendering {
	r := newRendering(s, p)
	r.alone = true
	return r
}

// Terms is what the page of all terms holds, as HTML.
func (s *Site) Terms() ([]byte, error) {
	w := &writer{Site: s}
	return fragment("terms", "content", w.terms())
}

// Lesson is the lesson of the page with that number; nil if there is none.
func (s *Site) Lesson(number string) *lesson.Lesson {
	for _, p := range s.Pages {
		if p.Lesson.Number == number {
			return p.Lesson
		}
	}
	return nil
}

// fragment executes one template of that kind of page.
func fragment(kind, name string, v layoutView) ([]byte, error) {
	all, err := templates()
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := all[kind].ExecuteTemplate(&buf, name, v); err != nil {
		return nil, fmt.Errorf("render lesson %s: %w", v.Lesson.Number, err)
	}
	return visible(buf.Bytes()), nil
}
