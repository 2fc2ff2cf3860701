package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"
)

// whole has cmp.Diff take no line apart.
var whole = gocmp.Comparer(func(a, b string) bool { return a == b })

// Of texts of many lines, so many are compared: from a few before the first that
// differ. A program may print any number, and who reads what differs reads the first.
const comparedLines, alikeLines = 400, 8

// difference is how two texts differ, line by line; empty if they don't.
func difference(want, got []byte) string {
	lines := func(b []byte) []string {
		return slices.DeleteFunc(strings.SplitAfter(string(b), "\n"), func(l string) bool { return l == "" })
	}
	w, g := lines(want), lines(got)
	longest, from := max(len(w), len(g)), 0
	if longest > comparedLines {
		for from < min(len(w), len(g)) && w[from] == g[from] {
			from++
		}
		from = max(0, from-alikeLines)
	}
	cut := func(l []string) []string { return l[from:min(len(l), from+comparedLines)] }
	diff := plainly(gocmp.Diff(cut(w), cut(g), whole))
	if diff == "" {
		return ""
	}
	if from > 0 {
		diff = fmt.Sprintf("  ... %d lines before these are alike\n", from) + diff
	}
	if left := longest - from - comparedLines; left > 0 {
		diff += fmt.Sprintf("  ... %d lines after these are not compared\n", left)
	}
	return diff
}

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
