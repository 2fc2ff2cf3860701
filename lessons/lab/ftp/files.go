package ftp

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"goftp.io/server/v2"

	"sockets/lessons/lab/text"
)

// The files, all in the root.
var files = []file{
	{"/lines.txt", text.Lines},
	{"/readme.txt", "Two files are here. Both can be read, and neither can be changed.\r\n"},
}

var errReadOnly = errors.New("nothing can be changed here")

// A file is also what is to be known about it. The root is one without a
// body.
type file struct{ path, body string }

func (f file) Name() string     { return strings.TrimPrefix(f.path, "/") }
func (f file) Size() int64      { return int64(len(f.body)) }
func (f file) IsDir() bool      { return f.path == "/" }
func (file) ModTime() time.Time { return time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) }
func (file) Sys() any           { return nil }

func (f file) Mode() fs.FileMode {
	if f.IsDir() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

// find returns what is at an absolute path.
func find(path string) (file, error) {
	if path == "/" {
		return file{path: "/"}, nil
	}
	for _, f := range files {
		if f.path == path {
			return f, nil
		}
	}
	return file{}, fs.ErrNotExist
}

// readOnly is the library's view of the files.
type readOnly struct{}

var _ server.Driver = readOnly{}

// Stat describes a file.
func (readOnly) Stat(_ *server.Context, path string) (os.FileInfo, error) {
	f, err := find(path)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// ListDir calls f for each file.
func (readOnly) ListDir(_ *server.Context, path string, f func(os.FileInfo) error) error {
	if path != "/" {
		return fs.ErrNotExist
	}
	for _, each := range files {
		if err := f(each); err != nil {
			return err
		}
	}
	return nil
}

// GetFile opens a file.
func (readOnly) GetFile(_ *server.Context, path string, offset int64) (int64, io.ReadCloser, error) {
	f, err := find(path)
	if err != nil || f.IsDir() || offset < 0 || offset > f.Size() {
		return 0, nil, fs.ErrNotExist
	}
	return f.Size() - offset, io.NopCloser(strings.NewReader(f.body[offset:])), nil
}

// DeleteDir fails.
func (readOnly) DeleteDir(*server.Context, string) error { return errReadOnly }

// DeleteFile fails.
func (readOnly) DeleteFile(*server.Context, string) error { return errReadOnly }

// Rename fails.
func (readOnly) Rename(*server.Context, string, string) error { return errReadOnly }

// MakeDir fails.
func (readOnly) MakeDir(*server.Context, string) error { return errReadOnly }

// PutFile fails.
func (readOnly) PutFile(*server.Context, string, io.Reader, int64) (int64, error) {
	return 0, errReadOnly
}
