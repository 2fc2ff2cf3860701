package export

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
)

// text is what package page rendered of a commentary, as Markdown again, with
// the links that a notebook has: to https, to the published site, to notebooks
// of other lessons beside it, and to its own headings, as Jupyter names them.
func (n *notebook) text(rendered template.HTML) (string, error) {
	root, err := n.prose(rendered)
	if err != nil {
		return "", err
	}
	terms(root)
	for _, p := range all(root, class("prompt")) {
		remove(p)
	}
	noMath(root)
	c := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(), commonmark.NewCommonmarkPlugin(), strikethrough.NewStrikethroughPlugin(),
		table.NewTablePlugin(table.WithHeaderPromotion(true)),
	))
	md, err := c.ConvertNode(root)
	if err != nil {
		return "", fmt.Errorf("lesson %s as Markdown: %w", n.lesson.Number, err)
	}
	return strings.ReplaceAll(strings.TrimSpace(string(md)), dollar, "&#36;"), nil
}

// prose is a text with the links that a notebook has.
func (n *notebook) prose(rendered template.HTML) (*html.Node, error) {
	root, err := parse([]byte(rendered))
	if err != nil {
		return nil, err
	}
	here := n.lesson.Number + "/index.html"
	links(root, here, func(target, fragment string) string {
		if target == here {
			return ""
		}
		return n.elsewhere(target, fragment)
	})
	return root, nil
}

// folded is a text under a word that unfolds it. It stays HTML: what is in an
// element like that is Markdown to some that show notebooks, and raw to others.
// For all of them it ends at an empty line, so that there may be none in it.
// Jupyter Notebook 6 draws no triangle before the word: it needs to be told.
func (n *notebook) folded(word string, rendered template.HTML) (string, error) {
	root, err := n.prose(rendered)
	if err != nil {
		return "", err
	}
	still(root)
	var out bytes.Buffer
	for c := range find(root, tag("body")).ChildNodes() {
		if err := html.Render(&out, c); err != nil {
			return "", fmt.Errorf("lesson %s as HTML: %w", n.lesson.Number, err)
		}
	}
	text := strings.NewReplacer("\n\n", "&#10;&#10;", "$", "&#36;").Replace(strings.TrimSpace(out.String()))
	return "<details><summary><b>" + word + "</b> (click to unfold)</summary>\n" + text + "\n</details>", nil
}

// dollar stands for a dollar sign while others than ours look at the text.
const dollar = "\uE000"

// noMath marks the dollar signs in text, between which Jupyter looks for formulas.
func noMath(n *html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.TextNode && (d.Parent.Data != "code" || d.Parent.Parent == nil) {
			d.Data = strings.ReplaceAll(d.Data, "$", dollar)
		}
	}
}

// terms makes paragraphs of definition lists, which Jupyter does not know.
func terms(root *html.Node) {
	for _, dl := range all(root, tag("dl")) {
		for _, e := range all(dl, tag("dt")) {
			bold := element("strong", nil)
			for e.FirstChild != nil {
				c := e.FirstChild
				e.RemoveChild(c)
				bold.AppendChild(c)
			}
			e.Data, e.DataAtom = "p", 0
			e.AppendChild(bold)
		}
		for _, e := range all(dl, tag("dd")) {
			e.Data, e.DataAtom = "div", 0
		}
		unwrap(dl)
	}
}

// escape is plain text as Markdown that reads as that text.
func escape(text string) string {
	return escapes.Replace(oneLine(text))
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "$", "&#36;", `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`,
	"{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, "#", `\#`, "|", `\|`, "~", `\~`)
