package page

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sockets/runner/lesson"
	"sockets/site"
)

// A result is what the pages of one lesson leave for the rest of the site.
type result struct {
	mistakes lesson.Mistakes
	search   []searchEntry
}

// lesson writes the page of a lesson, those of its sources, and its recordings.
func (w *writer) lesson(i int, p *Page) (result, error) {
	v := layoutView{
		Kind: "lesson", Title: p.Lesson.Number + " " + p.Lesson.Title, Description: p.Lesson.Summary,
		Lesson: p.Lesson, TOC: p.toc(),
	}
	if i > 0 {
		v.Previous = w.Pages[i-1].Lesson
	}
	if i+1 < len(w.Pages) {
		v.Next = w.Pages[i+1].Lesson
	}
	name := p.Lesson.Number + "/index.html"
	var r *rendering
	var html []byte
	for _, l := range pageLimits {
		r = newRendering(w.Site, p)
		r.limits = l
		v.Body = r.view()
		var err error
		if html, err = w.render(name, v); err != nil {
			return result{}, err
		}
		if len(html) <= pageBudget {
			break
		}
	}
	if err := w.file(name, html); err != nil {
		return result{}, err
	}
	for _, name := range p.sources() {
		if err := w.source(p, name); err != nil {
			return result{}, err
		}
	}
	if err := errors.Join(w.recordings(r), w.wires(r), w.exercise(r)); err != nil {
		return result{}, err
	}
	res := result{r.mistakes, p.search()}
	for _, prog := range p.programs {
		if prog != nil {
			prog.lines = nil // a thousand lessons need not all be kept
		}
	}
	return res, nil
}

// wires writes the page of each run whose frames are too many for the lesson's.
func (w *writer) wires(r *rendering) error {
	l := r.page.Lesson
	for _, run := range l.Runs {
		if !r.wires[run.Name] {
			continue
		}
		name := l.Number + "/" + run.Name + ".wire.html"
		var html []byte
		for _, n := range wireLimits {
			v := newRendering(w.Site, r.page).frameView(run.Name, n)
			v.Caption = "What went over the wire"
			var err error
			html, err = w.render(name, layoutView{
				Kind: "wire", Title: l.Number + " " + run.Name + ", on the wire", Lesson: l, Body: v,
				Description: "The frames of the run " + run.Name + " of lesson " + l.Number + ", " + l.Title,
			})
			if err != nil {
				return err
			}
			if len(html) <= pageBudget {
				break
			}
		}
		if err := w.file(name, html); err != nil {
			return err
		}
	}
	return nil
}

// A sourceView is a source file, line by line.
type sourceView struct {
	Name   string
	Lesson *lesson.Lesson
	Lines  []template.HTML
}

// source writes the page of one source file.
func (w *writer) source(p *Page, name string) error {
	return w.page(p.Lesson.Number+"/"+name+".html", layoutView{
		Kind: "source", Title: p.Lesson.Number + "/" + name,
		Description: name + ", the source of lesson " + p.Lesson.Number + ", " + p.Lesson.Title, Lesson: p.Lesson, Body: p.source(name),
	})
}

func (p *Page) source(name string) sourceView {
	s := sourceView{Name: name, Lesson: p.Lesson}
	for _, line := range p.programs[name].code() {
		s.Lines = append(s.Lines, template.HTML(line)) //nolint:gosec // highlight escapes
	}
	return s
}

// page renders one page to the file of that name.
func (w *writer) page(name string, v layoutView) error {
	html, err := w.render(name, v)
	if err != nil {
		return err
	}
	return w.file(name, html)
}

func (w *writer) render(name string, v layoutView) ([]byte, error) {
	v.Root = strings.Repeat("../", strings.Count(name, "/"))
	if v.Kind == "notfound" {
		v.Root = w.rootPath()
	}
	if w.BaseURL != "" {
		v.Canonical = w.BaseURL + strings.TrimSuffix(name, "index.html")
	}
	v.Reference = len(w.reference.Groups) > 0
	for _, p := range w.Pages {
		if v.Kind != "source" {
			v.Lessons = append(v.Lessons, p.Lesson)
		}
	}
	var buf bytes.Buffer
	if err := w.templates[v.Kind].Execute(&buf, v); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return visible(buf.Bytes()), nil
}

// visible is the page with control characters, which a program may have printed,
// as Go writes them in a string: few fonts have pictures of them.
func visible(page []byte) []byte {
	control := func(b byte) bool { return b < ' ' && b != '\n' && b != '\t' || b == 0x7f }
	if !slices.ContainsFunc(page, control) {
		return page
	}
	var out []byte
	for _, b := range bytes.ReplaceAll(page, []byte("\r\n"), []byte("\n")) {
		switch {
		case b == '\r':
			out = append(out, `\r`...)
		case control(b):
			out = fmt.Appendf(out, `\x%02x`, b)
		default:
			out = append(out, b)
		}
	}
	return out
}

// rootPath is the path of the published site: a page that is not found may be
// anywhere, so that its links can't be relative.
func (w *writer) rootPath() string {
	u, err := url.Parse(w.BaseURL)
	if err != nil || u.Path == "" {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/") + "/"
}

func (w *writer) file(name string, data []byte) error { return w.put(name, data) }

// save writes a file of the site below the folder.
func save(dir, name string, data []byte) error {
	full := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return fmt.Errorf("write the site: %w", err)
	}
	if err := os.WriteFile(full, data, 0o644); err != nil {
		return fmt.Errorf("write the site: %w", err)
	}
	return nil
}

// assets writes what is the same in every site.
func (w *writer) assets() error {
	for _, name := range []string{"style.css", "script.js", "favicon.svg"} {
		data, err := site.Files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read assets: %w", err)
		}
		if err := w.file(name, data); err != nil {
			return err
		}
	}
	return nil
}

// indexes writes the pages that are made of all lessons.
func (w *writer) indexes(entries []searchEntry) error {
	if err := w.page("index.html", w.home()); err != nil {
		return err
	}
	if err := w.page("terms.html", w.terms()); err != nil {
		return err
	}
	teachers, err := w.teachers()
	if err != nil {
		return err
	}
	if err := w.page("teachers.html", teachers); err != nil {
		return err
	}
	if len(w.reference.Groups) > 0 {
		if err := w.page("reference.html", layoutView{
			Kind: "reference", Title: "Calls, errors and flags", Here: "reference",
			Description: "Every system call, error, TCP flag and option that occurs in a run, with the lines that show it.", Body: w.reference,
		}); err != nil {
			return err
		}
	}
	if err := w.page("404.html", layoutView{Kind: "notfound", Title: "No such page", Description: "This page is not there."}); err != nil {
		return err
	}
	return w.file("search-index.js", searchIndex(entries))
}
