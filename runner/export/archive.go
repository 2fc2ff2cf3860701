package export

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"sockets/runner/page"
)

// archiveLimit bounds the files of a lesson: they are written by hand.
const archiveLimit = 4 << 20

// archive is the lesson's files in one text: all that people write of it. The
// recordings are left out, which the runner makes again.
func (w *work) archive(p *page.Page) ([]byte, error) {
	l := p.Lesson
	a := &txtar.Archive{Comment: fmt.Appendf(nil, `Lesson %s, %s, of "Sockets, line by line": its files but for the recordings.

In a checkout of the course, unpack this over them, and make the recordings again:

	go run golang.org/x/exp/cmd/txtar@latest -x < %s
	go run ./runner verify --update %s

`, l.Number, oneLine(l.Title), FileName(l.Number, Format{Name: "txtar"}), l.Number)}
	root, err := os.OpenRoot(l.Dir)
	if err != nil {
		return nil, fmt.Errorf("read lesson %s: %w", l.Number, err)
	}
	defer root.Close() //nolint:errcheck // only read
	size := 0
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."), name == "recordings":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		data, err := root.ReadFile(name)
		if err != nil {
			return err
		}
		if size += len(data); size > archiveLimit {
			return fmt.Errorf("its files are more than %d bytes; a lesson is text that people write", archiveLimit)
		}
		a.Files = append(a.Files, txtar.File{Name: path.Join("lessons", l.Number, name), Data: data})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read lesson %s: %w", l.Number, err)
	}
	text := txtar.Format(a)
	if err := same(a, txtar.Parse(text)); err != nil {
		return nil, fmt.Errorf("lesson %s as a txtar archive: %w", l.Number, err)
	}
	return text, nil
}

// same says what of the archive is lost on the way through the format, which
// holds text files that end in a newline and have no line like its own.
func same(a, b *txtar.Archive) error {
	for i, f := range a.Files {
		switch {
		case !utf8.Valid(f.Data):
			return fmt.Errorf("%s is not text; the format holds text only", f.Name)
		case len(f.Data) > 0 && f.Data[len(f.Data)-1] != '\n':
			return fmt.Errorf("%s does not end in a newline; a text file does", f.Name)
		case i >= len(b.Files) || b.Files[i].Name != f.Name || !bytes.Equal(b.Files[i].Data, f.Data):
			return fmt.Errorf(`%s has a line like "-- name --", which in the format begins a file`, f.Name)
		}
	}
	if len(a.Files) != len(b.Files) || !slices.EqualFunc(a.Files, b.Files, func(x, y txtar.File) bool { return x.Name == y.Name }) {
		return errors.New("its files are not those that were packed")
	}
	return nil
}

// oneLine is the text without line breaks and other control characters.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' }), " ")
}
