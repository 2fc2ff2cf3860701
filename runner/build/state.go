package build

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// state is a digest of the names, sizes and times of the files below the folder
// for which wanted holds, and all folders on the way to them. It reads no file:
// it changes with every save, and may change without one.
func state(dir string, wanted func(path string) bool) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // it went while we looked: the next look tells
			return nil
		case err != nil:
			return err
		case path != dir && !wanted(path):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		fmt.Fprintln(sum, path, info.Size(), info.ModTime().UnixNano(), info.Mode())
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("look for changes: %w", err)
	}
	return string(sum.Sum(nil)), nil
}
