package class

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sockets/runner/handin"
	"sockets/runner/report"
	"sockets/runner/similarity"
)

// similar writes which submissions share code, an exercise a page. That needs the
// sources of all of them, so the first shard does it.
func similar(o Options, c *class, p *plan, st *store) error {
	kept := make(map[string]bool)
	for _, e := range p.Exercises {
		stub, err := stubOf(filepath.Join(o.Root, "lessons", e.Number, "exercise"))
		if err != nil {
			return err
		}
		var all []similarity.Submission
		for _, u := range c.uploads {
			if u.exercise != e.Number {
				continue
			}
			s, _, err := c.take(u)
			if err != nil {
				return err
			}
			if s != nil { // also what was refused: it need not compile
				all = append(all, similarity.Submission{Name: u.student, Files: sources(s)})
			}
		}
		result := similarity.Comparison{Stub: stub}.Run(all)
		var page, text bytes.Buffer
		if err := errors.Join(similarity.HTML(&page, result, "../report.css"), similarity.Text(&text, result)); err != nil {
			return fmt.Errorf("write the similarity report of exercise %s: %w", e.Number, err)
		}
		if err := errors.Join(st.write(page.Bytes(), "similarity", e.Number+".html"), st.write(text.Bytes(), "similarity", e.Number+".txt")); err != nil {
			return err
		}
		kept[e.Number+".html"], kept[e.Number+".txt"] = true, true
	}
	return errors.Join(st.write(report.StyleSheet, "report.css"), st.pruneSimilar(kept))
}

// pruneSimilar removes the pages of exercises that the class no longer has.
func (st *store) pruneSimilar(kept map[string]bool) error {
	files, err := os.ReadDir(st.path("similarity"))
	for _, f := range files {
		base, _, _ := strings.Cut(f.Name(), ".")
		if handin.IsNumber(base) && !kept[f.Name()] {
			err = errors.Join(err, os.Remove(st.path("similarity", f.Name())))
		}
	}
	return err
}

func sources(s *handin.Submission) []similarity.File {
	var files []similarity.File
	for _, f := range s.Files {
		files = append(files, similarity.File{Name: f.Name, Source: f.Text})
	}
	return files
}

// stubOf is what everybody was given.
func stubOf(dir string) ([]similarity.File, error) {
	s, err := handin.Folder(dir)
	var mistakes handin.Mistakes
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil && !errors.As(err, &mistakes) {
		return nil, fmt.Errorf("read the stub: %w", err)
	}
	if s == nil {
		return nil, nil
	}
	return sources(s), nil
}
