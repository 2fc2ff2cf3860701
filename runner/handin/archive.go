package handin

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Archive takes the files of a zip file, or of a tar file that may be packed with
// gzip. Nothing is written anywhere.
func Archive(name string, text []byte) (*Submission, error) {
	a := archive{folder: "?"}
	if err := unpack(name, text, a.entry); err != nil {
		return nil, err
	}
	return a.done()
}

// An entry is one of an archive; read gives its text.
type entry func(name string, mode os.FileMode, size int64, read func() ([]byte, error)) error

// unpack goes through an archive. An error is of type Mistakes.
func unpack(name string, text []byte, each entry) (err error) {
	switch {
	case bytes.HasPrefix(text, []byte("PK")):
		err = unzip(text, each)
	case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			err = untar(io.LimitReader(z, maxArchive), each)
		}
	default:
		err = untar(bytes.NewReader(text), each)
	}
	if ms := Mistakes(nil); err == nil || errors.As(err, &ms) {
		return err
	}
	return Mistakes{{File: name, Text: "it can't be unpacked: " + err.Error()}}
}

// An archive is one on its way.
type archive struct {
	Submission
	folder  string // that all its .go files lie in; "?" as long as there is none
	entries int
}

// entry takes one entry.
func (a *archive) entry(name string, mode os.FileMode, size int64, read func() ([]byte, error)) error {
	if a.entries++; a.entries > maxEntries {
		return Mistakes{{File: "the archive", Text: fmt.Sprintf("it has more than %d files", maxEntries)}}
	}
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	dir, base := path.Split(clean)
	if mode.IsDir() || !compiled(base) || strings.HasPrefix(clean, "__MACOSX/") {
		a.Left = append(a.Left, clean)
		return nil
	}
	if !mode.IsRegular() {
		return Mistakes{{File: clean, Text: "it is " + kind(mode) + "; hand in the file itself"}}
	}
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return Mistakes{{File: clean, Text: "it lies outside of the archive"}}
	}
	if a.folder == "?" {
		a.folder = dir
	}
	if dir != a.folder {
		return Mistakes{{File: clean, Text: fmt.Sprintf("it is not in %q, as others are; a program is the files of one folder", path.Join(".", a.folder))}}
	}
	return a.take(base, size, read)
}

func unzip(text []byte, each entry) error {
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		err := each(f.Name, f.Mode(), int64(min(f.UncompressedSize64, 1<<40)), func() ([]byte, error) {
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			b, err := readAtMost(r)
			return b, errors.Join(err, r.Close())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func untar(r io.Reader, each entry) error {
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		mode := h.FileInfo().Mode()
		if h.Typeflag == tar.TypeLink {
			mode |= os.ModeSymlink // a hard link is no better
		}
		if err := each(h.Name, mode, h.Size, func() ([]byte, error) { return readAtMost(t) }); err != nil {
			return err
		}
	}
}
