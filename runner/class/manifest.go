package class

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// A manifest is what a shard covered.
type manifest struct {
	Schema string            `json:"schema"`
	Plan   string            `json:"plan"` // its digest
	Shard  Shard             `json:"shard"`
	Dir    string            `json:"dir"`    // of what was handed in, where the shard ran
	Graded map[string]string `json:"graded"` // digests of the files, by their keys
}

const manifestSchema = "sockets/shard/v1"

// manifest stores what a shard that has ended covered.
func (st *store) manifest(o Options, p *plan) error {
	m := manifest{Schema: manifestSchema, Plan: p.digest(), Shard: o.Shard, Dir: absolute(o.Dir), Graded: make(map[string]string)}
	if m.Shard.Of == 0 {
		m.Shard = Shard{1, 1}
	}
	for _, s := range p.jobs(o.Shard) {
		_, digest, err := st.load(s.Key)
		if err != nil {
			return fmt.Errorf("read what came of %s, exercise %s: %w", s.Student, s.Exercise, err)
		}
		m.Graded[s.Key] = digest
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write down what the shard covered: %w", err)
	}
	name := fmt.Sprintf("%d-of-%d.json", m.Shard.Index, m.Shard.Of)
	return st.write(append(text, '\n'), "work", "shards", name)
}

// manifests are those in the folder.
func (st *store) manifests() ([]manifest, error) {
	files, err := os.ReadDir(st.path("work", "shards"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var all []manifest
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(st.path("work", "shards", f.Name()))
		if err != nil {
			return nil, err
		}
		var m manifest
		if err := strict(text, &m, &m.Schema, manifestSchema); err != nil {
			return nil, fmt.Errorf("%s is no manifest of a shard: %w; remove it, and run the shard again", st.path("work", "shards", f.Name()), err)
		}
		all = append(all, m)
	}
	return all, nil
}

// command is the command line that makes a shard.
func (m manifest) command(s Shard, out string, p *plan) string {
	dir := m.Dir
	if dir == "" {
		dir = "DIR"
	}
	text := fmt.Sprintf("go run ./runner grade --class %s --out %s --seed %d", quoted(dir), quoted(out), p.Seed)
	if s.Of > 1 {
		text += " --shard " + s.String()
	}
	for _, e := range p.Exercises {
		text += " " + e.Number
	}
	return text
}

// quoted is a word as a shell takes it.
func quoted(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/._-+@%", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// unjudged names what of a shard our side failed at.
func unjudged(p *plan, st *store, s Shard) ([]string, error) {
	var names []string
	for _, sub := range p.jobs(s) {
		r, _, err := st.load(sub.Key)
		if err != nil {
			return nil, err
		}
		if failed(r) {
			names = append(names, sub.Student+" "+sub.Exercise)
		}
	}
	slices.Sort(names)
	return names, nil
}
