package class

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"

	"sockets/runner/report"
)

// render writes the result of a plan from what came of its submissions, and gives
// those that could not be judged.
func render(p *plan, st *store) (unjudged []string, err error) {
	c := report.Class{Name: p.Name, Links: []report.Link{{Href: "gradebook.csv", Text: "the gradebook"}}}
	for _, e := range p.Exercises {
		c.Exercises = append(c.Exercises, e.Exercise)
		c.Links = append(c.Links, report.Link{Href: "similarity/" + e.Number + ".html", Text: "code shared in " + e.Number})
	}
	folder := make(map[string]string)
	for _, s := range p.Students {
		folder[s.ID] = s.Folder
		if !s.Guest {
			c.Roster = append(c.Roster, report.Student{ID: s.ID, Name: s.Name})
		}
	}
	kept := make(map[string]bool) // files that belong to the result
	write := func(text []byte, elem ...string) {
		kept[path.Join(elem...)] = true
		err = errors.Join(err, st.write(text, elem...))
	}
	for _, s := range p.Submissions {
		r, err2 := p.report(s, st)
		if err2 != nil {
			return nil, err2
		}
		if failed(r) {
			unjudged = append(unjudged, s.Student+" "+s.Exercise)
		}
		var stored, page bytes.Buffer
		seen := ""
		if s.Refused == "" && tells(r) {
			seen = s.Exercise + "-seen.html"
			text, err := p.seen(s, st)
			if err != nil {
				return nil, err
			}
			write(text, "students", folder[s.Student], seen)
		}
		if err := errors.Join(report.Encode(&stored, r), report.Handback(&page, r, "report.css", seen)); err != nil {
			return nil, fmt.Errorf("write the report of %s, exercise %s: %w", s.Student, s.Exercise, err)
		}
		write(stored.Bytes(), "results", folder[s.Student], s.Exercise+".json")
		write(page.Bytes(), "students", folder[s.Student], s.Exercise+".html")
		if css := path.Join("students", folder[s.Student], "report.css"); !kept[css] {
			write(report.StyleSheet, css)
		}
		if err != nil {
			return nil, err
		}
		c.Reports = append(c.Reports, r)
	}
	write(report.StyleSheet, "report.css")
	for name, to := range map[string]func(io.Writer) error{
		"gradebook.csv": func(w io.Writer) error { return report.Gradebook(w, c) },
		"overview.html": func(w io.Writer) error {
			return report.Overview(w, c, "report.css", func(r report.Report) string {
				return path.Join("students", folder[r.Submission], r.Exercise.Number+".html")
			})
		},
	} {
		var b bytes.Buffer
		if err := to(&b); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		write(b.Bytes(), name)
	}
	return unjudged, errors.Join(err, st.prune(kept))
}

// report is what came of a submission, as that of its student.
func (p *plan) report(s *submission, st *store) (report.Report, error) {
	e := p.exercise(s.Exercise)
	r := report.Report{Exercise: e.Exercise, Seed: e.Seed, Build: s.Refused}
	if s.Refused == "" {
		var err error
		if r, _, err = st.load(s.Key); err != nil {
			return r, fmt.Errorf("read what came of %s, exercise %s: %w", s.Student, s.Exercise, err)
		}
	}
	r.Submission, r.Graded, r.Cached = s.Student, p.At, s.Cached
	return r, nil
}

// seen is the page of what the checks saw, in one run.
func (p *plan) seen(s *submission, st *store) ([]byte, error) {
	text, err := os.ReadFile(st.seen(s.Key))
	if err != nil {
		return nil, fmt.Errorf("read what was seen of %s, exercise %s: %w", s.Student, s.Exercise, err)
	}
	r, err := report.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", st.seen(s.Key), err)
	}
	r.Submission, r.Graded = s.Student, p.At
	var page bytes.Buffer
	if err := report.Page(&page, r, "report.css"); err != nil {
		return nil, fmt.Errorf("write what was seen of %s, exercise %s: %w", s.Student, s.Exercise, err)
	}
	return page.Bytes(), nil
}

// A file of ours, in the folders of students.
var ours = regexp.MustCompile(`^([0-9][0-9]\.(html|json)|[0-9][0-9]-seen\.html|report\.css)$`)

// prune removes what an earlier result has of students and exercises that are no
// longer there. Files of others stay.
func (st *store) prune(kept map[string]bool) error {
	var errs []error
	for _, top := range []string{"students", "results"} {
		root := os.DirFS(st.path(top))
		dirs, err := fs.ReadDir(root, ".")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		errs = append(errs, err)
		for _, d := range dirs {
			files, err := fs.ReadDir(root, d.Name())
			if err != nil {
				continue // a file of somebody's
			}
			left := slices.DeleteFunc(files, func(f fs.DirEntry) bool {
				name := path.Join(top, d.Name(), f.Name())
				if kept[name] || !ours.MatchString(f.Name()) {
					return false
				}
				errs = append(errs, os.Remove(st.path(name)))
				return true
			})
			if len(left) == 0 {
				errs = append(errs, os.Remove(st.path(top, d.Name())))
			}
		}
	}
	return errors.Join(errs...)
}
