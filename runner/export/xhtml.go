package export

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// void are the elements of HTML that hold nothing.
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// xmlName is what attributes may be called.
var xmlName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?$`)

// xhtml writes n and all below it as XML.
func xhtml(out *bytes.Buffer, n *html.Node) {
	switch n.Type {
	case html.TextNode:
		out.WriteString(xmlText(n.Data))
		return
	case html.ElementNode:
	default:
		for c := range n.ChildNodes() {
			xhtml(out, c)
		}
		return
	}
	out.WriteString("<" + n.Data)
	if n.Data == "svg" && !has(n, "xmlns") {
		out.WriteString(` xmlns="http://www.w3.org/2000/svg"`)
	}
	for _, a := range n.Attr {
		if a.Namespace == "" && xmlName.MatchString(a.Key) {
			out.WriteString(" " + a.Key + `="` + xmlText(a.Val) + `"`)
		}
	}
	if n.Namespace == "" && slices.Contains(void, n.Data) || n.Namespace == "svg" && n.FirstChild == nil {
		out.WriteString("/>")
		return
	}
	out.WriteString(">")
	for c := range n.ChildNodes() {
		xhtml(out, c)
	}
	out.WriteString("</" + n.Data + ">")
}

var xmlEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// xmlText is the text as it may stand in XML 1.0, which has no way to say some
// characters at all.
func xmlText(text string) string {
	return xmlEscape.Replace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return r
		case r < ' ', r == 0xfffe, r == 0xffff:
			return '\ufffd'
		}
		return r
	}, text))
}
