package build

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sockets/runner/recording"
)

// An entry of the cache is a recording and the key it was made under.
type entry struct {
	Key       key    `json:"key"`
	Recording string `json:"recording"` // encoded
}

func (c *Course) cachePath(t *task) string {
	return filepath.Join(c.Root, ".cache", "runs", t.lesson.Number, t.run.Name+".json")
}

// cached is the entry for the task, however old. An entry that can't be read is
// as good as none: the run is made again.
func (c *Course) cached(t *task) (key, *recording.Recording, bool) {
	data, err := os.ReadFile(c.cachePath(t))
	if err != nil {
		return nil, nil, false
	}
	var e entry
	if json.Unmarshal(data, &e) != nil {
		return nil, nil, false
	}
	r, err := recording.Decode([]byte(e.Recording))
	if err != nil {
		return nil, nil, false
	}
	return e.Key, r, true
}

// keep stores the recording. A tree that can't be written has no cache, which is
// slow but not wrong.
func (c *Course) keep(t *task, r *recording.Recording) error {
	text, err := r.Encode()
	if err != nil {
		return err
	}
	data, err := json.Marshal(entry{Key: t.key, Recording: string(text)})
	if err != nil {
		return fmt.Errorf("encode cache entry: %w", err)
	}
	err = writeFile(c.cachePath(t), data)
	if errors.Is(err, fs.ErrPermission) || readOnly(err) {
		return nil
	}
	return err
}

// writeFile writes the file whole or not at all, and makes its folder.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing to remove
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
