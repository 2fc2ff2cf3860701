package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestHandback has every sample twice, with other times and other things seen: the
// page and what is stored are the same.
func TestHandback(t *testing.T) {
	for name, r := range samples() {
		write := func(r Report) (page, stored string) {
			t.Helper()
			var p, s bytes.Buffer
			if err := Handback(&p, r, "report.css", "05-seen.html"); err != nil {
				t.Fatal(err)
			}
			if err := Encode(&s, r.Verdicts()); err != nil && r.Validate() == nil {
				t.Fatal(err)
			}
			return p.String(), s.String()
		}
		page, stored := write(r)
		other := r
		other.Outcomes = make(map[string]Outcome)
		for check, o := range r.Outcomes {
			o.Duration += time.Second
			o.XRay, o.Output, o.Conversation = []string{"other calls"}, "other output", nil
			if o.Verdict != Error {
				o.Message = "another message"
			}
			other.Outcomes[check] = o
		}
		if p, s := write(other); p != page || s != stored {
			t.Errorf("%s: the page or what is stored tells of one run", name)
		}
		if r.Verdicts().Verdict() != r.Verdict() || r.Verdicts().Score() != r.Score() {
			t.Errorf("%s: other verdicts: %s, %s", name, r.Summary(), r.Verdicts().Summary())
		}
		if !strings.Contains(page, `<a href="05-seen.html">`) || !strings.Contains(page, ">"+r.Verdict().String()+"</strong>") {
			t.Errorf("%s: the page has no link or no verdict:\n%s", name, page)
		}
	}
}
