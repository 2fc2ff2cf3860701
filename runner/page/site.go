package page

import (
	"context"
	"fmt"
	"html/template"
	"path"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"sockets/runner/lesson"
	"sockets/runner/recording"
	"sockets/site"
)

// A Site is all pages together. Recordings gives what is known of a run, or nil;
// it is called by several goroutines at once. BaseURL is where the site will be
// published, with a slash at its end, or empty. Downloads are files that somebody
// else puts beside the home page and, with the lesson's number, beside a lesson's.
type Site struct {
	Pages      []*Page
	Recordings func(number, run string) *recording.Recording
	BaseURL    string
	Downloads  func(number string) []Download
}

// A Download is a file that a page offers.
type Download struct{ Name, What string }

// What the layout sees of a page.
type (
	layoutView struct {
		Root        string // leads to the root of the site: "../"
		Kind        string // "lesson", "home", ...
		Title       string
		Description string
		Canonical   string
		Here        string // which entry of the site's navigation this is
		Lesson      *lesson.Lesson
		TOC         []tocEntry
		Previous    *lesson.Lesson
		Next        *lesson.Lesson
		Reference   bool // the site has a reference page
		Lessons     []*lesson.Lesson
		Body        any
	}
)

// templates is each kind of page as a template of its own; all share the layout.
var templates = sync.OnceValues(func() (map[string]*template.Template, error) {
	base, err := template.New("layout.html").Funcs(template.FuncMap{
		"thousands": thousands, "inc": func(i int) int { return i + 1 }, "wrapping": wrapping,
	}).ParseFS(site.Files, "layout.html", "cells.html")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	all := make(map[string]*template.Template)
	for _, kind := range []string{"home", "lesson", "source", "wire", "exercise", "terms", "reference", "teachers", "notfound"} {
		t, err := base.Clone()
		if err == nil {
			t, err = t.ParseFS(site.Files, kind+".html")
		}
		if err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
		all[kind] = t
	}
	return all, nil
})

// A writer is one Render in progress.
type writer struct {
	*Site
	put       func(name string, data []byte) error
	templates map[string]*template.Template
	reference *reference
}

// Write writes the whole site to the empty folder, see [Site.Render].
func (s *Site) Write(ctx context.Context, dir string) error {
	return s.Render(ctx, nil, func(name string, data []byte) error { return save(dir, name, data) })
}

// Render makes the whole site, and hands each file of it to put, in no order
// and from several goroutines at once. What authors got wrong, as far as it shows
// only now that runs are known, is a lesson.Mistakes. The same pages and
// recordings give the same bytes. Kept may be nil.
func (s *Site) Render(ctx context.Context, kept *Kept, put func(name string, data []byte) error) error {
	all, err := templates()
	if err != nil {
		return err
	}
	w := &writer{Site: s, put: put, templates: all}
	w.reference = w.collect()
	results := make([]result, len(s.Pages))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range s.Pages {
		g.Go(func() error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			var err error
			results[i], err = kept.lesson(w, i)
			return err
		})
	}
	g.Go(w.assets)
	if err := g.Wait(); err != nil {
		return err
	}
	kept.only(s.Pages)
	var mistakes lesson.Mistakes
	var entries []searchEntry
	for _, r := range results {
		mistakes = append(mistakes, r.mistakes...)
		entries = append(entries, r.search...)
	}
	entries = append(entries, w.reference.search()...)
	if err := append(mistakes, s.crossLinks()...).Err(); err != nil {
		return err
	}
	return w.indexes(entries)
}

// crossLinks holds the links between lessons to what is there.
func (s *Site) crossLinks() lesson.Mistakes {
	pages := make(map[string]*Page)
	for _, p := range s.Pages {
		pages[p.Lesson.Number] = p
	}
	var ms lesson.Mistakes
	for _, p := range s.Pages {
		for _, l := range p.links {
			to := pages[l.number]
			switch {
			case to == nil:
				ms.Add(p.Lesson.CommentaryPath(), l.line, "a link to lesson "+l.number+", which is not there", "a link to a lesson that is")
			case l.fragment != "" && !to.ids[l.fragment]:
				ms.Add(p.Lesson.CommentaryPath(), l.line, fmt.Sprintf("a link to #%s, which lesson %s does not have", l.fragment, l.number),
					"the id of a heading is its words in lower case joined by hyphens; of a term, term- before them")
			}
		}
	}
	return ms
}

// sourceTitle is the file's name as words: "main.go", "mute/main.go".
func sourceTitle(name string) string {
	return path.Join(strings.TrimPrefix(path.Dir(name), "pitfalls/"), path.Base(name))
}
