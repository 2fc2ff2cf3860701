package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a rendering shows of one check.
const (
	maxTurns   = 40 // of a conversation: as many at its beginning as at its end
	maxXRay    = 30 // lines, the last
	maxWaiting = 8  // places
)

// Text writes the report as a terminal shows it, without colour. A failure
// reads in the order in which it is understood: what happened, the conversation
// so far, what was wanted and what came, the line that was waiting, the calls,
// what the program printed, hints.
func Text(w io.Writer, r Report) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s: %s\n", line(r.Exercise.Number), line(r.Exercise.Name), line(r.Submission))
	rows := r.listed()
	for _, row := range rows {
		fmt.Fprintf(&out, "  %-11s  %s  %s%s%s\n", row.Verdict, points(row), line(row.Name), hidden(row), took(row))
	}
	if why := r.why(); why != "" {
		fmt.Fprintf(&out, "\n%s", indent(why, "  "))
	}
	for _, row := range rows {
		if row.Verdict == Pass || row.silent() {
			continue
		}
		fmt.Fprintf(&out, "\n%s: %s\n%s", line(row.Name), row.Verdict, indent(row.Detail(), "  "))
	}
	fmt.Fprintf(&out, "\n%s\n", r.Summary())
	_, err := io.WriteString(w, out.String())
	return err
}

// silent reports whether the row has nothing to say that the table of verdicts
// does not: a check that could not run for a reason the report gives once.
func (row Row) silent() bool {
	return (row.Verdict == NotRun || row.Verdict == BuildError || row.Verdict == Error) &&
		row.Message == "" && len(row.Conversation) == 0
}

// points is "2/2" or "0/2".
func points(row Row) string {
	return fmt.Sprintf("%2d/%-2d", row.Earned(), row.Points)
}

func hidden(row Row) string {
	if row.Hidden {
		return " (hidden)"
	}
	return ""
}

func took(row Row) string {
	if row.Duration > 0 {
		return "  " + millis(row.Duration)
	}
	return ""
}

// Detail is all that the row has to say, as text: lines without control
// characters, of bounded length.
func (row Row) Detail() string {
	var out strings.Builder
	if row.Description != "" {
		fmt.Fprintf(&out, "%s\n", line(row.Description))
	}
	if message := row.Said(); message != "" {
		fmt.Fprintf(&out, "%s\n", message)
	}
	if len(row.Conversation) > 0 {
		out.WriteString("\nthe conversation so far:\n" + row.Conversation.text())
	}
	if wanted := row.compared(); wanted != "" {
		out.WriteString("\n" + wanted)
	}
	if len(row.Waiting) > 0 {
		out.WriteString("\nthe program was waiting at:\n")
		for _, p := range row.places() {
			fmt.Fprintf(&out, "  %s\n", p)
		}
	}
	if len(row.XRay) > 0 {
		out.WriteString("\nits last calls:\n" + indent(strings.Join(row.calls(), "\n"), "  "))
	}
	if row.Output != "" {
		out.WriteString("\nit printed:\n" + indent(block(row.Output, maxText), "  | "))
	}
	if hints := row.Advice(); len(hints) > 0 {
		fmt.Fprintf(&out, "\n%s\n", strings.Join(hints, "\n"))
	}
	return out.String()
}

// Advice is the hints that have unlocked, and whether and when more come.
func (row Row) Advice() []string {
	if row.Verdict == Pass {
		return nil
	}
	var lines []string
	for _, h := range row.Hints {
		lines = append(lines, "hint: "+line(h))
	}
	if row.Locked > 0 {
		which := "a hint waits"
		if len(row.Hints) > 0 {
			which = "another hint waits"
		}
		lines = append(lines, which+": it comes when you have changed the program and this check fails again")
	}
	return lines
}

// Said is the row's message, or what its verdict means.
func (row Row) Said() string {
	if row.Hidden && row.Message == "" && row.Verdict != Pass {
		return row.Verdict.about() + " It is a hidden check: what it does stays with the teacher."
	}
	if row.Message != "" {
		return strings.TrimRight(block(row.Message, maxText), "\n")
	}
	return row.Verdict.about()
}

// Hex reports whether what was wanted and what came must be seen in hex: not if
// the difference of lines of text says all.
func (row Row) Hex() bool {
	if len(row.Wanted) == 0 && len(row.Came) == 0 {
		return false
	}
	return row.Diff == "" || !readable(row.Wanted) || !readable(row.Came)
}

// readable reports whether b is lines of text, all of which can be seen.
func readable(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
}

// compared is what was wanted and what came, in hex beside text, and the
// difference.
func (row Row) compared() string {
	var out strings.Builder
	if row.Hex() {
		fmt.Fprintf(&out, "wanted %s:\n%s", count(len(row.Wanted), "byte"), indent(hexdump(row.Wanted, 0), "  "))
		fmt.Fprintf(&out, "came %s:\n%s", count(len(row.Came), "byte"), indent(hexdump(row.Came, 0), "  "))
	}
	if row.Diff != "" {
		if !row.Hex() && len(row.Wanted)+len(row.Came) > 0 {
			fmt.Fprintf(&out, "wanted %s, came %s; ", count(len(row.Wanted), "byte"), count(len(row.Came), "byte"))
		}
		out.WriteString("the difference (-wanted +came):\n" + indent(block(row.Diff, maxText), "  "))
	}
	return out.String()
}

// places are the lines that were waiting, as text.
func (row Row) places() []string {
	var lines []string
	for i, p := range row.Waiting {
		if i == maxWaiting {
			lines = append(lines, fmt.Sprintf("and %d more", len(row.Waiting)-i))
			break
		}
		text := fmt.Sprintf("%s:%d", line(p.File), p.Line)
		if p.Func != "" {
			text += " in " + line(p.Func)
		}
		if p.Call != "" {
			text += ", in the call " + line(p.Call)
		}
		if p.Code != "" {
			text += ": " + line(strings.TrimSpace(p.Code))
		}
		lines = append(lines, text)
	}
	return lines
}

// calls are the last lines of the X-ray.
func (row Row) calls() []string {
	var lines []string
	from := max(len(row.XRay)-maxXRay, 0)
	if from > 0 {
		lines = append(lines, fmt.Sprintf("... %d before", from))
	}
	for _, l := range row.XRay[from:] {
		lines = append(lines, line(l))
	}
	return lines
}

// text is the conversation, a turn a line with its bytes below.
func (c Conversation) text() string {
	var out strings.Builder
	for _, t := range c.shown() {
		if t.skipped > 0 {
			fmt.Fprintf(&out, "%14s%s more\n", "... ", count(t.skipped, "turn"))
			continue
		}
		fmt.Fprintf(&out, "%12s  %s\n", millis(t.At), t.What())
		if t.Who != Nobody {
			out.WriteString(indent(hexdump(t.Bytes, t.Size), "    "))
		}
	}
	return out.String()
}

// A shownTurn is a turn, or the number of turns left out in its place.
type shownTurn struct {
	Turn
	skipped int
}

// shown are the turns a rendering shows: all, or the first and the last. Those that
// were not kept count among those between.
func (c Conversation) shown() []shownTurn {
	var turns []shownTurn
	for i, t := range c {
		if len(c) <= maxTurns || i < maxTurns/2 || i >= len(c)-maxTurns/2 {
			turns = append(turns, shownTurn{Turn: t})
			continue
		}
		if i == maxTurns/2 {
			turns = append(turns, shownTurn{})
		}
		turns[maxTurns/2].skipped += max(1, t.Left)
	}
	return turns
}
