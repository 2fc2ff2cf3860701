package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// marker is the file by which we know a folder as one that we made.
const marker = ".made-by-runner-build"

// replace fills a new folder and puts it in the place of dir, which is left as
// it was if anything fails on the way. It refuses to replace a folder that
// holds anything but a site it made before.
func replace(dir string, fill func(dir string) error) error {
	if err := ours(dir); err != nil {
		return err
	}
	parent, prefix := filepath.Dir(dir), "."+filepath.Base(dir)+"-new-"
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("make the site's folder: %w", err)
	}
	sweep(parent, prefix)
	tmp, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return fmt.Errorf("make a folder for the new site: %w", err)
	}
	defer os.RemoveAll(tmp) // what is there by then is the old site, or a part of a new one
	if err := fill(tmp); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(tmp, marker), nil, 0o644); err != nil {
		return fmt.Errorf("mark the new site: %w", err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fmt.Errorf("open the new site to readers: %w", err)
	}
	if err := swap(tmp, dir); err != nil {
		return fmt.Errorf("put the new site in place: %w", err)
	}
	return nil
}

// ours says what is wrong with dir as a place for the site, if anything.
func ours(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the site's folder: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, marker)); err != nil {
		return fmt.Errorf("%s holds files that runner build did not make; name a new or empty folder", dir)
	}
	return nil
}

// swap exchanges the two folders, in one step where the system can, or moves tmp
// to dir where there is no dir yet.
func swap(tmp, dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		return os.Rename(tmp, dir)
	}
	if err := exchange(tmp, dir); err == nil {
		return nil
	}
	old := tmp + "-old"
	if err := os.Rename(dir, old); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// sweep removes what builds that were killed left behind. A build that is at
// work now has a younger folder.
func sweep(parent, prefix string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), prefix) && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}
