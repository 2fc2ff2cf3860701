package check

import (
	"strconv"
	"strings"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"
)

// whole has cmp.Diff take no line apart.
var whole = gocmp.Comparer(func(a, b string) bool { return a == b })

// plainly is what cmp.Diff says of lines of text, as lines of text: each after its
// sign, and quoted only where something in it can't be seen, such as a CR or that
// it has no LF.
func plainly(diff string) string {
	// A diff is written with some spaces that don't break, at random.
	diff = strings.ReplaceAll(diff, "\u00a0", " ")
	rows := strings.Split(strings.TrimRight(diff, "\n"), "\n")
	if len(rows) < 2 || strings.TrimSpace(rows[0]) != "[]string{" || strings.TrimSpace(rows[len(rows)-1]) != "}" {
		return diff
	}
	var out strings.Builder
	for _, row := range rows[1 : len(rows)-1] {
		if len(row) < 2 {
			return diff
		}
		sign, text := row[:1], strings.TrimPrefix(strings.TrimSpace(row[1:]), "\t")
		if line, err := strconv.Unquote(strings.TrimSuffix(text, ",")); err == nil {
			text = strings.TrimSuffix(text, ",")
			if whole, ok := strings.CutSuffix(line, "\n"); ok && seen(whole) {
				text = whole
			}
		}
		out.WriteString(strings.TrimRight(sign+" "+text, " ") + "\n")
	}
	return out.String()
}

// seen reports whether all of a line is seen as it is.
func seen(line string) bool {
	return !strings.HasSuffix(line, " ") && !strings.ContainsFunc(line, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) })
}
