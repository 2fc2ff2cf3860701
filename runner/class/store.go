package class

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sockets/runner/report"
)

// A store is the folder of a result.
type store struct{ dir string }

// planName is the file of the plan.
const planName = "class.json"

// openStore makes the folder, or takes one that is empty or has a class. It leaves
// alone what is somebody's.
func openStore(dir string) (*store, error) {
	st := &store{dir}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look at the folder for the result: %w", err)
	}
	ours := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == planName })
	for _, e := range entries {
		if !ours && e.Name() != "work" && !strings.HasPrefix(e.Name(), ".") {
			return nil, misuse("%s has other files, %s for one; an empty folder, or an earlier result, would be right", dir, e.Name())
		}
	}
	if err := os.MkdirAll(st.path("work", "graded"), 0o755); err != nil {
		return nil, fmt.Errorf("make a folder for the result: %w", err)
	}
	return st, nil
}

func (st *store) path(elem ...string) string {
	return filepath.Join(append([]string{st.dir}, elem...)...)
}

// write writes a file whole or not at all, and makes its folder.
func (st *store) write(data []byte, elem ...string) error {
	return st.put(data, os.Rename, elem...)
}

// put writes a file under another name, and then has it renamed.
func (st *store) put(data []byte, rename func(from, to string) error, elem ...string) error {
	name := st.path(elem...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make a folder for the result: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".tmp-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing to remove
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := rename(tmp.Name(), name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// readPlan reads the stored plan; nil if there is none.
func (st *store) readPlan() (*plan, error) {
	text, err := os.ReadFile(st.path(planName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	p := new(plan)
	if err := strict(text, p, &p.Schema, planSchema); err != nil {
		return nil, fmt.Errorf("%s is no class that this runner wrote: %w; another folder would be right", st.path(planName), err)
	}
	return p, nil
}

// strict decodes one JSON value with the fields of v and the schema.
func strict(text []byte, v any, schema *string, want string) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if *schema != want {
		return fmt.Errorf("its schema is %q, and %q would be right", *schema, want)
	}
	return nil
}

// agree gives the plan its seed and its time, those of a stored one if nothing
// else is asked for, and stores it.
func (st *store) agree(o Options, p *plan) error {
	for {
		stored, err := st.readPlan()
		if err != nil {
			return err
		}
		switch {
		case o.Seed != nil:
			p.sow(*o.Seed)
		case stored != nil:
			p.sow(stored.Seed)
		default:
			p.sow(p.natural())
		}
		same := stored != nil && stored.digest() == p.digest()
		switch {
		case !o.At.IsZero():
			p.At = o.At.UTC().Truncate(time.Second)
		case same:
			p.At = stored.At
		default:
			p.At = time.Now().UTC().Truncate(time.Second)
		}
		if same && stored.At.Equal(p.At) {
			return nil
		}
		rename := os.Rename
		if stored == nil {
			rename = os.Link // which fails if another shard was faster
		}
		err = st.writePlan(p, rename)
		switch {
		case stored == nil && errors.Is(err, fs.ErrExist):
			continue
		case stored == nil && err != nil: // there are file systems without links
			return st.writePlan(p, os.Rename)
		}
		return err
	}
}

func (st *store) writePlan(p *plan, rename func(from, to string) error) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("write down the class: %w", err)
	}
	return st.put(append(text, '\n'), rename, planName)
}

// graded is the file of what came of a submission: its verdicts.
func (st *store) graded(key string) string { return st.path("work", "graded", key+".json") }

// seen is the file of what the checks of a submission saw, in one run.
func (st *store) seen(key string) string { return st.path("work", "seen", key+".json") }

// keep stores what came of a submission, for all who handed in the same.
func (st *store) keep(key string, r report.Report) error {
	r.Submission, r.Graded, r.Cached = "", time.Time{}, false
	var seen, graded bytes.Buffer
	if err := errors.Join(report.Encode(&seen, r), report.Encode(&graded, r.Verdicts())); err != nil {
		return err
	}
	if tells(r) {
		if err := st.write(seen.Bytes(), "work", "seen", key+".json"); err != nil {
			return err
		}
	}
	return st.write(graded.Bytes(), "work", "graded", key+".json")
}

// tells reports whether checks saw anything that is worth a page.
func tells(r report.Report) bool {
	return r.Build == "" && r.Verdict() != report.Pass && len(r.Outcomes) > 0
}

// load gives what came of a submission, and the digest of its file.
func (st *store) load(key string) (report.Report, string, error) {
	text, err := os.ReadFile(st.graded(key))
	if err != nil {
		return report.Report{}, "", err
	}
	r, err := report.Decode(text)
	if err != nil {
		return report.Report{}, "", fmt.Errorf("%s: %w", st.graded(key), err)
	}
	sum := sha256.Sum256(text)
	return r, hex.EncodeToString(sum[:]), nil
}

// has reports whether there is all that came of a submission, and may be kept.
func (st *store) has(key string) bool {
	r, _, err := st.load(key)
	if err != nil || failed(r) {
		return false
	}
	if tells(r) {
		text, err := os.ReadFile(st.seen(key))
		if err != nil {
			return false
		}
		_, err = report.Decode(text)
		return err == nil
	}
	return true
}

// failed reports whether our side failed, so that grading again may help.
func failed(r report.Report) bool {
	for _, row := range r.Rows() {
		if row.Verdict == report.Error {
			return true
		}
	}
	return r.Fault != ""
}
