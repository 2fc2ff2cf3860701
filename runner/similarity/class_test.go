package similarity

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sockets/runner/tier"
)

// generated is a class of n submissions of about 150 lines each, of which every
// tenth is a copy of the one before under other names.
func generated(n int) []Submission {
	var all []Submission
	for i := range n {
		seed, prefix := uint64(i), "v"
		if i%10 == 9 {
			seed, prefix = uint64(i-1), "copied"
		}
		all = append(all, one(fmt.Sprintf("s%04d", i), program(seed, prefix)))
	}
	return all
}

// program is Go of about 150 lines: functions of statements that chance nests.
func program(seed uint64, prefix string) []byte {
	g := generator{rand.New(rand.NewPCG(seed, 77)), prefix}
	var b strings.Builder
	b.WriteString("package main\n\n")
	for i := 0; strings.Count(b.String(), "\n") < 150; i++ {
		fmt.Fprintf(&b, "func %sF%d(a, b int) (int, error) {\n", prefix, i)
		for range 3 + g.IntN(4) {
			g.statement(&b, 1)
		}
		b.WriteString("\treturn a, nil\n}\n\n")
	}
	return []byte(b.String())
}

type generator struct {
	*rand.Rand
	prefix string
}

func (g generator) statement(b *strings.Builder, depth int) {
	tab := strings.Repeat("\t", depth)
	kind := g.IntN(7)
	if depth > 3 {
		kind = g.IntN(3)
	}
	switch kind {
	case 0:
		fmt.Fprintf(b, "%s%s%d := %s\n", tab, g.prefix, g.IntN(9), g.expression(3))
	case 1:
		fmt.Fprintf(b, "%s%s%d(%s, %s)\n", tab, g.prefix, g.IntN(9), g.expression(2), g.expression(2))
	case 2:
		fmt.Fprintf(b, "%s%s.%s[%s] = %s\n", tab, g.prefix, g.prefix, g.expression(1), g.expression(2))
	default:
		head := []string{"if %s > %s {", "for i := %s; i < %s; i++ {", "switch %s { case %s:", "go func() { _ = %s + %s;"}[kind-3]
		fmt.Fprintf(b, "%s"+head+"\n", tab, g.expression(2), g.expression(2))
		for range 1 + g.IntN(3) {
			g.statement(b, depth+1)
		}
		if kind == 6 {
			fmt.Fprintf(b, "%s}()\n", tab)
		} else {
			fmt.Fprintf(b, "%s}\n", tab)
		}
	}
}

func (g generator) expression(depth int) string {
	if depth == 0 {
		return []string{g.prefix, "1", `"s"`, g.prefix + "." + g.prefix}[g.IntN(4)]
	}
	x, y := g.expression(depth-1), g.expression(g.IntN(depth))
	return []string{x + " + " + y, x + " * " + y, "len(" + x + ")", "(" + x + " - " + y + ")", x, "f(" + x + ", " + y + ")"}[g.IntN(6)]
}

// TestClass: of a thousand, in seconds, the hundred that copied, and nobody else.
func TestClass(t *testing.T) {
	n := 200
	if tier.Full() {
		n = 1000
	}
	class := generated(n)
	begun := time.Now()
	r := Comparison{}.Run(class)
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("%d submissions took %s", n, took)
	}
	if len(r.Pairs) != n/10 || r.More != 0 {
		t.Errorf("%d pairs, want %d", len(r.Pairs), n/10)
	}
	for _, p := range r.Pairs {
		var a, b int
		if _, err := fmt.Sscanf(p.A+" "+p.B, "s%d s%d", &a, &b); err != nil || b != a+1 || b%10 != 9 || p.ShareA() != 100 {
			t.Errorf("%s and %s: %d %%, %v", p.A, p.B, p.ShareA(), err)
		}
	}
}

// BenchmarkClass compares 1,000 submissions of 150 lines.
func BenchmarkClass(b *testing.B) {
	class := generated(1000)
	lines := 0
	for _, s := range class {
		lines += strings.Count(string(s.Files[0].Source), "\n")
	}
	for b.Loop() {
		if r := (Comparison{}).Run(class); len(r.Pairs) != 100 {
			b.Fatalf("%d pairs", len(r.Pairs))
		}
	}
	b.ReportMetric(float64(lines)/1000, "lines/submission")
}
