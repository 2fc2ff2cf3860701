package similarity

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// A match is a run of equal words, from a place on each side.
type match struct {
	a, b place
	n    int32
}

// spans are the runs of words that both documents have: each shared fingerprint
// grown to both sides as far as the words are equal and not the stub's. No word
// is in two spans; the longest comes first.
func (c Comparison) spans(a, b *document) []Span {
	matches := c.matches(a, b)
	slices.SortFunc(matches, func(x, y match) int {
		return cmp.Or(cmp.Compare(y.n, x.n), comparePlaces(x.a, y.a), comparePlaces(x.b, y.b))
	})
	usedA, usedB := marks(a), marks(b)
	var spans []Span
	for _, m := range matches {
		m = m.unused(usedA, usedB)
		if m.n < int32(c.Noise) {
			continue
		}
		for i := range m.n {
			usedA[m.a.file][m.a.word+i] = true
			usedB[m.b.file][m.b.word+i] = true
		}
		spans = append(spans, Span{Tokens: int(m.n), A: a.region(m.a, m.n), B: b.region(m.b, m.n)})
	}
	slices.SortStableFunc(spans, func(x, y Span) int { return y.Tokens - x.Tokens })
	return spans
}

// placesTried bounds the places of one fingerprint, on each side: text that
// repeats itself has many, and all pairs of them say the same.
const placesTried = 16

// matches grows every shared fingerprint, but for those within a match already.
func (c Comparison) matches(a, b *document) []match {
	// Two places lie in the same match only if they are as far apart.
	type diagonal struct{ fileA, fileB, apart int32 }
	grown := map[diagonal][]match{}
	var all []match
	for _, g := range a.prints {
		placesA, placesB := a.places[g], b.places[g]
		for _, pa := range placesA[:min(len(placesA), placesTried)] {
			for _, pb := range placesB[:min(len(placesB), placesTried)] {
				on := diagonal{pa.file, pb.file, pb.word - pa.word}
				if slices.ContainsFunc(grown[on], func(m match) bool { return m.a.word <= pa.word && pa.word < m.a.word+m.n }) {
					continue
				}
				if m := c.grow(a, b, pa, pb); m.n >= int32(c.Noise) {
					grown[on] = append(grown[on], m)
					all = append(all, m)
				}
			}
		}
	}
	return all
}

func comparePlaces(x, y place) int {
	return cmp.Or(cmp.Compare(x.file, y.file), cmp.Compare(x.word, y.word))
}

// grow is the longest match around a fingerprint. Equal hashes of unequal words
// give a match of length 0.
func (c Comparison) grow(a, b *document, pa, pb place) match {
	wa, wb := a.words[pa.file], b.words[pb.file]
	given := a.given[pa.file]
	from, to := int32(0), int32(c.Noise)
	for i := range to {
		if wa[pa.word+i].kind != wb[pb.word+i].kind {
			return match{}
		}
	}
	for pa.word+from > 0 && pb.word+from > 0 && !given[pa.word+from-1] &&
		wa[pa.word+from-1].kind == wb[pb.word+from-1].kind {
		from--
	}
	for int(pa.word+to) < len(wa) && int(pb.word+to) < len(wb) && !given[pa.word+to] &&
		wa[pa.word+to].kind == wb[pb.word+to].kind {
		to++
	}
	return match{place{pa.file, pa.word + from}, place{pb.file, pb.word + from}, to - from}
}

func marks(d *document) [][]bool {
	used := make([][]bool, len(d.words))
	for i, w := range d.words {
		used[i] = make([]bool, len(w))
	}
	return used
}

// unused is the longest part of the match whose words are in no span yet.
func (m match) unused(usedA, usedB [][]bool) match {
	best := match{}
	begin := int32(0)
	for i := range m.n + 1 {
		if i < m.n && !usedA[m.a.file][m.a.word+i] && !usedB[m.b.file][m.b.word+i] {
			continue
		}
		if i-begin > best.n {
			best = match{place{m.a.file, m.a.word + begin}, place{m.b.file, m.b.word + begin}, i - begin}
		}
		begin = i + 1
	}
	return best
}

// linesKept bounds the text of a region, wordsKept the words of a file.
const (
	linesKept = 200
	wordsKept = 200_000
)

// region is the lines of so many words.
func (d *document) region(p place, n int32) Region {
	w := d.words[p.file]
	f := d.files[p.file]
	r := Region{File: f.Name, From: int(w[p.word].line), To: int(w[p.word+n-1].line)}
	at := 1
	var text strings.Builder
	for l := range bytes.Lines(f.Source) {
		if at >= r.From && at <= min(r.To, r.From+linesKept) {
			text.Write(l)
		}
		at++
	}
	r.Text = strings.TrimRight(text.String(), "\n")
	return r
}
