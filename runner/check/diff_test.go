package check

import (
	"bytes"
	"fmt"
	"slices"
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

// TestDifference compares texts of any length, and shows a part of it.
func TestDifference(t *testing.T) {
	numbers := func(from, to int) (text []byte) {
		for i := range to - from {
			text = fmt.Appendln(text, from+i)
		}
		return text
	}
	if d := difference(numbers(0, 1000), numbers(0, 1000)); d != "" {
		t.Errorf("texts that are alike differ:\n%s", d)
	}
	d := difference(numbers(0, 1000), slices.Concat(numbers(0, 500), []byte("x\n"), numbers(501, 1000)))
	for _, want := range []string{"  ... 492 lines before these are alike\n", "\n- 500\n+ x\n", "  ... 108 lines after these are not compared\n"} {
		if !strings.Contains(d, want) {
			t.Errorf("the difference does not hold %q:\n%s", want, d)
		}
	}
	// What a program that means harm prints: as many lines as are kept.
	flood := bytes.Repeat([]byte("x\n"), keep/2)
	if d := difference([]byte("hello\n"), flood); len(d) > 100*comparedLines || !strings.Contains(d, "- hello\n") {
		t.Errorf("the difference from a flood has %d bytes", len(d))
	}
	if d := difference(numbers(0, keep/8), flood); len(d) > 100*comparedLines {
		t.Errorf("the difference of two long texts has %d bytes", len(d))
	}
}

func BenchmarkDifference(b *testing.B) {
	want, flood := bytes.Repeat([]byte("y\n"), keep/2), bytes.Repeat([]byte("x\n"), keep/2)
	for b.Loop() {
		difference(want, flood)
	}
}
