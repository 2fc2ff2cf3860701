package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Everything a report holds may come from a student: names, paths, what a
// program printed. The functions of this file are the one door to a rendering.
// What leaves them is valid UTF-8 without control characters (but the newlines
// of a block), without bytes that reorder or hide text, and of bounded length;
// what was there instead is said in visible escapes. Each format then quotes
// that for itself.

// Bounds of what a rendering shows of one field, in bytes.
const (
	maxLine = 300     // a name, a path, a sentence
	maxText = 8 << 10 // a message, a diff, what a program printed
)

// line is s as one line.
func line(s string) string { return inert(cut(s, maxLine), false) }

// block is s as lines, at most about max bytes of it.
func block(s string, max int) string { return inert(cut(s, max), true) }

// valid is s with what is not UTF-8 as escapes. It is also how a report is
// stored, so that a stored report renders as the report itself.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// cut is the valid form of s, or its beginning and how much more there was. It
// reads all of s but copies no more than it shows.
func cut(s string, max int) string {
	if len(s) <= max {
		if s = valid(s); len(s) <= max {
			return s
		}
	}
	head := s[:min(len(s), max+utf8.UTFMax)]
	shown := valid(head)
	end := min(max, len(shown))
	for end < len(shown) && !utf8.RuneStart(shown[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%s more)", shown[:end], count(validLen(s)-end, "byte"))
}

// validLen is the length of the valid form of s.
func validLen(s string) int {
	if utf8.ValidString(s) {
		return len(s)
	}
	n := len(s)
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			n += len(`\xff`) - 1
		}
		i += size
	}
	return n
}

func inert(s string, newlines bool) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case newlines && r == '\n':
			b.WriteByte('\n')
		case newlines && r == '\t':
			b.WriteString("    ")
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r' && newlines && strings.HasPrefix(s[i:], "\r\n"):
			// A CRLF is a line's end like any other; hex shows it where it matters.
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case hides(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		case hides(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// hides reports whether a rune has no look of its own or changes the look of
// others: controls, formats (bidirectional overrides, joiners), separators,
// private and unassigned code points, and what XML does not allow. A plain
// space is not among them.
func hides(r rune) bool {
	return r != ' ' && !unicode.IsPrint(r) || unicode.In(r, unicode.Variation_Selector) || r == 0xfffe || r == 0xffff
}

// indent puts prefix before every line of s, and leaves no space at a line's end.
func indent(s, prefix string) string {
	s = strings.TrimRight(s, "\n")
	if s == "" {
		return ""
	}
	var b strings.Builder
	for l := range strings.SplitSeq(s, "\n") {
		b.WriteString(strings.TrimRight(prefix+l, " ") + "\n")
	}
	return b.String()
}
