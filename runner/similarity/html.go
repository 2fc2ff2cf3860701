package similarity

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"inert": inert,
	"lines": excerpt,
	"inc":   func(i int) int { return i + 1 },
}).Parse(pageText))

// HTML writes the result as a page: the pairs, and each span with its source on
// both sides. style is the address of the style sheet of package report as seen
// from the page.
func HTML(w io.Writer, r Result, style string) error {
	return page.ExecuteTemplate(w, "page", struct {
		Style, Caution string
		Summary        []string
		Result         Result
	}{style, caution, strings.Split(r.Summary(), "\n"), r})
}

// spansShown and linesShown bound what the page shows of a pair.
const (
	spansShown = 20
	linesShown = 60
)

// Shown are the spans that the page shows.
func (p Pair) Shown() []Span { return p.Spans[:min(len(p.Spans), spansShown)] }

// Left is how many it doesn't.
func (p Pair) Left() int { return len(p.Spans) - len(p.Shown()) }

// excerpt is source as the page shows it: inert, and not too much of it.
func excerpt(s string) string {
	var b strings.Builder
	n := 0
	for l := range strings.SplitSeq(s, "\n") {
		if n++; n > linesShown {
			b.WriteString("...\n")
			break
		}
		l = strings.ReplaceAll(strings.TrimSuffix(l, "\r"), "\t", "    ")
		b.WriteString(inert(l) + "\n")
	}
	return b.String()
}
