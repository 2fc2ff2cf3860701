package export

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
)

// opf is the book's package document: what it is, what is in it, in what order.
func (b *book) opf() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en" prefix="schema: http://schema.org/">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">%s</dc:identifier>
<dc:title>%s</dc:title>
<dc:language>en</dc:language>
<dc:creator>The authors of Sockets, line by line</dc:creator>
<dc:subject>Computer networks</dc:subject>
<dc:subject>Go (Computer program language)</dc:subject>
<dc:description>Network programming in Go: what every line printed, asked of the kernel and put on the wire, from a real run.</dc:description>
<meta property="dcterms:modified">%s</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">longDescription</meta>
<meta property="schema:accessibilityFeature">displayTransformability</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">All is text but the drawings of frames; each of these has a title, a description, and a table with the same content below it. Colour never says anything by itself. There is no sound, no motion and no script.</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="style" href="style.css" media-type="text/css"/>
<item id="cover-image" href="cover.png" media-type="image/png" properties="cover-image"/>
`, b.identifier(), xmlText(b.title()), b.date.Format(time.RFC3339))
	for _, l := range b.leaves {
		properties := ""
		if l.svg {
			properties = ` properties="svg"`
		}
		fmt.Fprintf(&out, `<item id="%s" href="%s" media-type="application/xhtml+xml"%s/>`+"\n", l.id(), l.name, properties)
	}
	out.WriteString("</manifest>\n<spine>\n")
	for i, l := range b.leaves {
		fmt.Fprintf(&out, `<itemref idref="%s"/>`+"\n", l.id())
		if i == 1 { // after the cover and what the book is
			out.WriteString(`<itemref idref="nav"/>` + "\n")
		}
	}
	out.WriteString("</spine>\n</package>\n")
	return out.Bytes()
}

// id is the page's in the manifest.
func (l leaf) id() string { return "p" + strings.TrimSuffix(l.name, ".xhtml") }

// identifier is the book's for good: editions of the same lessons have the same.
func (b *book) identifier() string {
	name := "sockets, line by line"
	for _, p := range b.pages {
		if len(b.pages) < len(b.site.Pages) {
			name += " " + p.Lesson.Number
		}
	}
	sum := sha256.Sum256([]byte(name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // RFC 9562, version 8
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// nav is the table of contents, for the reader's own list and as a page.
func (b *book) nav() []byte {
	var out bytes.Buffer
	out.WriteString(`<nav epub:type="toc" role="doc-toc" aria-labelledby="toc"><h1 id="toc">Contents</h1>
<ol>
`)
	open := false // the list below the last entry
	for _, l := range b.leaves {
		for _, h := range l.heads {
			switch {
			case h.level == 2 && !open:
				out.WriteString("\n<ol>\n")
				open = true
			case h.level == 2:
				out.WriteString("</li>\n")
			case open:
				out.WriteString("</li>\n</ol>\n</li>\n")
				open = false
			default:
				out.WriteString(closeItem(out.Bytes()))
			}
			fmt.Fprintf(&out, `<li><a href="%s#%s">%s</a>`, l.name, xmlText(h.id), xmlText(h.text))
		}
	}
	if open {
		out.WriteString("</li>\n</ol>")
	}
	out.WriteString("</li>\n</ol>\n</nav>\n")
	fmt.Fprintf(&out, `<nav epub:type="landmarks" hidden="" aria-label="Landmarks"><ol>
<li><a epub:type="cover" href="cover.xhtml">Cover</a></li>
<li><a epub:type="toc" href="nav.xhtml#toc">Contents</a></li>
<li><a epub:type="bodymatter" href="%s.xhtml">The lessons</a></li>
</ol></nav>`, b.pages[0].Lesson.Number)
	return leaf{title: "Contents", body: out.Bytes()}.document()
}

// closeItem ends an entry, unless none is begun.
func closeItem(text []byte) string {
	if bytes.HasSuffix(text, []byte("<ol>\n")) {
		return ""
	}
	return "</li>\n"
}
