package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// TAP writes version 14 of the Test Anything Protocol. What did not run is not
// ok: SKIP and the plan 1..0 both count as passed.
func TAP(w io.Writer, r Report) error {
	var out strings.Builder
	rows := r.listed()
	fmt.Fprintf(&out, "TAP version 14\n# %s\n1..%d\n", tapText(r.Summary()), len(rows))
	for i, row := range rows {
		ok := "not ok"
		if row.Verdict == Pass {
			ok = "ok"
		}
		fmt.Fprintf(&out, "%s %d - %s%s\n", ok, i+1, tapText(line(row.Name)), hidden(row))
		tapDiagnostic(&out, []tapField{
			{"verdict", row.Verdict.String()},
			{"points", row.Earned()},
			{"max_points", max(row.Points, 0)},
			{"duration_ms", float64(row.Duration.Microseconds()) / 1000},
			{"message", row.Said()},
			{"detail", failed(row)},
		})
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// failed is the detail of a row that did not pass.
func failed(row Row) string {
	if row.Verdict == Pass {
		return ""
	}
	return row.Detail()
}

// A tapField is a line of a diagnostic.
type tapField struct {
	name  string
	value any
}

// tapDiagnostic writes a YAML block; its values are JSON, which YAML contains,
// so nothing in them can end the block. Empty texts are left out.
func tapDiagnostic(out *strings.Builder, fields []tapField) {
	out.WriteString("  ---\n")
	for _, f := range fields {
		if f.value == "" {
			continue
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			continue // numbers and valid UTF-8 always marshal
		}
		fmt.Fprintf(out, "  %s: %s\n", f.name, value)
	}
	out.WriteString("  ...\n")
}

// tapText escapes what would begin a directive in a description.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `#`, `\#`).Replace(s)
}
