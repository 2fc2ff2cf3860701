package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// The sections of a lesson, in the only order they may have.
var order = []struct {
	title    string
	optional bool
}{
	{"Predict first", false},
	{"The idea", false},
	{"The program", false},
	{"The whole run", false},
	{"In Python", true},
	{"Pitfalls", false},
	{"Exercise", true},
	{"Terms", false},
	{"Questions", false},
}

// Bounds of what a section holds.
const (
	ideaWords    = 150
	minTerms     = 3
	minQuestions = 4
)

func rank(title string) int {
	for i, s := range order {
		if s.title == title {
			return i
		}
	}
	return -1
}

func titles() string {
	var all []string
	for _, s := range order {
		if s.optional {
			all = append(all, s.title+" (optional)")
		} else {
			all = append(all, s.title)
		}
	}
	return strings.Join(all, ", ")
}

// build reads the whole commentary, section by section.
func (b *builder) build() {
	doc := b.parseMarkdown()
	b.forbid(doc)
	b.ids["main"] = true
	var now *section
	last := -1
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			now = b.open(h, &last)
			continue
		}
		if now == nil {
			if _, ok := n.(*ast.LinkReferenceDefinition); ok {
				continue
			}
			b.mistake(n.Pos(), "this stands before the first section", "a commentary starts with ## "+order[0].title)
			now = &section{} // says it once
		}
		b.add(now, n)
	}
	for i, s := range order {
		if !s.optional && b.section(order[i].title) == nil {
			b.mistake(len(b.src), "section "+s.title+" is missing", "the sections are, in order: "+titles())
		}
	}
	for _, s := range b.sections {
		b.check(s)
	}
	b.checkAnchors()
}

// open starts the section under the heading.
func (b *builder) open(h *ast.Heading, last *int) *section {
	s := &section{title: b.text(h), line: b.Lesson.LineAt(h.Pos())}
	r := rank(s.title)
	switch {
	case r < 0:
		b.mistake(h.Pos(), fmt.Sprintf("there is no section %q", s.title), "the sections are, in order: "+titles())
	case b.section(s.title) != nil:
		b.mistake(h.Pos(), "section "+s.title+" stands twice", "each section stands once")
	case r < *last:
		b.mistake(h.Pos(), fmt.Sprintf("section %s comes after %s", s.title, order[*last].title), "the sections are, in order: "+titles())
	default:
		*last = r
	}
	s.id = b.id(s.title)
	b.sections = append(b.sections, s)
	return s
}

func (p *Page) section(title string) *section {
	i := slices.IndexFunc(p.sections, func(s *section) bool { return s.title == title })
	if i < 0 {
		return nil
	}
	return p.sections[i]
}

// check holds a section to what its kind must have.
func (b *builder) check(s *section) {
	at := func(what, right string) {
		b.mistakes.Add(b.Lesson.CommentaryPath(), s.line, what, right)
	}
	code, runs := s.cells()
	switch s.title {
	case "Predict first":
		i := slices.IndexFunc(s.blocks, func(bl block) bool { return bl.rule })
		if i <= 0 || i == len(s.blocks)-1 {
			at("Predict first has no question and answer", "the question, a line * * *, the answer")
		}
	case "The idea":
		if n := s.words(); n > ideaWords {
			at(fmt.Sprintf("The idea has %d words", n), fmt.Sprintf("at most %d", ideaWords))
		}
		if len(s.blocks) == 0 {
			at("The idea is empty", fmt.Sprintf("at most %d words", ideaWords))
		}
	case "The program":
		if code == 0 && b.programs["main.go"] != nil { // else its mistake says it
			at("The program shows no code", "a cell for each part: [What it does](main.go#FRAGMENT)")
		}
	case "The whole run":
		if runs == 0 {
			at("The whole run shows no run", "a cell: [What it printed](recordings/main.jsonl)")
		}
	case "Pitfalls":
		b.checkPitfalls(s, at)
	case "Terms":
		if n := len(b.terms); n < minTerms {
			at(fmt.Sprintf("Terms defines %d terms", n), fmt.Sprintf("at least %d: the term, and on the next line a colon, a space, its meaning", minTerms))
		}
	case "Questions":
		b.checkQuestions(s, at)
	}
}

func (b *builder) checkPitfalls(s *section, at func(what, right string)) {
	parts := s.parts()
	if len(parts) == 0 {
		at("Pitfalls has none", "each pitfall stands under a heading ### of its own")
	}
	if len(s.blocks) > 0 && s.blocks[0].heading == nil && len(parts) > 0 {
		at("Pitfalls starts without a heading", "each pitfall stands under a heading ### of its own")
	}
	for _, p := range parts {
		if code, runs := p.cells(); code == 0 || runs == 0 {
			b.mistakes.Add(b.Lesson.CommentaryPath(), p.line, fmt.Sprintf("the pitfall %q does not show its code and its run", p.title),
				"a cell of the broken program, [It waits](pitfalls/NAME/main.go#main), and one of its run, [It is stopped](recordings/NAME.jsonl)")
		}
	}
}

func (b *builder) checkQuestions(s *section, at func(what, right string)) {
	parts := s.parts()
	if len(parts) < minQuestions {
		at(fmt.Sprintf("Questions has %d questions", len(parts)), fmt.Sprintf("at least %d, each a heading ### with its answer below", minQuestions))
	}
	if len(s.blocks) > 0 && s.blocks[0].heading == nil {
		at("Questions starts without a question", "each question is a heading ###")
	}
	for _, p := range parts {
		if len(p.blocks) == 0 {
			b.mistakes.Add(b.Lesson.CommentaryPath(), p.line, fmt.Sprintf("the question %q has no answer", p.title), "the answer stands below the question")
		}
	}
}

// parts splits a section at its headings; what stands before the first is left
// out.
func (s *section) parts() []section {
	var parts []section
	for _, bl := range s.blocks {
		switch {
		case bl.heading != nil:
			parts = append(parts, section{id: bl.heading.id, title: bl.heading.text, heading: bl.heading.html, line: bl.heading.line})
		case len(parts) > 0:
			p := &parts[len(parts)-1]
			p.blocks = append(p.blocks, bl)
		}
	}
	return parts
}

// cells counts the cells that show code and those that show a run.
func (s *section) cells() (code, runs int) {
	for _, bl := range s.blocks {
		switch {
		case bl.cell == nil:
		case bl.cell.kind == codeCell:
			code++
		default:
			runs++
		}
	}
	return code, runs
}

func (s *section) words() int {
	n := 0
	for _, bl := range s.blocks {
		if bl.prose != nil {
			n += bl.prose.words
		}
	}
	return n
}
