package similarity

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// caution stands above every rendering.
const caution = "Shared code, for a person to read. It does not say who wrote it, or that anybody copied: " +
	"a small task has few solutions, and everybody read the same lesson."

// Text writes the result for a terminal: pairs, with the places on both sides.
func Text(w io.Writer, r Result) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\n%s\n", caution, r.Summary())
	for _, p := range r.Pairs {
		fmt.Fprintf(&out, "\n%s and %s: %d fingerprints, %d %% of the first's %d, %d %% of the second's %d\n",
			inert(p.A), inert(p.B), p.Shared, p.ShareA(), p.OfA, p.ShareB(), p.OfB)
		for _, s := range p.Spans {
			fmt.Fprintf(&out, "  %5d tokens  %s  %s\n", s.Tokens, s.A, s.B)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// Summary is what was compared and what was left out, in lines.
func (r Result) Summary() string {
	text := fmt.Sprintf("%d submissions with %d different fingerprints; %d, held by more than %d submissions, are left out as idioms.\n%d pairs share enough to be looked at.",
		r.Submissions, r.Fingerprints, r.Idioms, r.Common, len(r.Pairs)+r.More)
	if r.More > 0 {
		text += fmt.Sprintf(" The %d that share least are not shown.", r.More)
	}
	if len(r.Short) > 0 {
		names := make([]string, 0, len(r.Short))
		for _, name := range r.Short {
			names = append(names, inert(name))
		}
		text += "\nToo short to be compared, or no more than the stub: " + strings.Join(names, ", ") + "."
	}
	return text
}

// String is the region as "main.go:3-9".
func (r Region) String() string {
	if r.From == r.To {
		return fmt.Sprintf("%s:%d", inert(r.File), r.From)
	}
	return fmt.Sprintf("%s:%d-%d", inert(r.File), r.From, r.To)
}

// inert is s as one line of a bounded length: what is not a visible character
// is shown as Go's escape of it.
func inert(s string) string {
	const most = 200
	var b strings.Builder
	for i := 0; i < len(s); {
		if b.Len() > most {
			b.WriteString("...")
			break
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(r) && !unicode.Is(unicode.Variation_Selector, r):
			b.WriteString(s[i : i+size])
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += size
	}
	return b.String()
}
