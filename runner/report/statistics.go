package report

import "slices"

// A Bar is how many submissions lie in one part of a distribution.
type Bar struct {
	From, To int // hundredths of the points, both included
	Count    int
}

// Distribution counts the submissions of one exercise by their share of its
// points: 0, then tens, then 100 alone, because none and all are what a teacher
// looks for. Scores that are not final are counted in unsure instead.
func (c Class) Distribution(number string) (bars []Bar, unsure int) {
	bars = []Bar{{0, 0, 0}}
	for from := 1; from < 100; from += 10 {
		bars = append(bars, Bar{from, min(from+9, 99), 0})
	}
	bars = append(bars, Bar{100, 100, 0})
	for _, r := range c.Reports {
		if r.Exercise.Number != number {
			continue
		}
		s := r.Score()
		if !s.Final {
			unsure++
			continue
		}
		share := s.Share()
		for i := range bars {
			if bars[i].From <= share && share <= bars[i].To {
				bars[i].Count++
			}
		}
	}
	return bars, unsure
}

// A Tally is how many submissions have a verdict.
type Tally struct {
	Verdict Verdict
	Count   int
}

// Verdicts counts the submissions of one exercise by the verdict of the whole
// report, in the order of the constants, none left out that occurs.
func (c Class) Verdicts(number string) []Tally {
	counts := map[Verdict]int{}
	for _, r := range c.Reports {
		if r.Exercise.Number == number {
			counts[r.Verdict()]++
		}
	}
	var tallies []Tally
	for v := range verdicts {
		if n := counts[Verdict(v)]; n > 0 {
			tallies = append(tallies, Tally{Verdict(v), n})
		}
	}
	return tallies
}

// A Miss is how often a check was not passed, of how often it judged.
type Miss struct {
	Exercise Exercise
	Check    Check
	Missed   int
	Judged   int
}

// Share is the missed in hundredths of the judged.
func (m Miss) Share() int {
	if m.Judged == 0 {
		return 0
	}
	return m.Missed * 100 / m.Judged
}

// MostMissed are the checks that somebody missed, the most missed first, and
// at most n. Only verdicts about the program count: a check that did not run,
// or that failed on our side, tells a teacher nothing.
func (c Class) MostMissed(n int) []Miss {
	var all []Miss
	for _, e := range c.Exercises {
		at := map[string]int{}
		for _, check := range e.Checks {
			at[check.Name] = len(all)
			all = append(all, Miss{Exercise: e, Check: check})
		}
		for _, r := range c.Reports {
			if r.Exercise.Number != e.Number || r.Verdict() == BuildError {
				continue
			}
			for _, row := range r.Rows() {
				i, ok := at[row.Name]
				if !ok || !row.Verdict.Counts() {
					continue
				}
				all[i].Judged++
				if row.Verdict != Pass {
					all[i].Missed++
				}
			}
		}
	}
	all = slices.DeleteFunc(all, func(m Miss) bool { return m.Missed == 0 })
	slices.SortStableFunc(all, func(a, b Miss) int {
		// Compare the shares as fractions: whole hundredths tie too often.
		if d := b.Missed*a.Judged - a.Missed*b.Judged; d != 0 {
			return d
		}
		return b.Missed - a.Missed
	})
	return all[:min(n, len(all))]
}
