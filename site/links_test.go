package site_test

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A parsed page: what it is made of, as far as we check it.
type parsed struct {
	ids      map[string]int
	links    []string // href of <a>
	loads    []string // what the browser fetches by itself
	csp      string
	lang     string
	title    string
	headings []string // "h1", "h2", ... in order
	inline   []string // style and script inside the page
	foreign  []string // links that lead elsewhere, and let the other page look back
}

func parse(t *testing.T, s *built, name string) *parsed {
	t.Helper()
	root, err := html.Parse(strings.NewReader(s.read(t, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	p := &parsed{ids: make(map[string]int)}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			p.element(n)
		}
	}
	return p
}

func (p *parsed) element(n *html.Node) {
	at := make(map[string]string)
	for _, a := range n.Attr {
		at[a.Key] = a.Val
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			p.inline = append(p.inline, "<"+n.Data+" "+a.Key+">")
		}
	}
	if id, ok := at["id"]; ok {
		p.ids[id]++
	}
	switch n.Data {
	case "a":
		if href, ok := at["href"]; ok {
			p.links = append(p.links, href)
			if strings.HasPrefix(href, "https:") && at["rel"] != "noopener" {
				p.foreign = append(p.foreign, href)
			}
		}
	case "link":
		p.loads = append(p.loads, at["href"])
	case "script", "img", "iframe", "source", "video", "audio":
		if src, ok := at["src"]; ok {
			p.loads = append(p.loads, src)
		} else if n.Data == "script" {
			p.inline = append(p.inline, "<script>")
		}
	case "style":
		if n.Namespace == "" {
			p.inline = append(p.inline, "<style>")
		}
	case "html":
		p.lang = at["lang"]
	case "title":
		if n.Namespace == "" && n.FirstChild != nil {
			p.title = n.FirstChild.Data
		}
	case "meta":
		if strings.EqualFold(at["http-equiv"], "Content-Security-Policy") {
			p.csp = at["content"]
		}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		p.headings = append(p.headings, n.Data)
	}
}

// TestLinks follows every link of every page: the file is there, and the place
// in it; what the browser loads by itself comes from the site.
func TestLinks(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		all := make(map[string]*parsed)
		for _, name := range s.all(t) {
			all[name] = parse(t, s, name)
		}
		followed := 0
		for name, p := range all {
			for _, href := range p.loads {
				u, err := url.Parse(href)
				if err != nil || u.IsAbs() || u.Host != "" {
					t.Errorf("%s: loads %q, which is not of the site", name, href)
				} else if err := s.has(name, u); err != nil {
					t.Errorf("%s: loads %q: %v", name, href, err)
				}
			}
			for _, href := range p.links {
				followed++
				s.follow(t, all, name, href)
			}
		}
		if followed < s.links {
			t.Errorf("followed %d links, want at least %d: is the site there?", followed, s.links)
		}
	})
}

// has says what is wrong with the file that the page links to, if anything.
func (s *built) has(name string, u *url.URL) error {
	_, err := os.Stat(filepath.Join(s.dir, path.Join(path.Dir(name), u.Path)))
	return err
}

// follow checks one link of a page.
func (s *built) follow(t *testing.T, all map[string]*parsed, name, href string) {
	t.Helper()
	u, err := url.Parse(href)
	switch {
	case err != nil:
		t.Errorf("%s: link %q: %v", name, href, err)
		return
	case u.IsAbs():
		if u.Scheme != "https" {
			t.Errorf("%s: link %q leads elsewhere, and not by https", name, href)
		}
		return
	}
	target := name
	if u.Path != "" {
		target = path.Join(path.Dir(name), u.Path)
	}
	to, ok := all[target]
	switch {
	case !ok && strings.HasSuffix(target, ".html"):
		t.Errorf("%s: link %q: the site has no page %s", name, href, target)
	case !ok:
		if err := s.has(name, u); err != nil {
			t.Errorf("%s: link %q: %v", name, href, err)
		}
	case u.Fragment != "" && to.ids[u.Fragment] == 0:
		t.Errorf("%s: link %q: %s has no id %q", name, href, target, u.Fragment)
	}
}

// TestPages checks what every page must have, and must not.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		titles := make(map[string]string)
		for _, name := range s.all(t) {
			p := parse(t, s, name)
			p.check(t, name)
			if p.title == "" || titles[p.title] != "" {
				t.Errorf("%s: title %q is empty, or that of %s too", name, p.title, titles[p.title])
			}
			titles[p.title] = name
			outline(t, name, p.headings)
		}
	})
}

func (p *parsed) check(t *testing.T, name string) {
	t.Helper()
	for id, n := range p.ids {
		if n > 1 {
			t.Errorf("%s: id %q stands %d times", name, id, n)
		}
	}
	if len(p.inline) > 0 {
		t.Errorf("%s: the policy forbids %v", name, p.inline)
	}
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(p.csp, want) {
			t.Errorf("%s: its content security policy %q lacks %s", name, p.csp, want)
		}
	}
	if strings.Contains(p.csp, "unsafe") {
		t.Errorf("%s: its content security policy is not strict: %q", name, p.csp)
	}
	if p.lang != "en" {
		t.Errorf("%s: lang = %q, want en", name, p.lang)
	}
	for _, a := range p.foreign {
		t.Errorf("%s: the link to %s has no rel=noopener", name, a)
	}
}

// outline checks that there is one h1, and no level is left out on the way down.
func outline(t *testing.T, name string, headings []string) {
	t.Helper()
	ones, last := 0, 0
	for _, h := range headings {
		level := int(h[1] - '0')
		if level == 1 {
			ones++
		}
		if level > last+1 {
			t.Errorf("%s: an h%d follows an h%d", name, level, last)
		}
		last = level
	}
	if ones != 1 {
		t.Errorf("%s: %d h1, want one", name, ones)
	}
}

// Budgets of design and issue: what a reader on a slow line pays.
const (
	pageBudget   = 100 << 10
	scriptBudget = 30 << 10
	indexBudget  = 120 << 10 // fetched when search is first opened
)

func TestBudgets(t *testing.T) {
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		for _, name := range s.all(t) {
			if n := len(s.read(t, name)); n > pageBudget {
				t.Errorf("%s is %d bytes, more than %d", name, n, pageBudget)
			}
		}
		scripts, err := filepath.Glob(filepath.Join(s.dir, "*.js"))
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, script := range scripts {
			n := len(s.read(t, filepath.Base(script)))
			if filepath.Base(script) == "search-index.js" {
				if n > indexBudget {
					t.Errorf("the search index is %d bytes, more than %d", n, indexBudget)
				}
				continue
			}
			total += n
		}
		if total == 0 || total > scriptBudget {
			t.Errorf("all scripts are %d bytes, want some and at most %d", total, scriptBudget)
		}
	})
}

// TestNothingOfThisMachine looks for what must not leak into a page.
func TestNothingOfThisMachine(t *testing.T) {
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	each(t, func(t *testing.T, s *built) {
		t.Helper()
		for _, name := range s.all(t) {
			text := s.read(t, name)
			if strings.Contains(text, here+"/") {
				t.Errorf("%s names the folder %s", name, here)
			}
			if len(host) > 4 && strings.Contains(text, host) {
				t.Errorf("%s names the host %s", name, host)
			}
		}
	})
}
