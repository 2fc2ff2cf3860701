package grade

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// overlaid writes for the go command, see "go help build", that the Go files of
// one folder stand in the place of those of another, which may not be there.
func overlaid(file, public, private string) error {
	public, err := filepath.Abs(public)
	if err != nil {
		return fmt.Errorf("find the checkout: %w", err)
	}
	replace := make(map[string]string)
	for _, dir := range []string{public, private} {
		entries, err := os.ReadDir(dir)
		if err != nil && (dir == private || !errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("look for checks: %w", err)
		}
		for _, e := range entries {
			if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") {
				continue
			}
			replace[filepath.Join(public, e.Name())] = "" // is not there
			if dir == private {
				replace[filepath.Join(public, e.Name())] = filepath.Join(private, e.Name())
			}
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
