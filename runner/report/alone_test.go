package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"testing"
)

// TestAlone: a page that holds its style sheet allows that one and nothing else,
// and is otherwise the page with a link to it.
func TestAlone(t *testing.T) {
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	policy := regexp.MustCompile(`style-src '(sha256-[^']*)'; base-uri`)
	for name, r := range samples() {
		var alone, linked bytes.Buffer
		if err := Page(&alone, r, ""); err != nil {
			t.Fatal(err)
		}
		if err := Page(&linked, r, "report.css"); err != nil {
			t.Fatal(err)
		}
		page := html.UnescapeString(alone.String())
		sheets, allowed := style.FindAllStringSubmatch(page, -1), policy.FindAllStringSubmatch(page, -1)
		if len(sheets) != 1 || len(allowed) != 1 {
			t.Fatalf("%s: %d style sheets, %d policies", name, len(sheets), len(allowed))
		}
		sum := sha256.Sum256([]byte(sheets[0][1]))
		if want := "sha256-" + base64.StdEncoding.EncodeToString(sum[:]); allowed[0][1] != want {
			t.Errorf("%s: the policy allows %s, the sheet is %s", name, allowed[0][1], want)
		}
		rest := style.ReplaceAllString(alone.String(), `<link rel="stylesheet" href="report.css">`)
		rest = regexp.MustCompile(`'sha256-[^']*'`).ReplaceAllString(rest, "'self'")
		if rest != linked.String() {
			t.Errorf("%s: the pages differ:\n%s\n%s", name, rest, linked.String())
		}
	}
}
