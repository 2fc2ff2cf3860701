package page

import (
	"cmp"
	"slices"
	"strings"

	"sockets/runner/lesson"
	"sockets/runner/recording"
)

// What templates see of the reference: all calls, errors, flags and options of
// all runs, and where they occur.
type (
	reference struct{ Groups []referenceGroup }

	referenceGroup struct {
		ID, Title, Intro string
		Entries          []referenceEntry
	}
	referenceEntry struct {
		ID, Name, Man string
		Times         int
		Lessons       []referenceLesson
	}
	referenceLesson struct {
		*lesson.Lesson
		Places []placeView
		More   int
	}
)

const maxPlaces = 12 // lines shown of one lesson under one name

// collect reads every recording that has calls.
func (w *writer) collect() *reference {
	calls, errnos, flags, options := newTally(), newTally(), newTally(), newTally()
	for _, p := range w.Pages {
		r := newRendering(w.Site, p)
		for _, run := range p.Lesson.Runs {
			t := r.trace(run.Name)
			for _, e := range t.Events {
				at, _ := t.placeOf(e)
				switch {
				case e.Call != nil:
					calls.add(e.Call.Name, p.Lesson, at, e.Times())
					if e.Call.Errno != "" {
						errnos.add(e.Call.Errno, p.Lesson, at, e.Times())
					}
				case e.Frame != nil:
					for _, f := range strings.FieldsFunc(e.Frame.Flags, func(r rune) bool { return r == ',' || r == ' ' }) {
						flags.add(f, p.Lesson, at, e.Times())
					}
					for _, o := range e.Frame.Options {
						options.add(optionName(o), p.Lesson, at, e.Times())
					}
				}
			}
		}
	}
	var ref reference
	ref.add("calls", "System calls", "What lines of the lessons asked of the kernel.", calls, true)
	ref.add("errors", "Errors", "What the kernel answered when it said no.", errnos, false)
	ref.add("flags", "TCP flags", "What segments said in their header.", flags, false)
	ref.add("options", "TCP options", "What segments carried beside their data.", options, false)
	return &ref
}

// optionName is an option without its value: "MSS" for "MSS 1460".
func optionName(option string) string {
	fields := strings.Fields(option)
	for len(fields) > 1 && strings.ContainsAny(fields[len(fields)-1], "0123456789") {
		fields = fields[:len(fields)-1]
	}
	return strings.Join(fields, " ")
}

// A tally is how often each name occurs, and where.
type tally map[string]*counted

type counted struct {
	times   int
	lessons []*lesson.Lesson
	places  map[string][]recording.Place // by lesson
}

func newTally() tally { return make(tally) }

func (t tally) add(name string, l *lesson.Lesson, at recording.Place, times int) {
	c := t[name]
	if c == nil {
		c = &counted{places: make(map[string][]recording.Place)}
		t[name] = c
	}
	c.times += times
	if n := len(c.lessons); n == 0 || c.lessons[n-1] != l {
		c.lessons = append(c.lessons, l)
	}
	if at.File != "" && !slices.Contains(c.places[l.Number], at) {
		c.places[l.Number] = append(c.places[l.Number], at)
	}
}

func (ref *reference) add(id, title, intro string, t tally, man bool) {
	g := referenceGroup{ID: id, Title: title, Intro: intro}
	for name, c := range t {
		e := referenceEntry{ID: slug(id + " " + name), Name: name, Times: c.times}
		if man {
			e.Man = "https://man7.org/linux/man-pages/man2/" + name + ".2.html"
		}
		for _, l := range c.lessons {
			rl := referenceLesson{Lesson: l}
			places := c.places[l.Number]
			slices.SortFunc(places, func(a, b recording.Place) int {
				return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
			})
			for _, at := range places[:min(len(places), maxPlaces)] {
				rl.Places = append(rl.Places, placeView{l.Number + "/" + sourceHref(at), sourceTitle(at.File) + strings.TrimPrefix(where(at), at.File), ""})
			}
			rl.More = len(places) - len(rl.Places)
			e.Lessons = append(e.Lessons, rl)
		}
		g.Entries = append(g.Entries, e)
	}
	if len(g.Entries) == 0 {
		return
	}
	slices.SortFunc(g.Entries, func(a, b referenceEntry) int { return cmp.Compare(a.Name, b.Name) })
	ref.Groups = append(ref.Groups, g)
}
