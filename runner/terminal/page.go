package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A style is how a span looks on a terminal with colours.
type style int

const (
	plain style = iota
	faint
	strong
	printed
	kernel
	wire
	wrong
)

// sgr is the parameter of each style's escape sequence, ECMA-48 section 8.3.117.
var sgr = [...]string{plain: "", faint: "2", strong: "1", printed: "33", kernel: "35", wire: "36", wrong: "31"}

// A span is text in one style, with nothing that a terminal obeys.
type span struct {
	style style
	text  string
}

// A page is the text so far.
type page struct {
	strings.Builder
	width int
	color bool
	noted map[string]bool // notes that were written
}

func (p *page) blank() { p.WriteByte('\n') }

// line writes the spans as one line, cut to the width.
func (p *page) line(spans ...span) {
	left := p.width
	total := 0
	for _, s := range spans {
		total += columns(s.text)
	}
	cut := p.width > 0 && total > p.width
	for _, s := range spans {
		text := s.text
		if cut && columns(text) >= left {
			p.span(s.style, fit(text, left-1)+"…")
			break
		}
		left -= columns(text)
		p.span(s.style, text)
	}
	p.WriteByte('\n')
}

func (p *page) span(s style, text string) {
	if text == "" {
		return
	}
	if !p.color || s == plain {
		p.WriteString(text)
		return
	}
	p.WriteString("\x1b[" + sgr[s] + "m" + text + "\x1b[0m")
}

// fit is the beginning of the text that takes no more than so many columns.
func fit(text string, n int) string {
	for i, r := range text {
		if n -= column(r); n < 0 {
			return text[:i]
		}
	}
	return text
}

// columns is how many columns of a terminal the text takes, at most.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += column(r)
	}
	return n
}

// column is how many columns a character takes, at most: East Asian characters
// and pictures take two, and counting two where a terminal has one cuts early,
// which does no harm.
func column(r rune) int {
	if r < 0x1100 || 0x2000 <= r && r < 0x2600 {
		return 1
	}
	return 2
}

// tab is how wide a tab is written.
const tab = "    "

// escape is the text with nothing that a terminal obeys: a tab as spaces, any
// other character that does not print as the escape that Go has for it.
func escape(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case r == '\t':
			b.WriteString(tab)
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		}
		text = text[n:]
	}
	return b.String()
}

// count is so many of the thing.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return thousands(n) + " " + thing + "s"
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// seconds is a time in words: "200 ms", "1.0 s".
func seconds(ms int64) string {
	if ms < 1000 {
		return fmt.Sprintf("%d ms", ms)
	}
	return fmt.Sprintf("%d.%d s", ms/1000, ms%1000/100)
}
