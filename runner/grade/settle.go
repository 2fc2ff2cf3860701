package grade

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"

	"sockets/runner/report"
)

// settled is of an outcome what is the same in every run of the same program: no
// times, no calls, which tell of threads and descriptors; and of the rest only
// that in which the two runs agree. A check that passed has nothing but that.
func settled(o, first, second report.Outcome) report.Outcome {
	s := report.Outcome{Verdict: o.Verdict}
	switch {
	case o.Verdict == report.Pass:
		return s
	case !o.Verdict.Ran():
		s.Message = o.Message
		return s
	}
	if o.Verdict == report.Flaky {
		s.Message = "Run again with the same seed, this check passed."
		return s
	}
	if first.Verdict != second.Verdict && slices.Contains([]report.Verdict{report.Crash, report.Fail}, second.Verdict) {
		s.Verdict = min(first.Verdict, second.Verdict) // a fail before a timeout, and that before a crash
	}
	if a, b := timeless(first.Message, second.Message); a == b {
		s.Message = a
	}
	if a, b := order(first.Conversation, second.Conversation); reflect.DeepEqual(a, b) {
		s.Conversation = a
	}
	if bytes.Equal(first.Wanted, second.Wanted) && bytes.Equal(first.Came, second.Came) && first.Diff == second.Diff {
		s.Wanted, s.Came, s.Diff = first.Wanted, first.Came, first.Diff
	}
	if slices.Equal(first.Waiting, second.Waiting) {
		s.Waiting = first.Waiting
	}
	if first.Output == second.Output {
		s.Output = first.Output
	}
	return s
}

// A took is a duration as Go writes it.
var took = regexp.MustCompile(`\b[0-9]+(\.[0-9]+)?(h|m|s|ms|µs|ns)\b`)

// timeless is two texts, without their durations if they differ.
func timeless(a, b string) (string, string) {
	if a != b {
		a, b = took.ReplaceAllString(a, "some time"), took.ReplaceAllString(b, "some time")
	}
	return a, b
}

// order is two conversations without their times, and without how the network cut
// what passed.
func order(a, b report.Conversation) (report.Conversation, report.Conversation) {
	a, b = slices.Clone(a), slices.Clone(b)
	for _, c := range []report.Conversation{a, b} {
		for i := range c {
			c[i].At, c[i].Till, c[i].Pieces = 0, 0, 0
		}
	}
	for i := range min(len(a), len(b)) {
		a[i].Note, b[i].Note = timeless(a[i].Note, b[i].Note)
	}
	return a, b
}
