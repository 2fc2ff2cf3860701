package page

import (
	"cmp"
	"fmt"
	"html/template"
	"os"
	"slices"
	"strings"

	"sockets/runner/lesson"
	"sockets/runner/recording"
)

// What templates see of a lesson's page.
type (
	lessonView struct {
		*lesson.Lesson
		Where    string // it runs, if not everywhere
		Sections []sectionView
		Layers   layers
		Level    *levelView
		Embed    embedView
		Sources  []string
		Take     []Download
	}
	sectionView struct {
		ID, Title string
		Blocks    []blockView // before the first question, in Questions
		Answer    []blockView // of Predict first
		Questions []questionView
	}
	questionView struct {
		ID     string
		HTML   template.HTML
		Blocks []blockView
	}
	// A blockView is one of its fields.
	blockView struct {
		Prose                              template.HTML
		Heading                            *headingView
		Code                               *codeView
		Transcript, Printed, Kernel, Wires *runView
		Exercise                           *exerciseView // the way to it
	}
	headingView struct {
		ID   string
		HTML template.HTML
	}
	levelView struct {
		*recording.Header
		Calls, Frames int
	}
	// An embedView is the box with links to the page.
	embedView struct{ Href, URL, Title, HTML, Markdown string }
	tocEntry  struct {
		ID, Text string
		Sub      []tocEntry
	}
)

// A rendering is the work on one page of the site.
type rendering struct {
	page      *Page
	site      *Site
	traces    map[string]*trace
	committed map[string]*trace
	ids       map[string]bool
	limits    limits
	alone     bool            // there are no files and no other pages of the lesson
	wires     map[string]bool // runs whose frames need a page of their own
	mistakes  lesson.Mistakes
}

func newRendering(s *Site, p *Page) *rendering {
	return &rendering{
		page: p, site: s, traces: make(map[string]*trace),
		committed: make(map[string]*trace), ids: make(map[string]bool), wires: make(map[string]bool), limits: pageLimits[0],
	}
}

// recording is what this build has of the run; nil if it has nothing.
func (r *rendering) recording(run string) *recording.Recording {
	if r.site.Recordings == nil {
		return nil
	}
	return r.site.Recordings(r.page.Lesson.Number, run)
}

// trace is the recording of the run, by lines; empty if there is none.
func (r *rendering) trace(run string) *trace {
	if t := r.traces[run]; t != nil {
		return t
	}
	rec := r.recording(run)
	if rec == nil {
		rec = &recording.Recording{Header: recording.Header{Run: run}}
	}
	t := newTrace(rec)
	r.traces[run] = t
	return t
}

// stored is the recording of the run in the tree; empty if there is none that
// can be read.
func (r *rendering) stored(run string) *trace {
	if t := r.committed[run]; t != nil {
		return t
	}
	rec := new(recording.Recording)
	if data, err := os.ReadFile(r.page.Lesson.RecordingPath(run)); err == nil {
		if decoded, err := recording.Decode(data); err == nil {
			rec = decoded
		}
	}
	r.committed[run] = newTrace(rec)
	return r.committed[run]
}

// unique is an id that the page does not have yet.
func (r *rendering) unique(id string) string {
	base := id
	for i := 2; r.ids[id] || r.page.ids[id]; i++ {
		id = fmt.Sprintf("%s-%d", base, i)
	}
	r.ids[id] = true
	return id
}

// view is the whole page for the template.
func (r *rendering) view() *lessonView {
	v := &lessonView{Lesson: r.page.Lesson, Where: systems(r.page.Lesson.Platforms)}
	for _, s := range r.page.sections {
		v.Sections = append(v.Sections, r.section(s))
	}
	t := r.trace("main")
	calls, frames := t.has()
	if t.Header.Level != "" {
		v.Level = &levelView{&t.Header, calls, frames}
	}
	for _, s := range v.Sections {
		for _, b := range slices.Concat(s.Blocks, s.Answer) {
			if b.Code != nil {
				v.Layers.add(b.Code.Layers)
			}
		}
	}
	v.Sources = r.page.sources()
	v.Embed = r.embed()
	if r.site.Downloads != nil && !r.alone {
		v.Take = r.site.Downloads(r.page.Lesson.Number)
	}
	return v
}

func (r *rendering) section(s *section) sectionView {
	v := sectionView{ID: s.id, Title: s.title}
	switch s.title {
	case "Predict first":
		i := slices.IndexFunc(s.blocks, func(b block) bool { return b.rule })
		if i < 0 {
			i = len(s.blocks)
		}
		v.Blocks, v.Answer = r.blocks(s.blocks[:i]), r.blocks(s.blocks[i:])
	case "Questions":
		for _, p := range s.parts() {
			v.Questions = append(v.Questions, questionView{ID: p.id, HTML: p.heading.fill(r.answer), Blocks: r.blocks(p.blocks)})
		}
	case "The whole run":
		v.Blocks = r.blocks(s.blocks)
		_, frames := r.trace("main").has()
		if !shows(s, wireCell) && frames > 0 {
			w := r.frameCell("main")
			w.Caption = "What went over the wire"
			v.Blocks = append(v.Blocks, blockView{Wires: &w})
		}
	case "Exercise":
		v.Blocks = r.blocks(s.blocks)
		if e := r.page.exercise; e != nil {
			v.Blocks = append(v.Blocks, blockView{Exercise: &exerciseView{Name: e.name, Lesson: r.page.Lesson}})
		}
	default:
		v.Blocks = r.blocks(s.blocks)
	}
	return v
}

func shows(s *section, kind cellKind) bool {
	return slices.ContainsFunc(s.blocks, func(b block) bool { return b.cell != nil && b.cell.kind == kind })
}

func (r *rendering) blocks(bs []block) []blockView {
	var vs []blockView
	for _, b := range bs {
		switch {
		case b.prose != nil:
			vs = append(vs, blockView{Prose: b.prose.fill(r.answer)})
		case b.heading != nil:
			vs = append(vs, blockView{Heading: &headingView{b.heading.id, b.heading.html.fill(r.answer)}})
		case b.cell != nil:
			vs = append(vs, r.cellView(b.cell))
		}
	}
	return vs
}

func (r *rendering) cellView(c *cell) blockView {
	var v runView
	switch c.kind {
	case codeCell:
		code := r.code(c)
		return blockView{Code: &code}
	case printedCell:
		v = r.printedPart(c)
		return blockView{Printed: &v}
	case kernelCell:
		v = r.kernel(c)
		return blockView{Kernel: &v}
	case wireCell:
		v = r.wire(c)
		return blockView{Wires: &v}
	}
	v = r.transcript(c)
	return blockView{Transcript: &v}
}

// sources are the lesson's source files that have a page, main.go first.
func (p *Page) sources() []string {
	var names []string
	for name, prog := range p.programs {
		if prog != nil {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := strings.Count(a, "/") - strings.Count(b, "/"); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}

// systems is the names of operating systems as people write them.
func systems(goos []string) string {
	names := map[string]string{"linux": "Linux", "darwin": "macOS", "windows": "Windows", "freebsd": "FreeBSD", "netbsd": "NetBSD", "openbsd": "OpenBSD"}
	var all []string
	for _, s := range goos {
		all = append(all, cmp.Or(names[s], s))
	}
	return strings.Join(all, ", ")
}

// toc is the table of contents.
func (p *Page) toc() []tocEntry {
	var entries []tocEntry
	for _, s := range p.sections {
		e := tocEntry{ID: s.id, Text: s.title}
		if s.title == "Pitfalls" || s.title == "The program" {
			for _, part := range s.parts() {
				e.Sub = append(e.Sub, tocEntry{ID: part.id, Text: part.title})
			}
		}
		entries = append(entries, e)
	}
	return entries
}

// embed is a link to the page, ready to be copied.
func (r *rendering) embed() embedView {
	l := r.page.Lesson
	v := embedView{URL: r.site.BaseURL + l.Number + "/index.html", Title: "Sockets, line by line: " + l.Title}
	v.Href = v.URL
	if r.site.BaseURL == "" {
		v.Href = "index.html" // the script knows where the page is
	}
	v.HTML = `<a href="` + template.HTMLEscapeString(v.URL) + `">` + template.HTMLEscapeString(v.Title) + `</a>`
	v.Markdown = "[" + strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(v.Title) + "](" + v.URL + ")"
	return v
}
