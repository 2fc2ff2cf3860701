package export

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/net/html"

	"sockets/runner/temporary"
)

// A file is one member of an archive.
type file struct {
	name string
	data []byte
}

// pack is the files as a zip archive, in their order, all of the same date: the
// same files give the same bytes. Stored are those whose names are given, the
// others compressed.
func pack(files []file, date time.Time, stored ...string) ([]byte, error) {
	if first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC); date.Before(first) {
		date = first // the format has no earlier one
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if slices.Contains(stored, f.name) {
			h.Method = zip.Store
		}
		if err := member(z, h, f.data, date); err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}

// member adds one file. A stored one has no date: the first file of an EPUB may
// have no extra field, which is where dates go.
func member(z *zip.Writer, h *zip.FileHeader, data []byte, date time.Time) error {
	if h.Method != zip.Store {
		h.Modified = date
	}
	h.SetMode(0o644)
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// zip is the whole site, in a folder of its own, to be opened from the disk: the
// archive that a build puts beside the home page.
func (w *work) zip(ctx context.Context) ([]byte, error) {
	folder, err := temporary.New("zip")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the site: %w", err)
	}
	defer func() { _ = folder.Remove() }()
	dir := folder.Path
	all := *w.site
	all.Downloads = Offered
	if err := all.Write(ctx, dir); err != nil {
		return nil, err
	}
	if err := Beside(ctx, &all, dir); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, FileName("", Format{Name: "zip"})))
	if err != nil {
		return nil, fmt.Errorf("read the archive: %w", err)
	}
	return data, nil
}

// folder packs all files below dir but hidden ones.
func (w *work) folder(dir string) ([]byte, error) {
	var files []file
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name()[0] == '.' {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if rel == "index.html" {
			data, err = withoutItself(data)
		}
		files = append(files, file{"sockets-line-by-line/" + filepath.ToSlash(rel), data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("pack the site: %w", err)
	}
	return pack(files, w.date)
}

// withoutItself is the home page as the archive holds it: it can't offer the
// archive.
func withoutItself(home []byte) ([]byte, error) {
	root, err := parse(home)
	if err != nil {
		return nil, err
	}
	for _, a := range all(root, tag("a")) {
		if attr(a, "href") == FileName("", Format{Name: "zip"}) {
			remove(a.Parent) // its entry of the list
		}
	}
	var out bytes.Buffer
	err = html.Render(&out, root)
	return out.Bytes(), err
}
