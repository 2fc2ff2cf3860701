package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"sockets/runner/page"
	"sockets/site"
)

// single is the lesson's page as one file that works from anywhere: style,
// script and programs are in it, and its policy allows exactly these and no
// request at all.
func (w *work) single(p *page.Page) ([]byte, error) {
	c, err := w.chapter(p)
	if err != nil {
		return nil, err
	}
	embed := find(c.article, class("embed"))
	for _, part := range []*html.Node{c.exercise, c.programs} {
		if part != nil {
			c.article.InsertBefore(part, embed)
		}
	}
	c.contents()
	links(c.root, c.lesson.Number+"/index.html", func(target, fragment string) string {
		if id, _, ok := c.within(target, fragment); ok {
			return "#" + strings.Replace(id, "top", "main", boolInt(id == "top"))
		}
		return w.elsewhere(target, fragment)
	})
	w.alone(c.root)
	if err := inline(c.root); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := html.Render(&out, c.root); err != nil {
		return nil, fmt.Errorf("write lesson %s as HTML: %w", c.lesson.Number, err)
	}
	return out.Bytes(), nil
}

// contents adds the parts that the page does not have to its table of contents.
func (c *chapter) contents() {
	toc := find(c.root, class("toc"))
	if toc == nil {
		return
	}
	list := find(toc, tag("ol"))
	add := func(id, text string) {
		list.AppendChild(element("li", nil, element("a", map[string]string{"href": "#" + id}, textNode(text))))
	}
	if c.exercise != nil {
		add("exercise-top", "The task")
	}
	add("programs", "The programs, whole")
}

// alone takes out what needs the rest of the site: the search and, if nobody
// knows where the site is, the ways there.
func (w *work) alone(root *html.Node) {
	for _, n := range all(root, func(n *html.Node) bool { return attr(n, "id") == "search" || attr(n, "id") == "open-search" }) {
		remove(n)
	}
	useless := []string{"search"} // keys
	if w.site.BaseURL == "" {
		useless = append(useless, "next lesson", "previous lesson")
	}
	if keys := find(root, func(n *html.Node) bool { return attr(n, "id") == "keys" }); keys != nil {
		for _, e := range all(keys, tag("dd")) {
			if slices.Contains(useless, words(e)) {
				remove(e.Parent)
			}
		}
	}
	if w.site.BaseURL != "" {
		return
	}
	for _, n := range all(root, func(n *html.Node) bool { return class("site", "turn", "embed")(n) }) {
		remove(n)
	}
	if brand := find(root, class("brand")); brand == nil {
		if top := find(root, class("top")); top != nil { // its link led home
			name := element("span", map[string]string{"class": "brand"})
			for top.FirstChild != nil && top.FirstChild.Data != "div" {
				n := top.FirstChild
				top.RemoveChild(n)
				name.AppendChild(n)
			}
			top.InsertBefore(name, top.FirstChild)
		}
	}
}

// inline puts style, script and picture into the page, and has its policy allow
// these by their digests.
func inline(root *html.Node) error {
	files := make(map[string]string)
	for _, name := range []string{"style.css", "script.js", "favicon.svg"} {
		data, err := site.Files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read assets: %w", err)
		}
		files[name] = string(data)
	}
	for _, n := range all(root, tag("link", "script", "meta")) {
		switch {
		case attr(n, "rel") == "stylesheet":
			n.Parent.InsertBefore(element("style", nil, textNode(files["style.css"])), n)
			remove(n)
		case n.Data == "script":
			n.Attr = nil
			n.AppendChild(textNode(files["script.js"]))
		case attr(n, "rel") == "icon":
			set(n, "href", "data:image/svg+xml;base64,"+base64.StdEncoding.EncodeToString([]byte(files["favicon.svg"])))
		case strings.EqualFold(attr(n, "http-equiv"), "Content-Security-Policy"):
			set(n, "content", fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; img-src data:; base-uri 'none'; form-action 'none'",
				digest(files["script.js"]), digest(files["style.css"])))
		}
	}
	return nil
}

// digest names a text in a Content-Security-Policy.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
