package page

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown is CommonMark with tables, definition lists and quotes from runs.
// Raw HTML is not rendered: that is goldmark's default.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.DefinitionList),
	goldmark.WithParserOptions(parser.WithInlineParsers(util.Prioritized(quoteParser{}, 50))),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(nodes{}, 100))),
)

func (b *builder) parseMarkdown() ast.Node {
	if i := bytes.IndexByte(b.src, 0); i >= 0 {
		b.mistake(i, "the commentary holds a zero byte", "it is text")
		b.src = bytes.ReplaceAll(b.src, []byte{0}, []byte(" "))
	}
	return markdown.Parser().Parse(text.NewReader(b.src))
}

// fences are the languages that may stand in a commentary: nothing that a
// program of the lesson holds or prints.
var fences = []string{"sh", "python", "text"}

// forbid finds what no commentary may hold, and resolves its links.
func (b *builder) forbid(doc ast.Node) {
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock:
			b.mistake(n.Pos(), "raw HTML", "Markdown only; <, > and & in text are written as `code`")
		case *ast.Image:
			b.mistake(n.Pos(), "an image", "text, a table, or a cell that shows a run")
		case *ast.Heading:
			b.forbidHeading(n)
		case *ast.FencedCodeBlock:
			if lang := string(n.Language(b.src)); !slices.Contains(fences, lang) {
				b.mistake(n.Pos(), fmt.Sprintf("a fence of %q", lang), "code and output of the lesson are linked, as cells; a fence holds "+strings.Join(fences, ", "))
			}
		case *ast.Link:
			if b.cellLink(n) == "" {
				b.resolveLink(n)
			}
		case *ast.AutoLink:
			if url := string(n.URL(b.src)); !external(url) {
				b.mistake(n.Pos(), fmt.Sprintf("a link to %q", url), linkRight)
			}
		case *quote:
			b.checkQuote(n)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		b.mistake(0, err.Error(), "a commentary that can be walked")
	}
}

func (b *builder) forbidHeading(h *ast.Heading) {
	switch {
	case h.Parent().Kind() != ast.KindDocument:
		b.mistake(h.Pos(), "a heading inside something else", "headings stand by themselves")
	case h.Level == 1:
		b.mistake(h.Pos(), "a heading of the first level", "the title stands in the front matter; sections are ##")
	case h.Level > 3:
		b.mistake(h.Pos(), "a heading of the fourth level or deeper", "sections are ##, what is inside them ###")
	case b.text(h) == "":
		b.mistake(h.Pos(), "an empty heading", "a few words")
	}
}

// add puts one block of the commentary in the section.
func (b *builder) add(s *section, n ast.Node) {
	switch n := n.(type) {
	case *ast.LinkReferenceDefinition:
	case *ast.Heading:
		t := b.text(n)
		s.blocks = append(s.blocks, block{heading: &heading{id: b.id(t), text: t, html: b.inline(n), line: b.Lesson.LineAt(n.Pos())}})
	case *ast.ThematicBreak:
		if s.title != "Predict first" {
			b.mistake(n.Pos(), "a line across the page", "only Predict first has one, between question and answer")
			return
		}
		s.blocks = append(s.blocks, block{rule: true})
	case *extast.DefinitionList:
		if s.title == "Terms" {
			b.define(n)
		}
		s.prose(b.prose(n))
	default:
		if m := almostLink.FindStringSubmatch(b.text(n)); m != nil && onlyLink(n) == nil && n.Kind() == ast.KindParagraph {
			b.mistake(n.Pos(), fmt.Sprintf("%q is no link: spaces or brackets end it", m[1]), "angle brackets around it: (<"+m[1]+">)")
			return
		}
		if l := onlyLink(n); l != nil && b.cellLink(l) != "" {
			if c := b.cell(l); c != nil {
				s.blocks = append(s.blocks, block{cell: c})
			}
			return
		}
		s.prose(b.prose(n))
	}
}

// almostLink is a paragraph that was meant to be a cell.
var almostLink = regexp.MustCompile(`^\[[^\]]*\]\(([^)]*)\)$`)

// prose appends to the section, to the prose before it if there is some.
func (s *section) prose(p prose) {
	if n := len(s.blocks); n > 0 && s.blocks[n-1].prose != nil {
		s.blocks[n-1].prose.append(p)
		return
	}
	s.blocks = append(s.blocks, block{prose: &p})
}

// onlyLink is the link that stands alone in its paragraph, if n is that.
func onlyLink(n ast.Node) *ast.Link {
	if n.Kind() != ast.KindParagraph || n.ChildCount() != 1 {
		return nil
	}
	l, _ := n.FirstChild().(*ast.Link)
	return l
}

// define collects the terms of a definition list, and gives each an id.
func (b *builder) define(list *extast.DefinitionList) {
	var open []int // terms that wait for their meaning
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		switch n.Kind() {
		case extast.KindDefinitionTerm:
			t := b.text(n)
			id := b.id("term " + t)
			n.SetAttributeString("id", []byte(id))
			if len(open) > 0 && b.terms[open[0]].meaning.words > 0 {
				open = nil
			}
			b.terms = append(b.terms, term{id: id, name: t, html: b.inline(n)})
			open = append(open, len(b.terms)-1)
		case extast.KindDefinitionDescription:
			meaning := b.elsewhere(n)
			for _, i := range open {
				b.terms[i].meaning.append(meaning)
			}
		}
	}
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug is the text as an id: lower-case words joined by hyphens.
func slug(text string) string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(text), "-"), "-")
}

// id is a new id of the page, made from the text.
func (b *builder) id(text string) string {
	base := slug(text)
	if base == "" {
		base = "part"
	}
	id := base
	for i := 2; b.ids[id]; i++ {
		id = fmt.Sprintf("%s-%d", base, i)
	}
	b.ids[id] = true
	return id
}

// text is the words of a node, without markup.
func (b *builder) text(n ast.Node) string {
	var buf strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker returns no error
		if !entering {
			if n.Type() == ast.TypeBlock {
				buf.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			buf.Write(n.Segment.Value(b.src))
			if n.SoftLineBreak() || n.HardLineBreak() {
				buf.WriteByte(' ')
			}
		case *ast.String:
			buf.Write(n.Value)
		case *ast.AutoLink:
			buf.Write(n.Label(b.src))
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			buf.Write(n.Lines().Value(b.src))
		}
		return ast.WalkContinue, nil
	})
	return string(util.UnescapePunctuations([]byte(strings.TrimSpace(buf.String()))))
}
