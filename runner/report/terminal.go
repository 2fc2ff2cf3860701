package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Terminal writes a report for the one who wrote the program: what to look at
// first, and no more than that.
type Terminal struct {
	Width int  // of a line of prose, in columns; 0 is as long as it gets
	All   bool // every failure in full, not only the first
}

// slow is how long a check must take for its time to be worth a word.
const slow = time.Second

// Write writes the report: the checks and their verdicts, one failure in full, the
// names of the others, and the summary in the last line. Of a hidden check there is
// nothing to show.
func (t Terminal) Write(w io.Writer, r Report) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s: %s\n", line(r.Exercise.Number), line(r.Exercise.Name), line(r.Submission))
	rows := r.listed()
	if r.Build == "" {
		t.table(&out, rows)
	}
	if why := r.why(); why != "" {
		fmt.Fprintf(&out, "\n%s", indent(why, "  "))
	}
	var failed []Row
	for _, row := range rows {
		if row.Verdict != Pass && !row.silent() && (t.All || !row.Hidden) {
			failed = append(failed, row)
		}
	}
	for i, row := range failed {
		if i > 0 && !t.All {
			t.names(&out, failed[i:])
			break
		}
		t.failure(&out, row)
	}
	fmt.Fprintf(&out, "\n%s\n", r.Summary())
	_, err := io.WriteString(w, out.String())
	return err
}

// names says which failures are not shown.
func (t Terminal) names(out *strings.Builder, rows []Row) {
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = line(row.Name)
	}
	fmt.Fprintf(out, "\nnot passed either: %s\n%s", count(len(rows), "check"), t.wrap(strings.Join(names, ", "), "  "))
	out.WriteString("  (--check NAME shows one of them, --all shows all)\n")
}

// table is a line for each check; those that nobody asked for are only counted.
func (t Terminal) table(out *strings.Builder, rows []Row) {
	asked := func(row Row) bool { return row.Verdict != NotRun || !row.silent() }
	some := slices.ContainsFunc(rows, asked)
	left := 0
	for _, row := range rows {
		if some && !asked(row) {
			left++
			continue
		}
		long := ""
		if row.Duration >= slow {
			long = fmt.Sprintf("  %.1f s", row.Duration.Seconds())
		}
		fmt.Fprintf(out, "  %-11s  %s  %s%s%s\n", row.Verdict, points(row), line(row.Name), hidden(row), long)
	}
	if left > 0 {
		fmt.Fprintf(out, "  %-11s         %s\n", NotRun, count(left, "other check"))
	}
}

// failure is all that a row has to say.
func (t Terminal) failure(out *strings.Builder, row Row) {
	fmt.Fprintf(out, "\n%s: %s\n", line(row.Name), row.Verdict)
	for l := range strings.Lines(row.Detail()) {
		out.WriteString(t.wrap(l, "  "))
	}
}

// wrap is a line after so much indentation. Prose, which does not begin with a
// space, is broken between words.
func (t Terminal) wrap(l, indentation string) string {
	room := t.Width - len(indentation)
	if t.Width <= 0 || strings.HasPrefix(l, " ") || utf8.RuneCountInString(l) <= room {
		return indent(l, indentation) + blank(l)
	}
	var out strings.Builder
	used := 0
	for word := range strings.FieldsSeq(l) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			out.WriteString(indentation)
		case used+1+n > room:
			out.WriteString("\n" + indentation)
			used = 0
		default:
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += n
	}
	return out.String() + "\n"
}

// blank is the newline that indent leaves out of an empty line.
func blank(l string) string {
	if strings.Trim(l, "\n") == "" {
		return "\n"
	}
	return ""
}
