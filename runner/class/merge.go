package class

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// A part is a folder with the work of shards.
type part struct {
	*store
	plan      *plan
	manifests []manifest // of the same plan
}

// Merge makes the result of a class from the work of its shards, which lie in one
// folder or several. It refuses shards of different classes, what is missing, and
// what is there twice and differs; each error says which command helps.
func Merge(outs []string, final string) (s Summary, err error) {
	parts, err := openParts(outs)
	if err != nil {
		return s, err
	}
	if err := alike(parts); err != nil {
		return s, err
	}
	p := parts[0].plan
	for _, other := range parts[1:] {
		if other.plan.At.Before(p.At) {
			p.At = other.plan.At
		}
	}
	from, err := cover(parts)
	if err != nil {
		return s, err
	}
	st, err := openStore(final)
	if err != nil {
		return s, err
	}
	if err := gather(parts, from, p, st); err != nil {
		return s, err
	}
	if some, _ := sharded(parts); some.Dir != "" {
		if err := st.manifest(Options{Dir: some.Dir}, p); err != nil {
			return s, err
		}
	}
	s = Summary{Students: len(p.Students), Submissions: len(p.Submissions), Whole: true}
	s.Unjudged, err = render(p, st)
	return s, err
}

func openParts(outs []string) ([]*part, error) {
	var parts []*part
	for _, out := range outs {
		a := &part{store: &store{out}}
		var err error
		if a.plan, err = a.readPlan(); err != nil {
			return nil, err
		}
		if a.plan == nil {
			return nil, misuse("%s has no %s: no shard was graded there; the --out of a shard would be right", out, planName)
		}
		all, err := a.store.manifests()
		if err != nil {
			return nil, err
		}
		for _, m := range all {
			if m.Plan == a.plan.digest() {
				a.manifests = append(a.manifests, m)
			}
		}
		parts = append(parts, a)
	}
	return parts, nil
}

// A Refusal is why shards do not make a result.
type Refusal struct{ error }

func refuse(format string, args ...any) error { return Refusal{fmt.Errorf(format, args...)} }

// alike reports what shards differ in.
func alike(parts []*part) error {
	a := parts[0]
	for _, b := range parts[1:] {
		if a.plan.digest() == b.plan.digest() {
			continue
		}
		why, again := differ(a.plan, b.plan)
		return refuse("%s and %s are not of one class: %s; %s", a.dir, b.dir, why, again)
	}
	return nil
}

// differ says in what two plans differ, and what would be right.
func differ(a, b *plan) (why, again string) {
	numbers := func(p *plan) (all []string) {
		for _, e := range p.Exercises {
			all = append(all, e.Number)
		}
		return all
	}
	if x, y := numbers(a), numbers(b); !slices.Equal(x, y) {
		return fmt.Sprintf("the exercises are %s in one and %s in the other", strings.Join(x, " "), strings.Join(y, " ")),
			"name the same exercises to every shard, and run those again that differ"
	}
	for i := range a.Exercises {
		if a.Exercises[i].Digest != b.Exercises[i].Digest {
			return fmt.Sprintf("the checks of exercise %s are not the same", a.Exercises[i].Number),
				"run the shards again, all from the same commit and with the same Go"
		}
	}
	if why := differentStudents(a, b); why != "" {
		return why, "give the same --class and --roster to every shard, and run those again that differ"
	}
	if a.Seed != b.Seed {
		return fmt.Sprintf("the seed is %d in one and %d in the other", a.Seed, b.Seed),
			fmt.Sprintf("run the shards of the second again with --seed %d", a.Seed)
	}
	return "they were written by different versions of the runner", "run the shards again with one"
}

// differentStudents says which student's submissions differ, or who is missing.
func differentStudents(a, b *plan) string {
	digests := func(p *plan) map[string]string {
		all := make(map[string]string)
		for _, s := range p.Students {
			all["student "+s.ID] = s.Name + s.Folder + fmt.Sprint(s.Guest)
		}
		for _, s := range p.Submissions {
			all["exercise "+s.Exercise+" of "+s.Student] = s.Digest + s.Refused
		}
		return all
	}
	x, y := digests(a), digests(b)
	var names []string
	for name, digest := range x {
		if other, ok := y[name]; !ok || other != digest {
			names = append(names, name)
		}
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		if a.Name != b.Name {
			return fmt.Sprintf("the classes are called %q and %q", a.Name, b.Name)
		}
		return ""
	case 1:
		return fmt.Sprintf("%q is not the same in both", names[0])
	}
	return fmt.Sprintf("%q and %d more are not the same in both", names[0], len(names)-1)
}

// cover finds for each key the part that has it, and refuses gaps and what
// differs.
func cover(parts []*part) (map[string]*part, error) {
	from := make(map[string]*part)
	digest := make(map[string]string)
	p := parts[0].plan
	for _, a := range parts {
		for _, s := range p.jobs(Shard{}) {
			_, d, err := a.load(s.Key)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				continue
			case err != nil:
				return nil, refuse("%w; remove the file, and run its shard again", err)
			}
			for _, m := range a.manifests {
				if want, ok := m.Graded[s.Key]; ok && want != d {
					return nil, refuse("%s is not what shard %s stored; remove it and run: %s", a.graded(s.Key), m.Shard, m.command(m.Shard, a.dir, p))
				}
			}
			if from[s.Key] == nil {
				from[s.Key], digest[s.Key] = a, d
			} else if digest[s.Key] != d {
				return nil, refuse("exercise %s of %q is graded in both %s and %s, and the reports differ; remove the one that is wrong:\n  %s\n  %s",
					s.Exercise, s.Student, from[s.Key].dir, a.dir, from[s.Key].graded(s.Key), a.graded(s.Key))
			}
		}
	}
	return from, gaps(parts, from)
}

// gaps says which submissions nobody graded, and which command does.
func gaps(parts []*part, from map[string]*part) error {
	p := parts[0].plan
	var missing []*submission
	for _, s := range p.jobs(Shard{}) {
		if from[s.Key] == nil {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		return pages(parts)
	}
	some, of := sharded(parts)
	lacks := make(map[int]int)
	for _, s := range missing {
		for i := range of {
			if (Shard{i + 1, of}).holds(s.Exercise, s.Digest) {
				lacks[i+1]++
			}
		}
	}
	text := fmt.Sprintf("%d of %d different submissions are not graded yet, %q, exercise %s, for one; run:",
		len(missing), len(p.jobs(Shard{})), missing[0].Student, missing[0].Exercise)
	for i := range of {
		if lacks[i+1] > 0 {
			text += "\n  " + some.command(Shard{i + 1, of}, parts[len(parts)-1].dir, p)
		}
	}
	return refuse("%s", text)
}

// pages reports that the first shard's similarity reports are missing.
func pages(parts []*part) error {
	for _, name := range parts[0].plan.pages() {
		if _, err := page(parts, name); err != nil {
			return err
		}
	}
	return nil
}

// pages are the files of the similarity reports.
func (p *plan) pages() []string {
	var names []string
	for _, e := range p.Exercises {
		names = append(names, e.Number+".html", e.Number+".txt")
	}
	return names
}

// page is a similarity report of a first shard's.
func page(parts []*part, name string) ([]byte, error) {
	var text []byte
	var from *part
	for _, a := range parts {
		if !slices.ContainsFunc(a.manifests, func(m manifest) bool { return m.Shard.first() }) {
			continue
		}
		t, err := os.ReadFile(a.path("similarity", name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		case from == nil:
			text, from = t, a
		case !bytes.Equal(text, t):
			return nil, refuse("%s and %s differ; remove the one that is wrong", from.path("similarity", name), a.path("similarity", name))
		}
	}
	if from == nil {
		m, of := sharded(parts)
		return nil, refuse("the similarity report is not there; the first shard makes it:\n  %s",
			m.command(Shard{1, of}, parts[0].dir, parts[0].plan))
	}
	return text, nil
}

// sharded is some shard that there is, and how many there are of them.
func sharded(parts []*part) (some manifest, of int) {
	of = 1
	for _, a := range parts {
		for _, m := range a.manifests {
			if m.Shard.Of >= of {
				some, of = m, m.Shard.Of
			}
		}
	}
	return some, of
}

// gather copies the work of the shards to the folder of the result.
func gather(parts []*part, from map[string]*part, p *plan, st *store) error {
	if err := st.writePlan(p, os.Rename); err != nil {
		return err
	}
	for key, a := range from {
		if a.dir == st.dir {
			continue
		}
		for kind, name := range map[string]string{"graded": a.graded(key), "seen": a.seen(key)} {
			text, err := os.ReadFile(name)
			if kind == "seen" && errors.Is(err, fs.ErrNotExist) {
				continue // all is passed, or rendering complains
			}
			if err == nil {
				err = st.write(text, "work", kind, key+".json")
			}
			if err != nil {
				return err
			}
		}
	}
	for _, name := range p.pages() {
		text, err := page(parts, name)
		if err == nil {
			err = st.write(text, "similarity", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
