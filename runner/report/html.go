package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"
)

// StyleSheet is the one file beside the pages: light and dark by the reader's
// setting. The caller writes it where the pages' href says it is.
//
//go:embed report.css
var StyleSheet []byte

//go:embed pages.html
var pagesText string

var pages = template.Must(template.New("pages").Funcs(template.FuncMap{
	"ms":        millis,
	"count":     count,
	"thousands": thousands,
	"class":     func(v any) string { return strings.ReplaceAll(fmt.Sprint(v), " ", "-") },
	"instant":   instant,
	"hex":       hexdump,
	"lines":     func(s string) string { return block(s, maxText) },
	"line":      line,
	"diff":      diffLines,
	"link":      newHead,
}).Parse(pagesText))

// A head is what differs in the heads of pages.
type head struct {
	Href, Text string
	Sheet      template.CSS // the style sheet itself, if Href is ""
	Styles     string       // what the policy allows
}

func newHead(href, title string) head {
	if href != "" {
		return head{Href: href, Text: title, Styles: "self"}
	}
	sum := sha256.Sum256(StyleSheet)
	return head{
		Text: title, Sheet: template.CSS(StyleSheet), //nolint:gosec // it is our own file
		Styles: "sha256-" + base64.StdEncoding.EncodeToString(sum[:]),
	}
}

// Page writes the page that a student gets: of hidden checks no more than the
// verdict. style is the address of the style sheet as seen from the page, and
// of the same origin; if it is "", the page holds the sheet, and stands alone.
func Page(w io.Writer, r Report, style string) error {
	why, score, verdict := r.why(), r.Score(), r.Verdict()
	r = r.ForStudent()
	return pages.ExecuteTemplate(w, "student", struct {
		Style, Why string
		Report     Report
		Rows       []Row
		Score      Score
		Verdict    Verdict
	}{style, why, r, r.listed(), score, verdict})
}

// Overview writes the page of a whole class for its teacher: distributions, the
// most missed checks, and everyone's points. address gives the address of a
// report's own page as seen from this one, "" for none; it may be nil.
func Overview(w io.Writer, c Class, style string, address func(Report) string) error {
	if address == nil {
		address = func(Report) string { return "" }
	}
	view := overview{Style: style, Class: c, Missed: c.MostMissed(20)}
	if err := c.Validate(); err != nil {
		view.Why = block(err.Error(), maxText)
	}
	for _, e := range c.Exercises {
		bars, unsure := c.Distribution(e.Number)
		view.Exercises = append(view.Exercises, newSpread(e, bars, unsure, c.Verdicts(e.Number)))
	}
	for _, row := range c.Rows() {
		r := overviewRow{ClassRow: row}
		for _, cell := range row.Cells {
			href := ""
			if cell.Report != nil {
				href = address(*cell.Report)
			}
			r.Links = append(r.Links, cellLink{cell, href})
		}
		view.Rows = append(view.Rows, r)
	}
	return pages.ExecuteTemplate(w, "overview", view)
}

type overview struct {
	Style, Why string
	Class      Class
	Exercises  []spread
	Missed     []Miss
	Rows       []overviewRow
}

type overviewRow struct {
	ClassRow
	Links []cellLink
}

type cellLink struct {
	ClassCell
	Href string
}

// A spread is the distribution of one exercise as it is drawn.
type spread struct {
	Exercise
	Bars     []drawnBar
	Unsure   int
	Verdicts []Tally
	Total    int
}

// A drawnBar has its width in hundredths of the widest bar.
type drawnBar struct {
	Bar
	Width int
}

// Range is the bar's part of the points, in words.
func (b drawnBar) Range() string {
	switch {
	case b.From == 0 && b.To == 0:
		return "none"
	case b.From == 100:
		return "all"
	}
	return fmt.Sprintf("%d to %d %%", b.From, b.To)
}

func newSpread(e Exercise, bars []Bar, unsure int, tallies []Tally) spread {
	s := spread{Exercise: e, Unsure: unsure, Verdicts: tallies}
	widest := 1
	for _, b := range bars {
		widest = max(widest, b.Count)
	}
	for _, b := range bars {
		s.Bars = append(s.Bars, drawnBar{b, b.Count * 100 / widest})
	}
	for _, t := range tallies {
		s.Total += t.Count
	}
	return s
}

// A diffLine is a line of a difference with what it is, for its colour; the
// sign is in the text, so that colour is not needed.
type diffLine struct{ Class, Text string }

func diffLines(s string) []diffLine {
	var lines []diffLine
	for l := range strings.Lines(block(s, maxText)) {
		class := "same"
		switch {
		case strings.HasPrefix(l, "-"):
			class = "wanted"
		case strings.HasPrefix(l, "+"):
			class = "came"
		}
		lines = append(lines, diffLine{class, l})
	}
	return lines
}

// Places are the lines that were waiting, bounded and inert as all that follows.
func (row Row) Places() []string { return row.places() }

// Calls are the last lines of the X-ray.
func (row Row) Calls() []string { return row.calls() }

// Turns are those of the conversation that are shown.
func (row Row) Turns() []PageTurn {
	var turns []PageTurn
	for _, t := range row.Conversation.shown() {
		if t.skipped > 0 {
			turns = append(turns, PageTurn{What: "... " + count(t.skipped, "turn") + " more"})
			continue
		}
		p := PageTurn{At: t.At, What: t.What(), Who: string(t.Who)}
		if !slices.Contains([]Who{We, Program}, t.Who) {
			p.Who = "nobody"
		} else {
			p.Hex = hexdump(t.Bytes, t.Size)
		}
		turns = append(turns, p)
	}
	return turns
}

// A PageTurn is a turn as a page shows it.
type PageTurn struct {
	At             time.Duration
	Who, What, Hex string
}

// Silent reports whether the row has nothing to say beyond its verdict.
func (row Row) Silent() bool { return row.Verdict == Pass || row.silent() }
