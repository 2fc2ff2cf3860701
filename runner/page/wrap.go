package page

import (
	"html/template"
	"strings"
	"unicode/utf8"
)

// longWord is how many characters of code without a space stay together. Of their own
// accord browsers break code at spaces, and a word that is too long for its line
// wherever the line ends.
const longWord = 24

// breaks are the offsets in a line of code at which a long word may be broken: not
// within a name, but after a bracket that opens, or after a sign that joins.
func breaks(line string) map[int]bool {
	at := make(map[int]bool)
	for start := 0; start < len(line); {
		length := strings.IndexAny(line[start:], " \t")
		if length < 0 {
			length = len(line) - start
		}
		if word := line[start : start+length]; utf8.RuneCountInString(word) > longWord {
			for i := 1; i < len(word); i++ {
				// "()" and "//" stay whole.
				if strings.IndexByte("([{|/,", word[i-1]) >= 0 && strings.IndexByte(")]}|/,", word[i]) < 0 {
					at[start+i] = true
				}
			}
		}
		start += length + 1
	}
	return at
}

// breakable is a part of a line as HTML; from is the part's offset in it.
func breakable(part string, from int, at map[int]bool) string {
	var b strings.Builder
	rest := 0
	for i := range part {
		if at[from+i] {
			b.WriteString(escape.Replace(part[rest:i]) + "<wbr>")
			rest = i
		}
	}
	b.WriteString(escape.Replace(part[rest:]))
	return b.String()
}

// wrapping is a line of code as HTML, without colours.
func wrapping(line string) template.HTML {
	return template.HTML(breakable(line, 0, breaks(line))) //nolint:gosec // breakable escapes
}
