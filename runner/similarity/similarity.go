// Package similarity finds code that submissions of a class share, whoever
// wrote it first: winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: Local
// Algorithms for Document Fingerprinting", SIGMOD 2003) over Go tokens from
// which names, values, comments and layout are gone. What the stub gave to
// everybody is subtracted, and so is what too many have in common to mean
// anything.
//
// A [Result] has pairs, what each shares of the other's fingerprints, and the
// places on both sides, for a person to read. It has no score, and no threshold
// that says who copied: small tasks have few solutions, and students are told to
// learn from the same pages. The package reads no file and knows no student.
package similarity

import "cmp"

// A Submission is what one student handed in.
type Submission struct {
	Name  string
	Files []File
}

// A File is Go source; it need not compile.
type File struct {
	Name   string
	Source []byte
}

// A Comparison says what to compare and how. The zero values of the numbers
// stand for sensible ones.
type Comparison struct {
	Stub []File // given to everybody

	// Noise is how many tokens must match to be noticed at all, Guarantee how
	// many are noticed for sure. 0: 20 and 32.
	Noise, Guarantee int

	// Common is how many submissions may hold a fingerprint before it counts as
	// an idiom and is left out. 0: a third of the class, at least 10.
	Common int

	// Shared and Share are the least that a pair must share to be in the result:
	// so many fingerprints, and so much of those of one of the two, in
	// hundredths. 0: 4 and 25.
	Shared, Share int

	// Most is how many pairs are given, those that share most. 0: 200.
	Most int
}

// A Result is what a comparison found.
type Result struct {
	Submissions  int
	Fingerprints int      // different ones, of all submissions
	Idioms       int      // of these, left out because more than Common hold them
	Common       int      // how many may hold one
	Short        []string // submissions too short to have a fingerprint of their own
	Pairs        []Pair   // those that share most first
	More         int      // pairs beyond Most
}

// A Pair is two submissions that share code.
type Pair struct {
	A, B     string // names, in the order of the submissions
	Shared   int    // fingerprints both have
	OfA, OfB int    // fingerprints each has
	Spans    []Span // longest first
}

// ShareA is the shared part of A's fingerprints, in hundredths.
func (p Pair) ShareA() int { return p.Shared * 100 / max(p.OfA, 1) }

// ShareB is the shared part of B's.
func (p Pair) ShareB() int { return p.Shared * 100 / max(p.OfB, 1) }

// A Span is the same run of tokens on both sides.
type Span struct {
	Tokens int
	A, B   Region
}

// A Region is some lines of a file.
type Region struct {
	File     string
	From, To int    // lines, both included
	Text     string // the lines, at most the first 200
}

func (c Comparison) withDefaults(n int) Comparison {
	c.Noise = max(cmp.Or(c.Noise, 20), 2)
	c.Guarantee = max(cmp.Or(c.Guarantee, 32), c.Noise)
	c.Common = cmp.Or(c.Common, max(10, n/3))
	c.Shared = max(cmp.Or(c.Shared, 4), 1)
	c.Share = cmp.Or(c.Share, 25)
	c.Most = cmp.Or(c.Most, 200)
	return c
}
