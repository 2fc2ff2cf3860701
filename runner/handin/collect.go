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
	"path/filepath"
	"strings"
)

// maxArchive is what an archive may have, packed and unpacked.
const maxArchive = 16 << 20

// Collect takes the submission that stands at a path: a directory, or an archive,
// which is known by its first bytes. What is wrong with it is of type Mistakes;
// other errors are the machine's.
func Collect(name string) (*Submission, error) {
	info, err := os.Lstat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return Folder(name)
	case !info.Mode().IsRegular():
		return nil, Mistakes{{File: filepath.Base(name), Text: "it is " + kind(info.Mode()) + "; hand in a folder, a zip or a tar file"}}
	case info.Size() > maxArchive:
		return nil, Mistakes{{File: filepath.Base(name), Text: fmt.Sprintf("it has more than %d bytes", maxArchive)}}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Archive(filepath.Base(name), text)
}

// Folder takes the files of a directory. No link in it leads anywhere.
func Folder(dir string) (_ *Submission, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	f, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	entries, err := f.ReadDir(maxEntries + 1)
	if err = errors.Join(err, f.Close()); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(entries) > maxEntries {
		return nil, Mistakes{{File: ".", Text: fmt.Sprintf("it has more than %d files", maxEntries)}}
	}
	s := new(Submission)
	for _, e := range entries {
		if e.IsDir() {
			s.Left = append(s.Left, e.Name()+"/")
			continue
		}
		if !compiled(e.Name()) {
			s.Left = append(s.Left, e.Name())
			continue
		}
		if err := s.takeFrom(root, e.Name()); err != nil {
			return nil, err
		}
	}
	return s.done()
}

// takeFrom takes a file that is regular when it is open, whatever it was before.
func (s *Submission) takeFrom(root *os.Root, name string) (err error) {
	before, err := root.Lstat(name)
	if err != nil {
		return err
	}
	irregular := func(m os.FileMode) error {
		return Mistakes{{File: name, Text: "it is " + kind(m) + "; hand in the file itself"}}
	}
	if !before.Mode().IsRegular() {
		return irregular(before.Mode())
	}
	f, err := root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || !os.SameFile(before, info) {
		return irregular(info.Mode())
	}
	if linked(info) {
		return Mistakes{{File: name, Text: "it has a second name, which may be somebody else's file; hand in a copy"}}
	}
	return s.take(name, info.Size(), func() ([]byte, error) { return readAtMost(f) })
}

// readAtMost reads no more than a file may have, whatever it claimed.
func readAtMost(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err == nil && len(b) > MaxFile {
		err = Mistakes{{File: "a file", Text: fmt.Sprintf("it has more than %d bytes", MaxFile)}}
	}
	return b, err
}

func kind(m os.FileMode) string {
	switch {
	case m&os.ModeSymlink != 0:
		return "a link"
	case m&os.ModeDevice != 0:
		return "a device"
	case m&os.ModeNamedPipe != 0:
		return "a pipe"
	case m&os.ModeSocket != 0:
		return "a socket"
	}
	return "no regular file"
}

// Archive takes the files of a zip file, or of a tar file that may be packed with
// gzip. Nothing is written anywhere.
func Archive(name string, text []byte) (*Submission, error) {
	bad := func(err error) error {
		if ms := Mistakes(nil); errors.As(err, &ms) {
			return err
		}
		return Mistakes{{File: name, Text: "it can't be unpacked: " + err.Error()}}
	}
	a := archive{folder: "?"}
	var err error
	switch {
	case bytes.HasPrefix(text, []byte("PK")):
		err = a.zip(text)
	case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			err = a.tar(io.LimitReader(z, maxArchive))
		}
	default:
		err = a.tar(bytes.NewReader(text))
	}
	if err != nil {
		return nil, bad(err)
	}
	return a.done()
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

func (a *archive) zip(text []byte) error {
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		err := a.entry(f.Name, f.Mode(), int64(min(f.UncompressedSize64, 1<<40)), func() ([]byte, error) {
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

func (a *archive) tar(r io.Reader) error {
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
		if err := a.entry(h.Name, mode, h.Size, func() ([]byte, error) { return readAtMost(t) }); err != nil {
			return err
		}
	}
}
