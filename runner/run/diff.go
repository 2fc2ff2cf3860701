package run

import (
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/recording"
)

// compared is what two runs of the same program have in common. The machine is
// not part of it: Go, operating system, architecture, kernel, level.
type compared struct {
	Lesson, Run, Program string
	Args                 []string
	End                  recording.End
	Stdout, Stderr       []string // lines
	Calls, Frames        []string // see callsOf and framesOf
}

// Diff is "" if the recordings agree, or else a text of where they don't, with
// want marked - and got marked +. Output is compared a stream at a time, so that
// it does not matter in which pieces it came; lines that match one of varies may
// be others, more or fewer on one side, or missing. Calls and frames, in the form
// that callsOf and framesOf give them, are compared if both were recorded at a level
// that has them. Where one run had a network of its own and the other had not,
// addresses are compared by what they are: see neutral.
func Diff(want, got *recording.Recording, varies []*regexp.Regexp) string {
	if hasFrames(want) != hasFrames(got) {
		want, got = neutral(want), neutral(got)
	}
	w, g := common(want, varies), common(got, varies)
	if !hasCalls(want) || !hasCalls(got) {
		w.Calls, g.Calls = nil, nil
	}
	if !hasFrames(want) || !hasFrames(got) {
		w.Frames, g.Frames = nil, nil
	}
	return cmp.Diff(w, g)
}

func hasCalls(r *recording.Recording) bool {
	return r.Header.Level == recording.LevelCalls || hasFrames(r)
}

func hasFrames(r *recording.Recording) bool { return r.Header.Level == recording.LevelFull }

func common(r *recording.Recording, varies []*regexp.Regexp) compared {
	h := r.Header
	c := compared{
		Lesson: h.Lesson, Run: h.Run, Program: h.Program, Args: h.Args, End: h.End,
		Stdout: lines(r.Printed(recording.Stdout), varies),
		Stderr: lines(r.Printed(recording.Stderr), varies),
	}
	// What a file can't tell apart is equal.
	if len(c.Args) == 0 {
		c.Args = nil
	}
	if len(c.End.Waiting) == 0 {
		c.End.Waiting = nil
	}
	c.Calls = steady(callsOf(r.Events), varies)
	c.Frames = steady(framesOf(r.Events), varies)
	return c
}

// lines is the lines of the text that don't vary.
func lines(text string, varies []*regexp.Regexp) []string {
	return steady(slices.Collect(strings.Lines(text)), varies)
}

// steady is those of the lines that don't match one of varies.
func steady(lines []string, varies []*regexp.Regexp) []string {
	var kept []string
	for _, line := range lines {
		bare := strings.TrimSuffix(line, "\n")
		if !slices.ContainsFunc(varies, func(re *regexp.Regexp) bool { return re.MatchString(bare) }) {
			kept = append(kept, line)
		}
	}
	return kept
}
