package page

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A searchEntry is one place that search can find.
type searchEntry struct {
	Title string // of the place
	Where string // the lesson
	Href  string // from the root of the site
	Text  string // how it begins
	Words string // what else it holds, each word once
}

// search is the places of the page that a reader may look for: its sections,
// what stands under headings, and its terms.
func (p *Page) search() []searchEntry {
	base := p.Lesson.Number + "/index.html"
	where := p.Lesson.Number + " " + p.Lesson.Title
	es := []searchEntry{{Title: p.Lesson.Title, Where: "Lesson " + p.Lesson.Number, Href: base, Text: p.Lesson.Summary}}
	for _, s := range p.sections {
		if s.title == "Terms" {
			continue
		}
		top := section{id: s.id, title: s.title}
		for _, b := range s.blocks {
			if b.heading != nil {
				break
			}
			top.blocks = append(top.blocks, b)
		}
		for _, part := range append([]section{top}, s.parts()...) {
			es = append(es, part.entry(where, base))
		}
	}
	es = append(es, p.exercise.search(p.Lesson)...)
	for _, t := range p.terms {
		es = append(es, searchEntry{Title: t.name, Where: where + ", term", Href: base + "#" + t.id, Text: first(t.meaning.plain, maxFirst)})
	}
	return es
}

// search is the names of the reference.
func (ref *reference) search() []searchEntry {
	var es []searchEntry
	for _, g := range ref.Groups {
		for _, e := range g.Entries {
			var in []string
			for _, l := range e.Lessons {
				in = append(in, l.Number)
			}
			es = append(es, searchEntry{Title: e.Name, Where: g.Title, Href: "reference.html#" + e.ID, Text: "In lesson " + strings.Join(in, ", ")})
		}
	}
	return es
}

const maxFirst = 140 // bytes of the beginning of a text, at most

// entry makes a part of a page findable by its prose, and by the names in the
// code it shows.
func (s section) entry(where, base string) searchEntry {
	e := searchEntry{Title: s.title, Where: where, Href: base + "#" + s.id}
	var prose, code strings.Builder
	for _, b := range s.blocks {
		switch {
		case b.prose != nil:
			prose.WriteString(b.prose.plain + " ")
		case b.cell != nil && b.cell.kind == codeCell:
			prose.WriteString(b.cell.caption.plain + " ")
			code.WriteString(b.cell.program.file.Text(b.cell.region))
		}
	}
	e.Text = first(strings.Join(strings.Fields(prose.String()), " "), maxFirst)
	e.Words = distinct(strings.TrimPrefix(prose.String(), e.Text), code.String(), e.Title+" "+e.Text)
	return e
}

// first is the beginning of the text, cut at a word.
func first(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	if i := strings.LastIndexByte(text[:limit], ' '); i > 0 {
		return text[:i] + " …"
	}
	return strings.ToValidUTF8(text[:limit], "") + " …"
}

var (
	word       = regexp.MustCompile(`[\p{L}\p{N}_]+(?:[.'-][\p{L}\p{N}_]+)*`)
	identifier = regexp.MustCompile(`[A-Za-z_]\w{2,}(?:\.\w+)*`)
)

// distinct is the words of the prose and the names of the code, each once, but
// not those that are had already.
func distinct(prose, code, had string) string {
	seen := make(map[string]bool)
	for _, w := range word.FindAllString(strings.ToLower(had), -1) {
		seen[w] = true
	}
	var words []string
	add := func(w string) {
		if w = strings.ToLower(w); len(w) > 2 && !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	for _, w := range word.FindAllString(prose, -1) {
		add(w)
	}
	for _, w := range identifier.FindAllString(code, -1) {
		add(w)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// searchIndex is the entries as a script, so that search works from the disk. It
// hands them to the function that script.js has put in place.
func searchIndex(entries []searchEntry) []byte {
	rows := make([][5]string, len(entries))
	for i, e := range entries {
		rows[i] = [5]string{e.Title, e.Where, e.Href, e.Text, e.Words}
	}
	data, err := json.Marshal(rows)
	if err != nil {
		data = []byte("[]") // strings can't fail
	}
	return append(append([]byte("window.searchIndex = "), data...), ";\n"...)
}
