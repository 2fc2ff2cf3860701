package page

import (
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"
)

// hostile is what an enemy could write in a commentary. Each must be a mistake,
// or harmless text; and what is rendered of it must be harmless in any case.
var hostile = []string{
	`<script>alert(1)</script>`,
	`<img src=x onerror=alert(1)>`,
	`text <b onmouseover=alert(1)>bold</b>`,
	`<svg/onload=alert(1)>`,
	`<iframe src="https://example.org"></iframe>`,
	`<style>*{display:none}</style>`,
	`<base href="https://example.org/">`,
	`<a href="javascript:alert(1)">x</a>`,
	`<!-- comment --> <![CDATA[x]]> <?php x ?> <!DOCTYPE x>`,
	`[x](javascript:alert(1))`,
	`[x](JaVaScRiPt:alert(1))`,
	"[x](java\tscript:alert(1))",
	`[x](javascript&colon;alert(1))`,
	`[x](javascript&#58;alert(1))`,
	`[x](&#106;avascript:alert(1))`,
	`[x](\javascript:alert(1))`,
	`[x](<javascript:alert(1)>)`,
	`[x](data:text/html;base64,PHNjcmlwdD4=)`,
	`[x](vbscript:x)`,
	`[x](file:///etc/passwd)`,
	`[x](http://example.org)`,
	`[x](//example.org/x)`,
	`[x](/etc/passwd)`,
	`[x](../../../etc/passwd)`,
	`[x](main.go/../../../../etc/passwd)`,
	`[x](..\..\x)`,
	`[x](https://user:password@example.org/)`,
	`[x](https://example.org/"onmouseover="alert(1))`,
	`[x](https://example.org/ "title" onclick=alert(1))`,
	`[x](https://example.org/ '"><script>alert(1)</script>')`,
	`[x]: javascript:alert(1)` + "\n\n[x]",
	`<javascript:alert(1)>`,
	`<https://example.org/"onclick="alert(1)>`,
	`![x](https://example.org/x.png)`,
	`![x](javascript:alert(1))`,
	"```html\n<script>alert(1)</script>\n```",
	"```\"><script>alert(1)</script>\nx\n```",
	"```sh onload=x\n$ <script>alert(1)</script>\n```",
	"```text\n</code></pre><script>alert(1)</script>\n```",
	"```python\n'</span><script>alert(1)</script>'\n```",
	"    <script>alert(1)</script>",
	"`<script>alert(1)</script>`",
	"# <script>alert(1)</script>",
	"### <script>alert(1)</script>",
	"### x {onclick=alert(1) id=main}",
	"| a | b |\n|---|---|\n| <script>alert(1)</script> | [x](javascript:alert(1)) |",
	"<x\n: <script>alert(1)</script>",
	`{{calls "<script>alert(1)</script>" "x"}}`,
	`{{calls "main:one" "<script>alert(1)</script>"}}`,
	"{{" + strings.Repeat("{{", 500),
	strings.Repeat("[", 2000) + strings.Repeat("](x)", 2000),
	strings.Repeat("> ", 200) + "x",
	"\x00<script>alert(1)</script>",
	"\xff\xfe<script>alert(1)</script>",
	"<scr\x00ipt>alert(1)</scr\x00ipt>",
	`[<script>alert(1)</script>](main.go#main)`,
	`[x](main.go#main "<script>alert(1)</script>")`,
	`[x](<main.go#<script>alert(1)</script>>)`,
	`[x](recordings/../main.jsonl)`,
	`[x](recordings/main.jsonl#printed:<script>)`,
	`[x](pitfalls/../../01/main.go)`,
	`[x](lesson.md)`,
	`[x](.git/config)`,
}

// allowed are the elements that prose and cells are made of.
var allowed = strings.Fields(`html head body section header h1 h2 h3 p a code wbr pre em strong del span b i small ul ol li blockquote
	div table thead tbody tr th td dl dt dd details summary figure figcaption samp button hr br svg g path text title desc rect circle`)

func TestHostileCommentary(t *testing.T) {
	for _, text := range hostile {
		for name, md := range map[string]string{
			"program": commentary(text + "\n"),
			"term":    strings.Replace(commentary(""), "The first letter.", indented(text), 1),
		} {
			p, _ := unpack(t, []txtar.File{{Name: "lesson.md", Data: []byte(md)}})
			r := newRendering(&Site{}, p)
			var b strings.Builder
			for _, s := range p.sections {
				for _, block := range s.blocks {
					for _, prose := range []*prose{block.prose, headingOf(block), captionOf(block)} {
						if prose != nil {
							b.WriteString(string(prose.fill(r.answer)))
						}
					}
				}
			}
			for _, term := range p.terms {
				b.WriteString(string(term.meaning.fill(r.answer)))
			}
			harmless(t, name+": "+text, b.String())
		}
	}
}

func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }

func headingOf(b block) *prose {
	if b.heading == nil {
		return nil
	}
	return &b.heading.html
}

func captionOf(b block) *prose {
	if b.cell == nil {
		return nil
	}
	return &b.cell.caption
}

// harmless fails the test if the HTML has elements, attributes or links that
// nobody should be able to bring in.
func harmless(t *testing.T, what, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(allowed, n.Data) {
			t.Errorf("%q: the page has the element <%s>:\n%s", what, n.Data, text)
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcdoc", a.Key == "action":
				t.Errorf("%q: the page has the attribute %s=%q", what, a.Key, a.Val)
			case a.Key == "href" && !external(a.Val) && !strings.HasPrefix(a.Val, "#") && (strings.Contains(a.Val, ":") || strings.HasPrefix(a.Val, "/") || strings.Contains(a.Val, `\`) || strings.Contains(a.Val, "../..")):
				t.Errorf("%q: the page has a link to %q", what, a.Val)
			case a.Key == "id" && a.Val == "main":
				t.Errorf("%q: the page has two of the id main", what)
			}
		}
	}
}

// TestHostileRecording has a program print, ask and send what would be HTML: it
// is text on the page.
func TestHostileRecording(t *testing.T) {
	const evil = `</samp></code></div><script>alert(1)</script><img src=x onerror=alert(1)> \" onclick=x` + `\u001b[2J\r`
	record := `{"lesson":"01","run":"main","program":"main.go","args":["` + evil + `"],"level":"full","go":"` + evil + `","os":"linux","arch":"amd64","end":{"exit":0}}
{"at":{"file":"main.go","line":7},"output":{"stream":"stdout","text":"` + evil + `\n"}}
{"at":{"file":"main.go","line":7},"call":{"id":1,"name":"` + evil + `","args":["` + evil + `"],"result":"` + evil + `","errno":"` + evil + `","fd":"` + evil + `","note":"` + evil + `"}}
{"at":{"file":"main.go","line":7},"frame":{"n":1,"dir":"out","proto":"` + evil + `","from":"` + evil + `","to":"` + evil + `","flags":"` + evil + `","summary":"` + evil + `","call":1,"size":60,"fault":"` + evil + `","by_host":"` + evil + `","options":["` + evil + `"]}}
`
	p, ms := unpack(t, []txtar.File{
		{Name: "lesson.md", Data: []byte(commentary(""))},
		{Name: "recordings/main.jsonl", Data: []byte(record)},
	})
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	dir, err := write(t, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"01/index.html", "reference.html"} {
		page := readFile(t, dir, name)
		for _, bad := range []string{"<script>alert", "<img", "\x1b", "\r"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
		if !strings.Contains(page, "&lt;script&gt;alert(1)") {
			t.Errorf("%s does not show what the program left", name)
		}
	}
	if page := readFile(t, dir, "01/index.html"); !strings.Contains(page, `\x1b[2J\r`) {
		t.Error("control characters are not shown as escapes")
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, _ := unpack(t, []txtar.File{{Name: "lesson.md", Data: []byte(commentary(text))}})
		for _, s := range p.sections {
			for _, b := range s.blocks {
				if b.prose != nil {
					harmless(t, text, string(b.prose.fill(func(*quote) string { return "" })))
				}
			}
		}
	})
}
