package report

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed handback.html
var handbackText string

var handback = template.Must(template.Must(pages.Clone()).Parse(handbackText))

// Handback writes the page of a class's result for a student: the verdicts and the
// points, and nothing that is different in another run of the same program. seen is
// the address of a [Page] that tells what was seen, "" for none.
func Handback(w io.Writer, r Report, style, seen string) error {
	why, score, verdict := r.why(), r.Score(), r.Verdict()
	r = r.ForStudent()
	return handback.ExecuteTemplate(w, "handback", struct {
		Style, Why, Seen string
		Report           Report
		Rows             []Row
		Score            Score
		Verdict          Verdict
	}{style, why, seen, r, r.listed(), score, verdict})
}

// Verdicts is the report without what its checks saw: its verdicts, which are the
// same in every run of the same program, and why our side failed, if it did.
func (r Report) Verdicts() Report {
	verdicts := make(map[string]Outcome, len(r.Outcomes))
	for name, o := range r.Outcomes {
		v := Outcome{Verdict: o.Verdict}
		if o.Verdict == Error {
			v.Message = o.Message
		}
		verdicts[name] = v
	}
	r.Outcomes = verdicts
	return r
}
