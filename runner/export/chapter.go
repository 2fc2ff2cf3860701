package export

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"golang.org/x/net/html"

	"sockets/runner/lesson"
	"sockets/runner/page"
)

// A chapter is what a lesson has for a reader: its page, its exercise's, and its
// programs, as parts of one document. Ids of the exercise begin with "exercise-",
// those of a program with its name: "main.go-L12".
type chapter struct {
	lesson   *lesson.Lesson
	root     *html.Node // the whole page
	article  *html.Node // the lesson, in root
	exercise *html.Node // a section of its own, not in root; nil if there is none
	programs *html.Node // likewise
	names    []string   // of the programs
}

func (w *work) chapter(p *page.Page) (*chapter, error) {
	d, err := w.site.Document(p)
	if err != nil {
		return nil, err
	}
	c := &chapter{lesson: p.Lesson}
	if c.root, err = parse(d.Page); err != nil {
		return nil, err
	}
	if c.article = find(c.root, tag("article")); c.article == nil {
		return nil, fmt.Errorf("lesson %s: its page has no article", p.Lesson.Number)
	}
	if d.Exercise != nil {
		if c.exercise, err = c.section(d.Exercise, "exercise.html", "exercise"); err != nil {
			return nil, err
		}
	}
	c.programs = element("section", map[string]string{"class": "programs", "aria-labelledby": "programs"},
		heading("h2", "programs", "The programs, whole"))
	for _, s := range d.Sources {
		part, err := c.section(s.HTML, s.Name+".html", idOf(s.Name))
		if err != nil {
			return nil, err
		}
		c.programs.AppendChild(part)
		c.names = append(c.names, s.Name)
	}
	return c, nil
}

// section is a page of the lesson's as a section of a document, its headings a
// level or two lower. Its links lead from where the lesson's own page is.
func (c *chapter) section(text []byte, name, id string) (*html.Node, error) {
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	main := find(root, tag("main"))
	if main == nil {
		return nil, fmt.Errorf("lesson %s: its page %s has no main part", c.lesson.Number, id)
	}
	prefix(main, id+"-")
	for _, a := range all(main, tag("a")) {
		u, err := url.Parse(attr(a, "href"))
		if err != nil || u.IsAbs() || u.Host != "" {
			continue
		}
		if u.Path == "" {
			u.Path = path.Base(name)
		}
		u.Path = path.Join(path.Dir(name), u.Path)
		set(a, "href", u.String())
	}
	s := element("section", map[string]string{"class": "part-of"})
	for _, n := range all(main, class("number")) {
		remove(n) // it says which lesson this is of
	}
	lower := 1
	if id != "exercise" {
		lower = 2
	}
	for _, h := range all(main, tag("h1", "h2", "h3")) {
		if h.Data == "h1" {
			set(h, "id", id+"-top")
		}
		h.Data = fmt.Sprintf("h%d", int(h.Data[1]-'0')+lower)
		h.DataAtom = 0
	}
	set(s, "aria-labelledby", id+"-top")
	for child := main.FirstChild; child != nil; child = main.FirstChild {
		main.RemoveChild(child)
		s.AppendChild(child)
	}
	return s, nil
}

func heading(level, id, text string) *html.Node {
	return element(level, map[string]string{"id": id}, textNode(text))
}

// idOf is the name of a program in ids, which hold no slash.
func idOf(name string) string { return strings.ReplaceAll(name, "/", ".") }

// within is where a link leads that leads to a page of the lesson: the id of a
// place in the chapter, and which of its parts has it: "", "exercise" or
// "programs". ok is false if it is no page of the lesson.
func (c *chapter) within(target, fragment string) (id, part string, ok bool) {
	rest, ok := strings.CutPrefix(target, c.lesson.Number+"/")
	if !ok {
		return "", "", false
	}
	if fragment == "" {
		fragment = "top"
	}
	switch {
	case rest == "index.html":
		return fragment, "", true
	case rest == "exercise.html" && c.exercise != nil:
		return "exercise-" + fragment, "exercise", true
	}
	for _, name := range c.names {
		if rest == name+".html" {
			return idOf(name) + "-" + fragment, "programs", true
		}
	}
	return "", "", false
}

// elsewhere is a page of the published site, if it is known where that is.
func (w *work) elsewhere(target, fragment string) string {
	if w.site.BaseURL == "" {
		return ""
	}
	href := w.site.BaseURL + strings.TrimSuffix(target, "index.html")
	if fragment != "" {
		href += "#" + fragment
	}
	return href
}
