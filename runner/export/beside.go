package export

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"sockets/runner/page"
)

// What a build puts beside the pages: what costs it little. A PDF needs Chromium,
// and a page as one file is the page again.
var (
	ofLesson = []string{"ipynb", "txtar"}
	ofCourse = []string{"epub", "zip"}
)

// Offered is what Beside writes beside the page of the lesson or, without a
// number, beside the home page.
func Offered(number string) []page.Download {
	names := ofLesson
	if number == "" {
		names = ofCourse
	}
	var all []page.Download
	for _, name := range names {
		if f, err := Find(name); err == nil {
			all = append(all, page.Download{Name: FileName(number, f), What: f.What})
		}
	}
	return all
}

// Beside writes what is Offered into dir, which holds the site.
func Beside(ctx context.Context, site *page.Site, dir string) error {
	w, err := newWork(site, site.Pages)
	if err != nil {
		return err
	}
	g, each := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	chapters := make([]*chapter, len(site.Pages))
	for i, p := range site.Pages { // a page is rendered by one at a time
		g.Go(func() error {
			err := w.beside(each, p, dir)
			if err == nil {
				chapters[i], err = w.chapter(p)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	book, err := w.bind(chapters)
	if err == nil {
		err = put(filepath.Join(dir, FileName("", Format{Name: "epub"})), book)
	}
	if err := errors.Join(err, context.Cause(ctx)); err != nil {
		return err
	}
	all, err := w.folder(dir)
	if err != nil {
		return err
	}
	return put(filepath.Join(dir, FileName("", Format{Name: "zip"})), all)
}

// beside writes the files of one lesson.
func (w *work) beside(ctx context.Context, p *page.Page, dir string) error {
	for _, name := range ofLesson {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		f, err := Find(name)
		if err != nil {
			return err
		}
		data, err := f.lesson(w, p)
		if err != nil {
			return err
		}
		if err := put(filepath.Join(dir, p.Lesson.Number, FileName(p.Lesson.Number, f)), data); err != nil {
			return err
		}
	}
	return nil
}
