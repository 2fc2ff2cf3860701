package similarity

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

// shared is a class with one pair that shares a function.
func shared(tb testing.TB) Result {
	tb.Helper()
	class := independent(tb)
	ada, bob := string(class[0].Files[0].Source), string(class[1].Files[0].Source)
	begin, end := strings.Index(ada, "func ReadLine"), strings.Index(ada, "func main")
	class = append(class, one("gil", []byte(bob+"\n"+ada[begin:end])), one("hal", stub(tb)[0].Source))
	return Comparison{Stub: stub(tb)}.Run(class)
}

func render(tb testing.TB, r Result) (text, page string) {
	tb.Helper()
	var a, b bytes.Buffer
	if err := Text(&a, r); err != nil {
		tb.Fatal(err)
	}
	if err := HTML(&b, r, "report.css"); err != nil {
		tb.Fatal(err)
	}
	return a.String(), b.String()
}

func TestGolden(t *testing.T) {
	text, page := render(t, shared(t))
	got := txtar.Format(&txtar.Archive{Files: []txtar.File{{Name: "similarity.txt", Data: []byte(text)}, {Name: "similarity.html", Data: []byte(page)}}})
	const name = "testdata/shared.txtar"
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestNoGuilt: no rendering has a word for a verdict.
func TestNoGuilt(t *testing.T) {
	text, page := render(t, shared(t))
	for _, word := range []string{"cheat", "plagiar", "guilt", "suspic", "score", "offend"} {
		if strings.Contains(strings.ToLower(text+page), word) {
			t.Errorf("the renderings say %q", word)
		}
	}
	for _, rendering := range []string{text, page} {
		if !strings.Contains(rendering, "does not say who wrote it") {
			t.Error("a rendering goes without the caution")
		}
	}
}

// evil is what a name or a file may hold.
const evil = "</pre><script>alert(1)</script>\"'\x1b[2J\x00\xff\u202e\u2028{{.}}=1+1"

// TestHostile: names and sources act in no rendering.
func TestHostile(t *testing.T) {
	source := slices.Concat(independent(t)[0].Files[0].Source, []byte("\n// "+evil+"\n\nvar s = `"+evil+"`\n"))
	var class []Submission
	for _, name := range []string{evil, evil + "2"} {
		class = append(class, Submission{Name: name, Files: []File{{Name: evil + ".go", Source: source}}})
	}
	class = append(class, one(evil+"3", []byte(evil)), one(strings.Repeat("long", 1000), nil))
	r := Comparison{}.Run(class)
	if len(r.Pairs) != 1 || len(r.Short) != 2 {
		t.Fatalf("%d pairs, %d short; want 1 and 2", len(r.Pairs), len(r.Short))
	}
	text, page := render(t, r)
	for _, rendering := range []string{text, page} {
		if !utf8.ValidString(rendering) {
			t.Error("a rendering is not UTF-8")
		}
		for _, c := range rendering {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Errorf("a rendering holds %U", c)
			}
		}
	}
	checkPage(t, page)
}

// checkPage refuses elements and attributes that the page does not have.
func checkPage(t *testing.T, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	known := " html head meta title link body main h1 h2 h3 p strong table caption thead tbody tr th td a section div pre "
	attributes := " lang charset http-equiv content name rel href class id scope data-label tabindex role aria-label aria-labelledby "
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !strings.Contains(known, " "+n.Data+" ") {
			t.Errorf("element %s", n.Data)
		}
		for _, a := range n.Attr {
			if !strings.Contains(attributes, " "+a.Key+" ") {
				t.Errorf("attribute %s of %s", a.Key, n.Data)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "#pair-") && a.Val != "report.css" {
				t.Errorf("a link to %q", a.Val)
			}
		}
	}
}

// TestStyle: every class of the page is in the style sheet that it is made for.
func TestStyle(t *testing.T) {
	css, err := os.ReadFile("../report/report.css")
	if err != nil {
		t.Fatal(err)
	}
	_, page := render(t, shared(t))
	checkPage(t, page)
	if n := strings.Count(page, "default-src 'none'; style-src 'self'"); n != 1 {
		t.Errorf("%d policies", n)
	}
	for _, class := range []string{"wide", "stack", "n", "sides", "about"} {
		if !strings.Contains(page, `class="`+class+`"`) || !strings.Contains(string(css), "."+class) {
			t.Errorf("class %s is not on the page or not in the style sheet", class)
		}
	}
}

// FuzzRun: no source stops a comparison, and a source is always all of itself.
func FuzzRun(f *testing.F) {
	for _, s := range independent(f) {
		f.Add(s.Files[0].Source, "a")
	}
	f.Add([]byte(evil), evil)
	f.Fuzz(func(t *testing.T, source []byte, name string) {
		class := []Submission{one(name, source), one(name, source)}
		r := Comparison{Noise: 3, Guarantee: 5, Shared: 1}.Run(class)
		if len(r.Short) != 0 && len(r.Pairs) != 0 {
			t.Errorf("%d short, and %d pairs", len(r.Short), len(r.Pairs))
		}
		for _, p := range r.Pairs {
			if p.ShareA() != 100 || p.ShareB() != 100 || len(p.Spans) == 0 {
				t.Errorf("a source and itself: %+v", p)
			}
			for _, s := range p.Spans {
				if s.A.From < 1 || s.A.To < s.A.From || s.A.To > bytes.Count(source, []byte("\n"))+1 {
					t.Errorf("place %s", s.A)
				}
			}
		}
		_, page := render(t, r)
		checkPage(t, page)
	})
}
