package handin

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxArchive is what an archive may have, packed and unpacked.
const maxArchive = 16 << 20

// Collect takes the submission that stands at a path: a directory, or an archive,
// which is known by its first bytes. What is wrong with it is of type Mistakes;
// other errors are the machine's.
func Collect(name string) (_ *Submission, err error) {
	name = filepath.Clean(name)
	if info, err := os.Lstat(name); err == nil && info.IsDir() {
		return Folder(name) // also "." and "/"
	}
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return CollectIn(root, filepath.Base(name))
}

// CollectIn is Collect of what stands in a folder, and nowhere else: no link is
// followed.
func CollectIn(root *os.Root, name string) (_ *Submission, err error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		text, err := ReadArchive(root, name)
		if err != nil {
			return nil, err
		}
		return Archive(name, text)
	}
	sub, err := Sub(root, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sub.Close()) }()
	return within(sub)
}

// Sub opens a folder in a folder, which must not be a link.
func Sub(root *os.Root, name string) (*os.Root, error) {
	before, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	no := func(m os.FileMode) error {
		what := kind(m)
		if m.IsRegular() {
			what = "no folder"
		}
		return Mistakes{{File: name, Text: "it is " + what + "; hand in a folder, a zip or a tar file"}}
	}
	if !before.IsDir() {
		return nil, no(before.Mode())
	}
	sub, err := root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	if info, err := sub.Stat("."); err != nil {
		return nil, errors.Join(err, sub.Close())
	} else if !os.SameFile(before, info) {
		return nil, errors.Join(no(os.ModeSymlink), sub.Close())
	}
	return sub, nil
}

// ReadArchive reads a file in a folder, if it is regular and not too big.
func ReadArchive(root *os.Root, name string) (_ []byte, err error) {
	f, info, err := open(root, name, "; hand in a folder, a zip or a tar file")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := io.ReadAll(io.LimitReader(f, maxArchive+1))
	if err == nil && max(info.Size(), int64(len(text))) > maxArchive {
		err = Mistakes{{File: name, Text: fmt.Sprintf("it has more than %d bytes", maxArchive)}}
	}
	return text, err
}

// Folder takes the files of a directory. No link in it leads anywhere.
func Folder(dir string) (_ *Submission, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return within(root)
}

func within(root *os.Root) (*Submission, error) {
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
	f, info, err := open(root, name, "; hand in the file itself")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return s.take(name, info.Size(), func() ([]byte, error) { return readAtMost(f) })
}

// open opens a regular file that has no other name.
func open(root *os.Root, name, instead string) (_ *os.File, _ os.FileInfo, err error) {
	before, err := root.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	irregular := func(m os.FileMode) error {
		return Mistakes{{File: name, Text: "it is " + kind(m) + instead}}
	}
	if !before.Mode().IsRegular() {
		return nil, nil, irregular(before.Mode())
	}
	f, err := root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, nil, err
	case !info.Mode().IsRegular(), !os.SameFile(before, info):
		return nil, nil, irregular(info.Mode())
	case linked(info):
		return nil, nil, Mistakes{{File: name, Text: "it has a second name, which may be somebody else's file; hand in a copy"}}
	}
	return f, info, nil
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
