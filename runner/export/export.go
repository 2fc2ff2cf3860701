// Package export makes of lessons what a reader can take along: the formats are
//
//	txtar   a lesson's files as one text; golang.org/x/tools/txtar has the format
//	ipynb   a lesson as a Jupyter notebook, nbformat 4.5, for the kernel gonb
//	html    a lesson as one file, for a browser without a network
//	zip     the whole site
//	epub    the whole course as a book, EPUB 3
//	pdf     the lessons on A4, printed by a Chromium of this machine
//
// What a lesson holds and looks like comes from package page alone, as HTML or as
// parts; this package packs that up, and takes out what needs a site around it:
// scripts, buttons, and links that would lead nowhere. Nothing loads anything from
// a network. The same lessons and recordings give the same bytes.
//
// The package runs no lesson, and it renders no Markdown and no recording itself.
package export

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sockets/runner/page"
)

// A Format is one of the forms that lessons are taken along in.
type Format struct {
	Name, What string
	Course     bool // one file holds all lessons
	lesson     func(*work, *page.Page) ([]byte, error)
	course     func(*work, context.Context) ([]byte, error)
}

// Formats are all there are.
var Formats []Format

func init() { // they need each other: a zip holds a site, which offers a book
	Formats = []Format{
		{Name: "txtar", What: "a lesson's files as one text", lesson: (*work).archive},
		{Name: "ipynb", What: "a lesson as a Jupyter notebook", lesson: (*work).notebook},
		{Name: "html", What: "a lesson as one HTML file", lesson: (*work).single},
		{Name: "epub", What: "the lessons as a book, EPUB 3", Course: true, course: (*work).epub},
		{Name: "pdf", What: "the lessons on paper, by Chromium", Course: true, course: (*work).pdf},
		{Name: "zip", What: "the whole site", Course: true, course: (*work).zip},
	}
}

// Find is the format of that name.
func Find(name string) (Format, error) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		var names []string
		for _, f := range Formats {
			names = append(names, f.Name)
		}
		return Format{}, fmt.Errorf("there is no format %q; there are %s", name, strings.Join(names, ", "))
	}
	return Formats[i], nil
}

// A work is one export: the site, and the lessons of it that are wanted.
type work struct {
	site  *page.Site
	pages []*page.Page
	date  time.Time
}

// epoch dates what is made, unless SOURCE_DATE_EPOCH does: files must not differ
// because they were made on another day.
var epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func newWork(site *page.Site, pages []*page.Page) (*work, error) {
	w := &work{site: site, pages: pages, date: epoch}
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		var seconds int64
		if _, err := fmt.Sscanf(text, "%d", &seconds); err != nil || seconds < 0 {
			return nil, fmt.Errorf("SOURCE_DATE_EPOCH=%s: it is a number of seconds since 1970", text)
		}
		w.date = time.Unix(seconds, 0).UTC()
	}
	return w, nil
}

// Write writes the lessons of the numbers, or all, in the format. A format of the
// whole course makes the file out, one of a lesson too if it is one lesson; if
// out is a folder, and for several lessons, the files go there. It gives the
// files it wrote. What was there before is replaced only by a whole file.
func Write(ctx context.Context, site *page.Site, numbers []string, f Format, out string) ([]string, error) {
	var pages []*page.Page
	for _, p := range site.Pages {
		if len(numbers) == 0 || slices.Contains(numbers, p.Lesson.Number) {
			pages = append(pages, p)
		}
	}
	w, err := newWork(site, pages)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(out)
	isFolder := err == nil && info.IsDir()
	if f.Course {
		data, err := f.course(w, ctx)
		if err != nil {
			return nil, err
		}
		if isFolder {
			out = filepath.Join(out, FileName("", f))
		}
		return []string{out}, put(out, data)
	}
	folder := isFolder || len(pages) != 1 || strings.HasSuffix(out, string(filepath.Separator))
	if folder {
		if err := os.MkdirAll(out, 0o755); err != nil {
			return nil, fmt.Errorf("make the folder: %w", err)
		}
	}
	var files []string
	for _, p := range pages {
		if err := context.Cause(ctx); err != nil {
			return files, err
		}
		data, err := f.lesson(w, p)
		if err != nil {
			return files, err
		}
		name := out
		if folder {
			name = filepath.Join(out, FileName(p.Lesson.Number, f))
		}
		if err := put(name, data); err != nil {
			return files, err
		}
		files = append(files, name)
	}
	return files, nil
}

// FileName is what a file of the format is called: of the lesson, or of the
// course if number is empty.
func FileName(number string, f Format) string {
	if number == "" {
		return "sockets-line-by-line." + f.Name
	}
	return "sockets-" + number + "." + f.Name
}

// put writes the file whole or not at all.
func put(name string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(tmp.Name()) // fails once it has its name
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
