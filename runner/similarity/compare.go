package similarity

import (
	"cmp"
	"slices"
)

// A place is where a gram begins.
type place struct{ file, word int32 }

// A document is a submission as it is compared.
type document struct {
	name   string
	files  []File
	words  [][]word
	given  [][]bool         // words that the stub gave
	places map[gram][]place // of the fingerprints
	prints []gram           // the fingerprints, each once, in the order of places
}

// Run compares every submission with every other.
func (c Comparison) Run(submissions []Submission) Result {
	c = c.withDefaults(len(submissions))
	stub := map[gram]bool{}
	for _, f := range c.Stub {
		for _, g := range grams(words(f), c.Noise) {
			stub[g] = true
		}
	}
	docs := make([]*document, len(submissions))
	holders := map[gram][]int32{}
	for i, s := range submissions {
		docs[i] = c.read(s, stub)
		for _, g := range docs[i].prints {
			holders[g] = append(holders[g], int32(i))
		}
	}
	result := Result{Submissions: len(submissions), Fingerprints: len(holders), Common: c.Common}
	for g, who := range holders {
		if len(who) > c.Common {
			delete(holders, g)
			result.Idioms++
		}
	}
	for _, d := range docs {
		d.prints = slices.DeleteFunc(d.prints, func(g gram) bool { return holders[g] == nil })
		if len(d.places) == 0 {
			result.Short = append(result.Short, d.name)
		}
	}
	found := c.pairs(docs, holders)
	result.More = max(len(found)-c.Most, 0)
	for _, f := range found[:len(found)-result.More] {
		a, b := docs[f.a], docs[f.b]
		result.Pairs = append(result.Pairs, Pair{
			A: a.name, B: b.name, Shared: f.shared, OfA: len(a.prints), OfB: len(b.prints), Spans: c.spans(a, b),
		})
	}
	return result
}

// read makes a document of a submission.
func (c Comparison) read(s Submission, stub map[gram]bool) *document {
	d := &document{name: s.Name, files: s.Files, places: map[gram][]place{}}
	for n, f := range s.Files {
		w := words(f)
		g := grams(w, c.Noise)
		given := make([]bool, len(w))
		for i, gram := range g {
			if stub[gram] {
				for k := i; k < i+c.Noise; k++ {
					given[k] = true
				}
			}
		}
		d.words, d.given = append(d.words, w), append(d.given, given)
		window := c.Guarantee - c.Noise + 1
		for _, i := range winnow(g, window, func(g gram) bool { return stub[g] }) {
			if d.places[g[i]] == nil {
				d.prints = append(d.prints, g[i])
			}
			d.places[g[i]] = append(d.places[g[i]], place{int32(n), int32(i)})
		}
	}
	return d
}

// A candidate is a pair that shares enough.
type candidate struct{ a, b, shared int }

// pairs counts what each document shares with the later ones, by the holders of
// its fingerprints: a pair that shares nothing costs nothing.
func (c Comparison) pairs(docs []*document, holders map[gram][]int32) []candidate {
	var found []candidate
	counts := make([]int, len(docs))
	for a, d := range docs {
		clear(counts)
		for _, g := range d.prints {
			for _, b := range holders[g] {
				counts[b]++
			}
		}
		for b := a + 1; b < len(docs); b++ {
			least := min(len(d.prints), len(docs[b].prints))
			if counts[b] >= c.Shared && counts[b]*100 >= c.Share*least {
				found = append(found, candidate{a, b, counts[b]})
			}
		}
	}
	share := func(f candidate) float64 {
		return float64(f.shared) / float64(min(len(docs[f.a].prints), len(docs[f.b].prints)))
	}
	slices.SortFunc(found, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(share(y), share(x)), y.shared-x.shared, x.a-y.a, x.b-y.b)
	})
	return found
}
