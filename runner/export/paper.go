package export

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"sockets/site"
)

// paper is the lessons as one page to be printed: unfolded, numbered, with the
// addresses of links at the end of each lesson.
func (w *work) paper(ctx context.Context) ([]byte, error) {
	chapters, err := w.chapters(ctx)
	if err != nil {
		return nil, err
	}
	body := element("main", nil)
	p := &printer{work: w, there: make(map[string]bool)}
	for _, c := range chapters {
		p.there[c.lesson.Number] = true
	}
	if len(chapters) > 1 {
		p.front(body, chapters)
	}
	for _, c := range chapters {
		body.AppendChild(p.lesson(c))
	}
	if len(w.pages) == len(w.site.Pages) {
		if err := p.terms(body); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := html.Render(&out, body); err != nil {
		return nil, fmt.Errorf("write the lessons for paper: %w", err)
	}
	var style string
	for _, name := range []string{"style.css", "print.css"} {
		text, err := site.Files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read assets: %w", err)
		}
		style += string(text)
	}
	return fmt.Appendf(nil, `<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src %s; img-src data:; base-uri 'none'; form-action 'none'">
<title>%s</title>
<style>%s</style>
</head>
<body class="paper">
%s
</body>
</html>
`, digest(style), html.EscapeString(w.title()), style, out.Bytes()), nil
}

// A printer is one paper in the making.
type printer struct {
	*work
	there map[string]bool
}

// front is the title and the contents.
func (p *printer) front(body *html.Node, chapters []*chapter) {
	cover := element("section", map[string]string{"class": "front"}, heading("h1", "title", "Sockets, line by line"))
	for _, text := range []string{
		"Network programming in Go. For every line of a real program: what it printed, what it asked of the kernel, and what it put on the wire.",
		"Everything that is shown of a run comes from a run of the unmodified program, in a private network of two hosts. Nothing was typed in by hand.",
	} {
		cover.AppendChild(element("p", nil, textNode(text)))
	}
	body.AppendChild(cover)
	list := element("ol", nil)
	for _, c := range chapters {
		l := c.lesson
		list.AppendChild(element("li", nil,
			element("a", map[string]string{"href": "#" + place(l.Number, "top")}, element("span", map[string]string{"class": "number"}, textNode(l.Number)), textNode(" "+l.Title)),
			element("span", map[string]string{"class": "summary"}, textNode(l.Summary))))
	}
	body.AppendChild(element("nav", map[string]string{"class": "contents", "aria-labelledby": "contents"}, heading("h2", "contents", "Contents"), list))
}

// place is the id of a place of a lesson.
func place(number, id string) string { return "l" + number + "-" + id }

// lesson is one lesson with its exercise and its programs.
func (p *printer) lesson(c *chapter) *html.Node {
	l := c.lesson
	whole := element("div", map[string]string{"class": "chapter"}, c.article)
	if c.exercise != nil {
		whole.AppendChild(c.exercise)
	}
	whole.AppendChild(c.programs)
	h := find(c.article, tag("h1"))
	h.InsertBefore(element("span", map[string]string{"class": "number"}, textNode(l.Number+" ")), h.FirstChild)
	set(h, "id", "top")
	still(whole)
	links(whole, l.Number+"/index.html", p.link(c))
	unfold(whole)
	footnotes(whole)
	prefix(whole, place(l.Number, ""))
	return whole
}

// link is where on the paper a link from the chapter leads.
func (p *printer) link(c *chapter) func(target, fragment string) string {
	return func(target, fragment string) string {
		if id, _, ok := c.within(target, fragment); ok {
			return "#" + place(c.lesson.Number, id)
		}
		number, page, _ := strings.Cut(target, "/")
		if p.there[number] && page == "index.html" {
			if fragment == "" {
				fragment = "top"
			}
			return "#" + place(number, fragment)
		}
		return p.elsewhere(target, fragment)
	}
}

// terms adds the list of all terms.
func (p *printer) terms(body *html.Node) error {
	text, err := p.site.Terms()
	if err != nil {
		return err
	}
	root, err := parse(text)
	if err != nil {
		return err
	}
	main := find(root, tag("main"))
	if main == nil {
		return fmt.Errorf("the page of terms has no main part")
	}
	main.Data = "section"
	main.DataAtom = 0
	unset(main, "id", "tabindex")
	set(main, "class", "chapter glossary")
	links(main, "terms.html", p.link(&chapter{lesson: p.pages[0].Lesson}))
	still(main)
	prefix(main, "terms-")
	remove(main)
	body.AppendChild(main)
	return nil
}

// unfold opens what is folded. A ladder's table is left out: paper has the
// drawing. Numbers of lines are not links there.
func unfold(root *html.Node) {
	for _, d := range all(root, tag("details")) {
		if class("frames")(d) && find(d.Parent, tag("svg")) != nil {
			remove(d)
			continue
		}
		set(d, "open", "")
	}
	for _, svg := range all(root, class("ld-narrow")) {
		remove(svg)
	}
	for _, n := range all(root, class("n")) {
		n.Data, n.DataAtom = "span", 0
		unset(n, "href")
	}
	for _, n := range all(root, class("cell")) {
		if len(all(n, class("line", "row", "call", "frame"))) <= shortCell {
			set(n, "class", attr(n, "class")+" short")
		}
	}
}

// shortCell is how many rows of a cell are kept on one sheet.
const shortCell = 18

// footnotes numbers the links that lead away, and adds the list of where.
func footnotes(root *html.Node) {
	numbers := make(map[string]int)
	list := element("ol", nil)
	for _, a := range all(root, tag("a")) {
		href := attr(a, "href")
		if u, err := url.Parse(href); err != nil || u.Scheme != "https" {
			continue
		}
		if numbers[href] == 0 {
			numbers[href] = len(numbers) + 1
			list.AppendChild(element("li", nil, element("a", map[string]string{"href": href}, textNode(strings.TrimPrefix(href, "https://")))))
		}
		mark := element("sup", map[string]string{"class": "note"}, textNode(fmt.Sprint(numbers[href])))
		a.Parent.InsertBefore(mark, a.NextSibling)
	}
	if len(numbers) > 0 {
		root.AppendChild(element("section", map[string]string{"class": "addresses", "aria-labelledby": "addresses"}, heading("h2", "addresses", "Links"), list))
	}
}
