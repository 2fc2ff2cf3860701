package similarity

import "math"

// A gram is the hash of so many words in a row.
type gram = uint64

// grams hashes every run of n words; the ith begins with the ith word.
func grams(w []word, n int) []gram {
	if len(w) < n {
		return nil
	}
	// A polynomial over the integers modulo 2^64, rolled along, then mixed, so
	// that the least of a window is as good as a random one.
	const base = 0x9e3779b97f4a7c15
	high := uint64(1)
	for range n - 1 {
		high *= base
	}
	all := make([]gram, 0, len(w)-n+1)
	var h uint64
	for i, word := range w {
		if i >= n {
			h -= (uint64(w[i-n].kind) + 1) * high
		}
		h = h*base + uint64(word.kind) + 1
		if i >= n-1 {
			all = append(all, mix(h))
		}
	}
	return all
}

// mix is the finaliser of splitmix64: a bijection that spreads every bit.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// winnow chooses the least gram of every window of so many and gives their
// positions, each once: of equal ones that which the window before chose, if it
// is still there, otherwise the rightmost (the robust winnowing of the paper), so
// that text which repeats itself has few. What skip says is not chosen; a window
// of which all is skipped chooses nothing. A text shorter than a window is one
// window.
func winnow(g []gram, window int, skip func(gram) bool) []int {
	if len(g) == 0 {
		return nil
	}
	window = min(window, len(g))
	var chosen []int
	last := -1
	for from := 0; from+window <= len(g); from++ {
		best, least := -1, uint64(math.MaxUint64)
		for i := from; i < from+window; i++ {
			if g[i] <= least && !skip(g[i]) {
				best, least = i, g[i]
			}
		}
		if best >= 0 && last >= from && g[last] == least {
			continue
		}
		if best > last {
			chosen = append(chosen, best)
			last = best
		}
	}
	return chosen
}
