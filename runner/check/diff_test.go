package check

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestPlainly(t *testing.T) {
	lines := func(s string) []string { return strings.SplitAfter(s, "\n") }
	for _, c := range []struct{ want, got, diff string }{
		{"3 \"one\"\nend\n", "one\nend\n", "- 3 \"one\"\n+ one\n  end\n  \"\"\n"},
		{"one\n", "one\r\n", "- one\n+ \"one\\r\\n\"\n  \"\"\n"},
		{"one\n", "one", "- one\n+ \"one\"\n- \"\"\n"},
		{"a \n", "a\n", "- \"a \\n\"\n+ a\n  \"\"\n"},
	} {
		got := plainly(gocmp.Diff(lines(c.want), lines(c.got), whole))
		if got != c.diff {
			t.Errorf("the difference of %q and %q:\n%s\nwant:\n%s", c.want, c.got, got, c.diff)
		}
	}
	for _, other := range []string{"", "x\n", "  string(\n- \t\"a\",\n  )\n"} {
		if got := plainly(other); got != other {
			t.Errorf("plainly(%q) = %q", other, got)
		}
	}
}
