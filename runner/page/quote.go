package page

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"sockets/runner/lesson"
	"sockets/runner/recording"
	"sockets/runner/source"
)

// A quote is a number of a run, in prose:
//
//	{{calls "FRAGMENT" "NAME"}}    how often the lines of the region made the call
//	{{frames "FRAGMENT"}}          how many frames their calls put on the wire
//
// each with the name of a run as one more argument; the run is main without.
type quote struct {
	ast.BaseInline
	text string   // as written
	verb string   // "calls" or "frames"
	args []string // without the run
	offs int      // of the commentary

	file   string
	run    lesson.Run
	region source.Region
	line   int // of lesson.md
}

var kindQuote = ast.NewNodeKind("Quote")

// Kind implements ast.Node.
func (q *quote) Kind() ast.NodeKind { return kindQuote }

// Dump implements ast.Node.
func (q *quote) Dump(src []byte, level int) { ast.DumpHelper(q, src, level, nil, nil) }

type quoteParser struct{}

// Trigger implements goldmark's parser.InlineParser.
func (quoteParser) Trigger() []byte { return []byte{'{'} }

var (
	quoteForm = regexp.MustCompile(`^\{\{[^{}\n]*\}\}`)
	quoteBody = regexp.MustCompile(`^\{\{(calls|frames)((?:\s+"[^"]+")+)\s*\}\}$`)
	quoteArg  = regexp.MustCompile(`"([^"]+)"`)
)

// Parse implements goldmark's parser.InlineParser.
func (quoteParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if !strings.HasPrefix(string(line), "{{") {
		return nil
	}
	q := &quote{offs: segment.Start, text: string(quoteForm.Find(line))}
	if q.text == "" {
		q.text = "{{"
	}
	if m := quoteBody.FindStringSubmatch(q.text); m != nil {
		q.verb = m[1]
		for _, a := range quoteArg.FindAllStringSubmatch(m[2], -1) {
			q.args = append(q.args, a[1])
		}
	}
	block.Advance(len(q.text))
	return q
}

const quoteRight = `{{calls "FRAGMENT" "NAME"}} or {{frames "FRAGMENT"}}, and the name of a run as one more argument if it is not main`

// checkQuote finds the region and the run that the quote speaks of.
func (b *builder) checkQuote(q *quote) {
	q.line = b.Lesson.LineAt(q.offs)
	own := map[string]int{"calls": 2, "frames": 1}[q.verb]
	if own == 0 || len(q.args) < own || len(q.args) > own+1 {
		b.mistake(q.offs, fmt.Sprintf("can't understand %q", q.text), quoteRight)
		return
	}
	name := "main"
	if len(q.args) > own {
		name = q.args[own]
	}
	var ok bool
	if q.run, ok = b.Lesson.Run(name); !ok {
		b.mistake(q.offs, "there is no run "+name, b.runsRight())
		return
	}
	q.file = q.run.File()
	p := b.program(q.file, q.offs)
	if p == nil {
		return
	}
	r, err := p.file.Find(q.args[0])
	if err != nil {
		f := fragmentMistake(err)
		b.mistake(q.offs, f.what, f.right)
		return
	}
	q.region = r
}

// count answers the quote from a recording; ok is false if that does not tell.
func (q *quote) count(t *trace) (n int, ok bool) {
	level := t.Header.Level
	if level != recording.LevelFull && (level != recording.LevelCalls || q.verb == "frames") {
		return 0, false
	}
	for line := q.region.Start; line <= q.region.End; line++ {
		at := t.lines[recording.Place{File: q.file, Line: line}]
		if at == nil {
			continue
		}
		if q.verb == "frames" {
			n += total(at.frames)
			continue
		}
		for _, e := range at.calls {
			if e.Call.Name == q.args[1] {
				n += e.Times()
			}
		}
	}
	return n, true
}

// total is how many times the events happened.
func total(events []recording.Event) int {
	n := 0
	for _, e := range events {
		n += e.Times()
	}
	return n
}

// answer is the words that stand for the quote on the page. Where this build's
// recording has no calls, the one in the tree is asked.
func (r *rendering) answer(q *quote) string {
	if q.region.End == 0 {
		return ""
	}
	for _, t := range []*trace{r.trace(q.run.Name), r.stored(q.run.Name)} {
		n, ok := q.count(t)
		if !ok {
			continue
		}
		if n == 0 {
			what := "no frame"
			if q.verb == "calls" {
				what = "no call " + q.args[1]
			}
			r.mistakes.Add(r.page.Lesson.CommentaryPath(), q.line,
				fmt.Sprintf("%s: in the run %s, lines %d to %d of %s made %s", q.text, q.run.Name, q.region.Start, q.region.End, path.Base(q.file), what),
				"the fragment of the lines that made it")
		}
		return thousands(n)
	}
	return "some"
}

// thousands is the number with a comma at each third digit: 8,046.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
