package page

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"sockets/runner/lesson"
)

// What templates see of the list of terms.
type (
	termsView  struct{ Letters []letterView }
	letterView struct {
		Letter string
		Terms  []termView
	}
	termView struct {
		ID       string
		Name     template.HTML
		Meanings []meaningView
	}
	meaningView struct {
		HTML   template.HTML
		Lesson *lesson.Lesson
		Href   string
	}
)

// terms is the list of all terms, by letter; a term that several lessons define
// stands once, with each meaning.
func (w *writer) terms() layoutView {
	byName := make(map[string]*termView)
	var all []string
	for _, p := range w.Pages {
		r := newRendering(w.Site, p)
		for _, t := range p.terms {
			key := strings.ToLower(t.name)
			v := byName[key]
			if v == nil {
				v = &termView{ID: slug(t.name), Name: t.html.fill(r.answer)}
				byName[key] = v
				all = append(all, key)
			}
			v.Meanings = append(v.Meanings, meaningView{t.meaning.fill(r.answer), p.Lesson, p.Lesson.Number + "/index.html#" + t.id})
		}
	}
	slices.Sort(all)
	var body termsView
	seen := make(map[string]bool)
	for _, key := range all {
		t := byName[key]
		if t.ID == "" || seen[t.ID] {
			t.ID = ""
		}
		seen[t.ID] = true
		letter := initial(key)
		if n := len(body.Letters); n == 0 || body.Letters[n-1].Letter != letter {
			body.Letters = append(body.Letters, letterView{Letter: letter})
		}
		last := &body.Letters[len(body.Letters)-1]
		last.Terms = append(last.Terms, *t)
	}
	slices.SortStableFunc(body.Letters, func(a, b letterView) int { return cmp.Compare(a.Letter, b.Letter) })
	return layoutView{Kind: "terms", Title: "Terms", Here: "terms", Description: "Every term that a lesson defines, in its own words.", Body: body}
}

func initial(name string) string {
	if name != "" && 'a' <= name[0] && name[0] <= 'z' {
		return strings.ToUpper(name[:1])
	}
	return "0-9"
}
