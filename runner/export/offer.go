package export

import (
	"context"
	"io/fs"
	"path"

	"sockets/runner/page"
)

// Make makes one of the files that are [Offered], the same bytes as [Beside] puts
// there. It is called by its path below the home page, "01/sockets-01.ipynb";
// the error is fs.ErrNotExist if no such file is offered.
func Make(ctx context.Context, site *page.Site, name string) ([]byte, error) {
	w, err := newWork(site, site.Pages)
	if err != nil {
		return nil, err
	}
	for _, format := range ofCourse {
		if f, err := Find(format); err == nil && name == FileName("", f) {
			return f.course(w, ctx)
		}
	}
	for _, p := range site.Pages {
		for _, format := range ofLesson {
			if f, err := Find(format); err == nil && name == path.Join(p.Lesson.Number, FileName(p.Lesson.Number, f)) {
				return f.lesson(w, p)
			}
		}
	}
	return nil, fs.ErrNotExist
}
