package live

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/kballard/go-shellquote"
	"github.com/rogpeppe/go-internal/diff"

	"sockets/runner/lesson"
	"sockets/runner/recording"
	"sockets/runner/run"
	"sockets/site"
)

// A choice is a fault of the wire in plain words.
type choice struct{ Words, Fault string }

// choices are the faults that a reader can pick; others can be written.
var choices = []choice{
	{"the first SYN is lost", "drop out SYN 1"},
	{"every SYN is lost", "drop out SYN *"},
	{"the first SYN-ACK is lost", "drop in SYN,ACK 1"},
	{"the SYN-ACK comes 200 ms late", "delay in SYN,ACK 1 200ms"},
	{"the first answer is lost", "drop in data 1"},
	{"every answer comes 200 ms late", "delay in data * 200ms"},
	{"the first answer comes twice", "duplicate in data 1"},
	{"two answers change places", "reorder in data 1"},
	{"the first request is lost", "drop out data 1"},
	{"the connection is reset after 100 bytes of the answer", "reset in after 100 bytes"},
	{"the first DNS answer is lost", "drop in dns 1"},
}

// A panelView is what the template sees.
type panelView struct {
	Number   string
	Source   string
	Digest   string // of Source
	Runs     []runChoice
	Pitfalls []runChoice
	Services []string
	Service  string // the lesson's own
	Choices  []choice
	Wire     bool   // there is one
	Caged    string // why the program can't be changed; "" if it can
	Refused  string // why it can't be run here at all
}

// A runChoice is one of the lesson's runs, as a form has it.
type runChoice struct {
	Name, Args, Faults string
	Source             string // of a pitfall: what stands in main.go's place
}

var panelTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.ParseFS(site.Files, "run.html")
})

// panel shows what can be changed of a lesson's run.
func (r *Room) panel(w http.ResponseWriter, q *http.Request) {
	p, err := r.program(q.PathValue("lesson"))
	if err != nil {
		fail(w, err)
		return
	}
	sum := sha256.Sum256(p.text)
	v := panelView{
		Number: p.Number, Source: string(p.text), Digest: hex.EncodeToString(sum[:8]), Choices: choices,
		Services: p.Needs, Wire: r.level == recording.LevelFull,
	}
	if v.Wire {
		v.Services = run.Services()
	}
	if len(p.Needs) > 0 {
		v.Service = p.Needs[0]
	}
	for _, run := range p.runs() {
		v.Runs = append(v.Runs, runOf(run))
	}
	if r.caged != nil {
		v.Caged = r.caged.Error()
	} else if v.Pitfalls, err = p.pitfalls(); err != nil {
		fail(w, err)
		return
	}
	if err := p.runsHere(); err != nil {
		v.Refused = err.Error()
	}
	fragment(w, "panel", v)
}

func runOf(r lesson.Run) runChoice {
	faults := make([]string, len(r.Wire))
	for i, f := range r.Wire {
		faults[i] = f.String()
	}
	c := runChoice{Name: r.Name, Faults: strings.Join(faults, "\n")}
	for i, a := range r.Args {
		if !plainArg.MatchString(a) { // {web} needs no quotes here
			a = shellquote.Join(a)
		}
		if i > 0 {
			c.Args += " "
		}
		c.Args += a
	}
	return c
}

// pitfalls are the lesson's runs of programs other than its own.
func (p *program) pitfalls() ([]runChoice, error) {
	var all []runChoice
	for _, run := range p.Runs {
		if run.Program == mainFile {
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.Dir, filepath.FromSlash(run.Program), mainFile))
		if err != nil {
			return nil, err
		}
		c := runOf(run)
		c.Source = string(text)
		all = append(all, c)
	}
	return all, nil
}

// A Change is a text of main.go to be compared with the lesson's.
type Change struct{ Source string }

// A diffLine is a line of how two texts differ.
type diffLine struct{ Class, Text string }

// diff says how a text differs from main.go.
func (r *Room) diff(w http.ResponseWriter, q *http.Request) {
	p, err := r.program(q.PathValue("lesson"))
	var c Change
	if err == nil {
		err = read(w, q, &c)
	}
	if err == nil && len(c.Source) > maxSource {
		err = refuse("main.go has %d bytes; here it may have %d", len(c.Source), maxSource)
	}
	if err != nil {
		fail(w, err)
		return
	}
	fragment(w, "diff", differ(p.text, []byte(c.Source)))
}

func differ(old, new []byte) []diffLine {
	var all []diffLine
	for line := range strings.Lines(string(diff.Diff("main.go", old, "yours", new))) {
		line = strings.TrimSuffix(line, "\n")
		class := map[byte]string{'+': "new", '-': "old", '@': "at"}[(line + " ")[0]]
		if strings.HasPrefix(line, "diff ") || strings.HasPrefix(line, "--- ") || strings.HasPrefix(line, "+++ ") {
			continue // which is which, the colours say, and the signs
		}
		all = append(all, diffLine{class, line})
	}
	return all
}

// fragment answers with one of the templates.
func fragment(w http.ResponseWriter, name string, view any) {
	t, err := panelTemplate()
	var b bytes.Buffer
	if err == nil {
		err = t.ExecuteTemplate(&b, name, view)
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // who is gone needs no answer
}
