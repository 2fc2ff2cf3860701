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

// A leaf is one page of the book.
type leaf struct {
	name  string // of its file, without folder: "04.xhtml"
	title string
	body  []byte // XHTML
	svg   bool   // it holds a drawing
	heads []head // its headings that the table of contents has
}

// A head is an entry of the table of contents.
type head struct {
	id, text string
	level    int
}

// epub is the lessons as a book. Each lesson is a page, its exercise one, and its
// programs one; drawings stay drawings.
func (w *work) epub(ctx context.Context) ([]byte, error) {
	chapters, err := w.chapters(ctx)
	if err != nil {
		return nil, err
	}
	return w.bind(chapters)
}

// chapters is all the lessons that are wanted.
func (w *work) chapters(ctx context.Context) ([]*chapter, error) {
	var all []*chapter
	for _, p := range w.pages {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		c, err := w.chapter(p)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// bind makes a book of the chapters, which it uses up.
func (w *work) bind(chapters []*chapter) ([]byte, error) {
	picture, err := coverPicture()
	if err != nil {
		return nil, err
	}
	style, err := site.Files.ReadFile("epub.css")
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	b := &book{work: w, there: make(map[string]bool)}
	for _, c := range chapters {
		b.there[c.lesson.Number] = true
	}
	b.front()
	for _, c := range chapters {
		b.chapter(c)
	}
	if err := b.terms(); err != nil {
		return nil, err
	}
	files := []file{
		{"mimetype", []byte("application/epub+zip")},
		{"META-INF/container.xml", []byte(container)},
		{"EPUB/package.opf", b.opf()},
		{"EPUB/nav.xhtml", b.nav()},
		{"EPUB/style.css", style},
		{"EPUB/cover.png", picture},
	}
	for _, l := range b.leaves {
		files = append(files, file{"EPUB/" + l.name, l.document()})
	}
	return pack(files, w.date, "mimetype")
}

const container = `<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`

// A book is an EPUB in the making.
type book struct {
	*work
	leaves []leaf
	there  map[string]bool // the lessons in it, by number
}

// bookID comes before every id: in XML an id begins with a letter.
const bookID = "p-"

// title is the book's: the course's, or that of its only lesson as well.
func (w *work) title() string {
	if len(w.pages) == 1 && len(w.site.Pages) > 1 {
		return "Sockets, line by line: " + oneLine(w.pages[0].Lesson.Title)
	}
	return "Sockets, line by line"
}

// front adds what stands before the lessons.
func (b *book) front() {
	b.leaves = append(b.leaves, leaf{name: "cover.xhtml", title: "Cover", body: []byte(
		`<section class="cover" epub:type="cover"><img src="cover.png" alt="Cover: ` + xmlText(b.title()) + `"/></section>`)})
	b.leaves = append(b.leaves, leaf{name: "about.xhtml", title: "About this book", heads: []head{{bookID + "top", "About this book", 1}}, body: []byte(
		`<section class="about" epub:type="preface"><h1 id="p-top">About this book</h1>
<p>Network programming in Go. For every line of a real program: what it printed, what it asked of the kernel, and what it put on the wire.</p>
<p>Everything that a page shows of a run comes from a run of the unmodified program, in a private network of two hosts. Nothing was typed in by hand. Below a line of code stands, in this order, what the line <b class="printed">printed</b>, the system calls it made, marked <b class="kernel">kernel</b>, and the frames they sent or took, marked <b class="wire">wire</b>. Where your reader can fold, these are folded.</p>
<p>A ladder shows the frames of a run: the program at the left, its kernel, the wire, and the peer at the right; time goes down. Below each is the same as a table. A dashed arrow was sent by a kernel itself.</p>
<p>Each lesson ends with its programs, whole. To run them you need a checkout of the course, and Go.</p>
</section>`)})
}

// chapter adds a lesson.
func (b *book) chapter(c *chapter) {
	l := c.lesson
	name := l.Number + " " + oneLine(l.Title)
	b.add(l.Number, name, 1, c, c.article)
	if c.exercise != nil {
		b.add(l.Number+"-exercise", words(find(c.exercise, tag("h1", "h2"))), 2, c, c.exercise)
	}
	b.add(l.Number+"-programs", "Programs of lesson "+l.Number, 2, c, c.programs)
}

// add makes a page of n, which is a part of the chapter.
func (b *book) add(name, title string, level int, c *chapter, n *html.Node) {
	remove(n)
	root := &html.Node{Type: html.DocumentNode}
	root.AppendChild(n)
	still(root)
	links(root, c.lesson.Number+"/index.html", b.link(c))
	forBook(root)
	prefix(root, bookID)
	leaf := leaf{name: name + ".xhtml", title: title}
	top := find(n, tag("h1", "h2"))
	if level == 2 { // it is a page of its own, not a part of another
		for _, h := range all(n, tag("h2", "h3", "h4")) {
			h.Data = "h" + string(h.Data[1]-1)
		}
	}
	if !has(top, "id") {
		set(top, "id", bookID+"top")
	}
	leaf.heads = append(leaf.heads, head{attr(top, "id"), title, level})
	if n == c.article {
		for _, h := range all(n, tag("h2")) {
			leaf.heads = append(leaf.heads, head{attr(h, "id"), words(h), 2})
		}
	}
	leaf.svg = find(root, tag("svg")) != nil
	var out bytes.Buffer
	xhtml(&out, root)
	leaf.body = out.Bytes()
	b.leaves = append(b.leaves, leaf)
}

// link is where in the book a link from the chapter leads.
func (b *book) link(c *chapter) func(target, fragment string) string {
	return func(target, fragment string) string {
		if id, part, ok := c.within(target, fragment); ok {
			name := c.lesson.Number
			if part != "" {
				name += "-" + part
			}
			return name + ".xhtml#" + bookID + id
		}
		number, page, _ := strings.Cut(target, "/")
		if b.there[number] && page == "index.html" {
			if fragment == "" {
				fragment = "top"
			}
			return number + ".xhtml#" + bookID + fragment
		}
		return b.elsewhere(target, fragment)
	}
}

// terms adds the list of all terms, if the book is of all lessons.
func (b *book) terms() error {
	if len(b.pages) < len(b.site.Pages) {
		return nil
	}
	text, err := b.site.Terms()
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
	set(main, "epub:type", "glossary")
	unset(main, "id")
	set(main, "class", "terms")
	for _, a := range all(main, tag("a")) {
		if u, err := url.Parse(attr(a, "href")); err == nil && !u.IsAbs() {
			set(a, "href", "../"+attr(a, "href")) // as from a lesson's page
		}
	}
	b.add("terms", "Terms", 1, &chapter{lesson: b.pages[0].Lesson}, main)
	last := &b.leaves[len(b.leaves)-1]
	last.heads = last.heads[:1] // not every letter
	return nil
}

// forBook makes of what a page has what a book's reader understands: numbers
// instead of links at every line, and spaces for tabs.
func forBook(root *html.Node) {
	for _, n := range all(root, class("n")) {
		n.Data, n.DataAtom = "span", 0
		unset(n, "href")
	}
	for _, n := range all(root, class("line")) {
		if code := find(n, tag("code")); code != nil {
			for d := range code.Descendants() {
				if d.Type == html.TextNode {
					d.Data = strings.ReplaceAll(d.Data, "\t", "    ")
				}
			}
		}
	}
	for _, a := range all(root, tag("a")) {
		unset(a, "rel", "download")
	}
	for _, n := range all(root, class("ld")) {
		unset(n, "width", "height") // its viewBox and the style say how large
	}
}

// document is the page as a file.
func (l leaf) document() []byte {
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head>
<meta charset="utf-8"/>
<title>%s</title>
<link rel="stylesheet" type="text/css" href="style.css"/>
</head>
<body>
%s
</body>
</html>
`, xmlText(l.title), l.body)
}
