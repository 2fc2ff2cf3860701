package export

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// parse reads what package page rendered.
func parse(text []byte) (*html.Node, error) {
	root, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read a rendered page: %w", err)
	}
	return root, nil
}

// find is the first element below n for which ok holds, or nil.
func find(n *html.Node, ok func(*html.Node) bool) *html.Node {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && ok(d) {
			return d
		}
	}
	return nil
}

// all is the elements below n for which ok holds; they may be changed and
// removed.
func all(n *html.Node, ok func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && ok(d) {
			found = append(found, d)
		}
	}
	return found
}

// tag matches elements by name.
func tag(names ...string) func(*html.Node) bool {
	return func(n *html.Node) bool { return slices.Contains(names, n.Data) }
}

// class matches elements that have one of the classes.
func class(names ...string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		for _, c := range strings.Fields(attr(n, "class")) {
			if slices.Contains(names, c) {
				return true
			}
		}
		return false
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key && a.Namespace == "" })
}

func set(n *html.Node, key, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

func unset(n *html.Node, keys ...string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return slices.Contains(keys, a.Key) })
}

func remove(n *html.Node) {
	if n.Parent != nil {
		n.Parent.RemoveChild(n)
	}
}

// unwrap puts what is in n in its place.
func unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	remove(n)
}

// element is a new element around the nodes, which lose their old parents.
func element(name string, attrs map[string]string, inside ...*html.Node) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name))}
	for _, key := range slices.Sorted(maps.Keys(attrs)) {
		n.Attr = append(n.Attr, html.Attribute{Key: key, Val: attrs[key]})
	}
	for _, c := range inside {
		remove(c)
		n.AppendChild(c)
	}
	return n
}

func textNode(text string) *html.Node { return &html.Node{Type: html.TextNode, Data: text} }

// words is the text of n and all below it.
func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// links gives each link below n a new destination: to is told the page of the
// site it leads to and the fragment, and says where that is now, or "" if it is
// nowhere; then only the words stay. Links to https stay as they are.
func links(n *html.Node, from string, to func(target, fragment string) string) {
	for _, a := range all(n, tag("a")) {
		if !has(a, "href") {
			continue
		}
		u, err := url.Parse(attr(a, "href"))
		switch {
		case err == nil && u.Scheme == "https" && u.Host != "":
			continue
		case err != nil || u.IsAbs() || u.Host != "" || strings.HasPrefix(u.Path, "/"):
			unwrap(a)
			continue
		}
		target := from
		if u.Path != "" {
			target = path.Join(path.Dir(from), u.Path)
		}
		href := ""
		if !has(a, "download") && fsPath(target) {
			href = to(target, u.Fragment)
		}
		if href == "" {
			if class("n", "from", "file")(a) { // it looks like one still
				a.Data, a.DataAtom = "span", atom.Span
				unset(a, "href", "download", "rel")
				continue
			}
			unwrap(a)
			continue
		}
		set(a, "href", href)
	}
}

// fsPath reports whether the path stays within the site.
func fsPath(p string) bool { return p != ".." && !strings.HasPrefix(p, "../") }

// prefix puts a word before each id below n, and where one is meant.
func prefix(n *html.Node, word string) {
	for d := range n.Descendants() {
		for i, a := range d.Attr {
			switch a.Key {
			case "id", "for":
				d.Attr[i].Val = word + a.Val
			case "aria-labelledby", "aria-describedby":
				ids := strings.Fields(a.Val)
				for j := range ids {
					ids[j] = word + ids[j]
				}
				d.Attr[i].Val = strings.Join(ids, " ")
			}
		}
	}
}

// still makes of what is below n something to be read and no more: without
// buttons, scripts, and what scripts or other pages are for.
func still(n *html.Node) {
	useless := func(n *html.Node) bool {
		return tag("script", "button", "input", "textarea", "select", "form", "dialog", "template", "nav", "object", "iframe")(n) ||
			class("anchor", "embed", "take", "turn", "toc", "layers", "qa", "slots", "skip", "copy")(n) || has(n, "hidden")
	}
	for _, e := range all(n, useless) {
		remove(e)
	}
	for d := range n.Descendants() {
		d.Attr = slices.DeleteFunc(d.Attr, func(a html.Attribute) bool {
			return strings.HasPrefix(a.Key, "data-") && a.Key != "data-lang" || strings.HasPrefix(a.Key, "on") || a.Key == "tabindex" || a.Key == "style"
		})
		if d.Type == html.ElementNode && d.Data == "div" && attr(d, "role") == "group" {
			unset(d, "role", "aria-label")
		}
	}
}
