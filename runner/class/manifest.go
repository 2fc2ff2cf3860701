package class

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/kballard/go-shellquote"
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
	words := []string{"go", "run", "./runner", "grade", "--class", dir, "--out", out, "--seed", fmt.Sprint(p.Seed)}
	if s.Of > 1 {
		words = append(words, "--shard", s.String())
	}
	for _, e := range p.Exercises {
		words = append(words, e.Number)
	}
	return shellquote.Join(words...)
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
