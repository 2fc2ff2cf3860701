package similarity

import (
	"bytes"
	"fmt"
	"go/token"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestIndependent: solutions that were written apart are not in the result.
func TestIndependent(t *testing.T) {
	r := Comparison{Stub: stub(t)}.Run(independent(t))
	for _, p := range r.Pairs {
		t.Errorf("%s and %s share %d fingerprints of %d and %d: %+v", p.A, p.B, p.Shared, p.OfA, p.OfB, p.Spans)
	}
	if r.Submissions != 6 || r.Fingerprints < 100 || len(r.Short) != 0 {
		t.Errorf("the comparison itself: %+v", r)
	}
}

// TestDisguised: each solution is found in each disguise, and nothing else is.
func TestDisguised(t *testing.T) {
	for name, disguise := range disguises {
		t.Run(name, func(t *testing.T) {
			for _, original := range independent(t) {
				class := append(independent(t), one("copy", disguise(t, original.Files[0].Source)))
				r := Comparison{Stub: stub(t)}.Run(class)
				if len(r.Pairs) != 1 || r.Pairs[0].A != original.Name || r.Pairs[0].B != "copy" {
					t.Fatalf("the copy of %s: pairs %+v", original.Name, r.Pairs)
				}
				p := r.Pairs[0]
				// What stands where two functions met is lost when they are moved.
				least := 90
				if name == "functions in another order" {
					least = 70
				}
				if p.ShareA() < least || p.ShareB() < least {
					t.Errorf("the copy of %s shares %d %% and %d %%, want at least %d", original.Name, p.ShareA(), p.ShareB(), least)
				}
				covered := 0
				for _, s := range p.Spans {
					covered += s.Tokens
				}
				if all := len(words(original.Files[0])); covered*10 < all*7 {
					t.Errorf("the places of %s hold %d of %d tokens", original.Name, covered, all)
				}
			}
		})
	}
}

// TestOneFunction: a function alone that was taken is found, and its place is
// told on both sides.
func TestOneFunction(t *testing.T) {
	all := independent(t)
	ada, bob := string(all[0].Files[0].Source), string(all[1].Files[0].Source)
	begin, end := strings.Index(ada, "func ReadLine"), strings.Index(ada, "func main")
	taken := bob + "\n" + ada[begin:end]
	r := Comparison{Stub: stub(t), Share: 10}.Run(append(all, one("copy", []byte(taken))))
	i := slices.IndexFunc(r.Pairs, func(p Pair) bool { return p.A == "ada" && p.B == "copy" })
	if i < 0 {
		t.Fatalf("not found: %+v", r.Pairs)
	}
	longest := r.Pairs[i].Spans[0]
	from := strings.Count(ada[:begin], "\n") + 1
	if longest.A.From > from+3 || longest.A.To < from+20 || longest.A.File != "main.go" {
		t.Errorf("the longest place is %s, want about main.go:%d-%d", longest.A, from, from+30)
	}
	if at := strings.Count(bob, "\n"); longest.B.From < at || !strings.Contains(longest.B.Text, "pending[:i]") {
		t.Errorf("on the other side it is %s, want behind line %d:\n%s", longest.B, at, longest.B.Text)
	}
}

// TestStubIsSubtracted: what the stub gave is not shared code, also not around
// what was changed in it.
func TestStubIsSubtracted(t *testing.T) {
	given := stub(t)
	same := []Submission{one("a", given[0].Source), one("b", given[0].Source)}
	if r := (Comparison{Stub: given, Shared: 1}).Run(same); len(r.Pairs) != 0 || len(r.Short) != 2 {
		t.Errorf("two stubs: %+v", r)
	}
	if r := (Comparison{Shared: 1}).Run(same); len(r.Pairs) != 1 || r.Pairs[0].ShareA() != 100 {
		t.Errorf("two equal files without a stub: %+v", r)
	}
	big := independent(t)[1].Files[0]
	r := Comparison{Stub: []File{big}, Shared: 1, Share: 1}.Run([]Submission{
		one("a", big.Source), one("b", append(slices.Clone(big.Source), "\nfunc extra() int { return 1 }\n"...)),
	})
	if len(r.Pairs) != 0 {
		t.Errorf("two submissions that are the stub and a line: %+v", r.Pairs)
	}
}

// TestIdioms: what most of a class has is left out, and that is said.
func TestIdioms(t *testing.T) {
	source := independent(t)[0].Files[0].Source
	var class []Submission
	for i := range 12 {
		class = append(class, one(fmt.Sprint(i), source))
	}
	r := Comparison{}.Run(class)
	if len(r.Pairs) != 0 || r.Idioms == 0 || r.Idioms != r.Fingerprints || r.Common != 10 {
		t.Errorf("12 equal submissions: %d pairs, %d idioms of %d, common %d", len(r.Pairs), r.Idioms, r.Fingerprints, r.Common)
	}
	if r = (Comparison{}).Run(class[:10]); len(r.Pairs) != 45 || r.Idioms != 0 {
		t.Errorf("10 equal submissions: %d pairs, %d idioms", len(r.Pairs), r.Idioms)
	}
	if !strings.Contains((Comparison{}).Run(class).Summary(), "left out as idioms") {
		t.Error("the summary does not say it")
	}
}

// TestRepetition: a file that says the same again and again costs no more than
// another, and is found with its copy.
func TestRepetition(t *testing.T) {
	for _, text := range []string{"x ", "x = x + 1\n", "\x96"} {
		source := []byte("package main\nfunc main() {\n" + strings.Repeat(text, 200_000) + "}\n")
		begun := time.Now()
		r := Comparison{Shared: 1}.Run([]Submission{one("a", source), one("b", source), one("c", source)})
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("200,000 times %q took %s", text, took)
		}
		if len(r.Pairs) != 3 || len(r.Pairs[0].Spans) == 0 {
			t.Errorf("200,000 times %q: %d pairs", text, len(r.Pairs))
		}
	}
}

func TestMost(t *testing.T) {
	source := independent(t)[0].Files[0].Source
	class := []Submission{one("a", source), one("b", source), one("c", source)}
	r := Comparison{Most: 2}.Run(class)
	if len(r.Pairs) != 2 || r.More != 1 {
		t.Errorf("%d pairs, %d more; want 2, 1", len(r.Pairs), r.More)
	}
}

// TestGuarantee is the promise of the paper: a run of Guarantee equal tokens is
// noticed wherever it stands.
func TestGuarantee(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 1))
	kinds := []token.Token{token.IDENT, token.LPAREN, token.RPAREN, token.ADD, token.INT, token.ASSIGN, token.FOR, token.IF, token.PERIOD}
	text := func(n int) []word {
		w := make([]word, n)
		for i := range w {
			w[i].kind = kinds[source.IntN(len(kinds))]
		}
		return w
	}
	const noise, guarantee = 20, 32
	prints := func(w []word) map[gram]bool {
		g := grams(w, noise)
		set := map[gram]bool{}
		for _, i := range winnow(g, guarantee-noise+1, func(gram) bool { return false }) {
			set[g[i]] = true
		}
		return set
	}
	for range 300 {
		common := text(guarantee)
		a := slices.Concat(text(source.IntN(80)), common, text(source.IntN(80)))
		b := slices.Concat(text(source.IntN(80)), common, text(source.IntN(80)))
		pa, shared := prints(a), 0
		for g := range prints(b) {
			if pa[g] {
				shared++
			}
		}
		if shared == 0 {
			t.Fatal("a run of Guarantee equal tokens was not noticed")
		}
	}
	// And nothing shorter than Noise is: texts without a common gram share none.
	a, b := text(500), text(500)
	ga := grams(a, noise)
	for g := range prints(b) {
		if slices.Contains(ga, g) {
			t.Fatal("two random texts share a gram of 20 tokens")
		}
	}
}

// TestGrams: rolling the hash along is hashing anew.
func TestGrams(t *testing.T) {
	w := words(independent(t)[2].Files[0])
	all := grams(w, 20)
	if len(all) != len(w)-19 {
		t.Fatalf("%d grams of %d words", len(all), len(w))
	}
	for i, g := range all {
		if fresh := grams(w[i:i+20], 20); len(fresh) != 1 || fresh[0] != g {
			t.Fatalf("gram %d rolled is %x, hashed anew %x", i, g, fresh)
		}
	}
	if grams(w[:19], 20) != nil {
		t.Error("19 words have a gram of 20")
	}
}

func TestWinnow(t *testing.T) {
	none := func(gram) bool { return false }
	// The example of the paper, section 3, with windows of 4.
	g := []gram{77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98}
	var got []gram
	for _, i := range winnow(g, 4, none) {
		got = append(got, g[i])
	}
	if want := []gram{17, 17, 8, 39, 17}; !slices.Equal(got, want) {
		t.Errorf("winnow chose %d, want %d", got, want)
	}
	if got := winnow([]gram{5, 3}, 4, none); !slices.Equal(got, []int{1}) {
		t.Errorf("of a short text it chose %v, want [1]", got)
	}
	if got := winnow(g, 4, func(gram) bool { return true }); got != nil {
		t.Errorf("it chose %v of what is skipped", got)
	}
	if got := winnow(nil, 4, none); got != nil {
		t.Errorf("it chose %v of nothing", got)
	}
}

// TestWords: what is compared, and what is not.
func TestWords(t *testing.T) {
	kinds := func(s string) []token.Token {
		var k []token.Token
		for _, w := range words(File{Name: "x.go", Source: []byte(s)}) {
			k = append(k, w.kind)
		}
		return k
	}
	base := kinds("package p\nimport \"fmt\"\nfunc f(a int) { g(a, 1); h(\"x\") }\n")
	for _, same := range []string{
		"package other\nimport (\n\"os\"\n\"io\"\n)\nfunc q(b int) {\n\tr(b, 22)\n\ts(\"yy\")\n}\n",
		"package p\n// comment\nfunc f(/* in */ a int) {\n g(\n  a,\n  1,\n );\n h(`raw`) /* end */ }",
		"func f(a int) { g(a, 1); h(\"x\"); }",
	} {
		if !slices.Equal(kinds(same), base) {
			t.Errorf("%q gives %v, want %v", same, kinds(same), base)
		}
	}
	for _, other := range []string{
		"func f(a int) { g(a, 1); h('x') }",
		"func f(a int) { h(\"x\"); g(a, 1) }",
		"func f(a int) { g(a); h(\"x\") }",
	} {
		if slices.Equal(kinds(other), base) {
			t.Errorf("%q gives the same as %q", other, "f")
		}
	}
	for _, broken := range []string{"", "\x00\xff", "func (", "package", "import (", "\"", "}}}})))", "/*"} {
		kinds(broken)
	}
}

// TestDeterministic: the order of maps is not the result's.
func TestDeterministic(t *testing.T) {
	class := generated(60)
	var first string
	for i := range 5 {
		var b bytes.Buffer
		r := Comparison{Share: 5}.Run(class)
		if err := Text(&b, r); err != nil {
			t.Fatal(err)
		}
		if err := HTML(&b, r, "report.css"); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b.String()
		}
		if b.String() != first {
			t.Fatal("two runs over the same class differ")
		}
	}
}
