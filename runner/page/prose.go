package page

import (
	"bytes"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// prose is rendered Markdown with places for what is quoted from runs.
type prose struct {
	html   []string // one more than quotes
	quotes []*quote
	words  int
	plain  string
}

func (p *prose) append(o prose) {
	if len(p.html) == 0 {
		*p = o
		return
	}
	last := len(p.html) - 1
	p.html = slices.Concat(p.html[:last], []string{p.html[last] + o.html[0]}, o.html[1:])
	p.quotes = slices.Concat(p.quotes, o.quotes)
	p.words += o.words
	p.plain += " " + o.plain
}

// fill is the prose with its quotes answered.
func (p prose) fill(answer func(*quote) string) template.HTML {
	if len(p.html) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(p.html[0])
	for i, q := range p.quotes {
		b.WriteString(template.HTMLEscapeString(answer(q)))
		b.WriteString(p.html[i+1])
	}
	return template.HTML(b.String()) //nolint:gosec // goldmark's, which renders no raw HTML
}

// prose renders a block.
func (b *builder) prose(n ast.Node) prose {
	var buf bytes.Buffer
	if err := markdown.Renderer().Render(&buf, b.src, n); err != nil {
		b.mistake(n.Pos(), err.Error(), "Markdown that can be rendered")
	}
	plain := b.text(n)
	p := prose{words: len(strings.Fields(plain)), plain: plain}
	p.cut(buf.String(), quotesIn(n))
	return p
}

// inline renders what is inside a heading, a term or a link.
func (b *builder) inline(n ast.Node) prose {
	p := prose{html: []string{""}}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p.append(b.prose(c))
	}
	return p
}

// elsewhere renders what is inside n as a page at the root of the site has it,
// and leaves n as it was.
func (b *builder) elsewhere(n ast.Node) prose {
	var links []*ast.Link
	var were [][]byte
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker returns no error
		if l, ok := n.(*ast.Link); ok && entering {
			links, were = append(links, l), append(were, l.Destination)
			l.Destination = []byte(elsewhere(b.Lesson.Number, string(l.Destination)))
		}
		return ast.WalkContinue, nil
	})
	p := b.inline(n)
	for i, l := range links {
		l.Destination = were[i]
	}
	return p
}

// cut splits the rendered text at the marks that the quotes left.
func (p *prose) cut(html string, quotes []*quote) {
	p.html, p.quotes = strings.Split(html, mark), quotes
}

// mark stands in rendered text where a quote goes. A commentary can't hold it.
const mark = "\x00"

func quotesIn(n ast.Node) []*quote {
	var all []*quote
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker returns no error
		if q, ok := n.(*quote); ok && entering {
			all = append(all, q)
		}
		return ast.WalkContinue, nil
	})
	return all
}

// nodes renders what goldmark would render otherwise than we want.
type nodes struct{}

// RegisterFuncs implements goldmark's renderer.NodeRenderer.
func (nodes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	skip := func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) { return ast.WalkSkipChildren, nil }
	r.Register(ast.KindRawHTML, skip)
	r.Register(ast.KindHTMLBlock, skip)
	r.Register(ast.KindImage, skip)
	r.Register(ast.KindAutoLink, renderAutoLink)
	r.Register(ast.KindFencedCodeBlock, renderFence)
	r.Register(ast.KindCodeBlock, renderFence)
	r.Register(extast.KindTable, renderTable)
	r.Register(kindQuote, renderQuote)
}

func renderQuote(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(mark) // the writer keeps its error
	}
	return ast.WalkContinue, nil
}

func renderAutoLink(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	l, ok := n.(*ast.AutoLink)
	if !ok || !entering {
		return ast.WalkContinue, nil
	}
	label := template.HTMLEscapeString(string(l.Label(src)))
	if url := string(l.URL(src)); external(url) {
		label = `<a href="` + template.HTMLEscapeString(url) + `" rel="noopener">` + label + `</a>`
	}
	_, _ = w.WriteString(label) // the writer keeps its error
	return ast.WalkSkipChildren, nil
}

// renderTable lets a wide table scroll by itself, also with the keyboard.
func renderTable(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<div class="table" role="group" aria-label="Table" tabindex="0"><table>` + "\n")
	} else {
		_, _ = w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}

// renderFence renders commands, code of no lesson, and text that no run made.
func renderFence(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	lang := "text"
	if f, ok := n.(*ast.FencedCodeBlock); ok {
		lang = string(f.Language(src))
	}
	code := string(n.Lines().Value(src))
	html := template.HTMLEscapeString(code)
	if lang == "python" || lang == "go" {
		html = strings.Join(highlight(lang, code), "\n") + "\n"
	}
	if lang == "sh" {
		html = commands(code)
	}
	_, _ = w.WriteString(`<div class="fence" data-lang=` + strconv.Quote(slug(lang)) + `><pre><code>` + html + "</code></pre></div>\n")
	return ast.WalkSkipChildren, nil
}

// commands marks the prompts, which are not part of what a reader copies.
func commands(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		if rest, ok := strings.CutPrefix(line, "$ "); ok {
			b.WriteString(`<span class="prompt">$ </span>`)
			line = rest
		}
		b.WriteString(template.HTMLEscapeString(line))
	}
	return b.String()
}
