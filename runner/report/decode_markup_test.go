package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"golang.org/x/net/html"
)

func decodeJUnit(s string) (bool, error) {
	type properties struct {
		Property []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"property"`
	}
	type problem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	type counts struct {
		Tests    int     `xml:"tests,attr"`
		Failures int     `xml:"failures,attr"`
		Errors   int     `xml:"errors,attr"`
		Skipped  int     `xml:"skipped,attr"`
		Time     float64 `xml:"time,attr"`
	}
	var doc struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		counts
		Suites []struct {
			Name string `xml:"name,attr"`
			counts
			Timestamp  string     `xml:"timestamp,attr"`
			Properties properties `xml:"properties"`
			Cases      []struct {
				Name       string     `xml:"name,attr"`
				ClassName  string     `xml:"classname,attr"`
				Time       float64    `xml:"time,attr"`
				Properties properties `xml:"properties"`
				Failure    []problem  `xml:"failure"`
				Error      []problem  `xml:"error"`
				Skipped    []problem  `xml:"skipped"`
				SystemOut  []string   `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(s), &doc); err != nil {
		return false, err
	}
	if err := namesOfXML(s); err != nil {
		return false, err
	}
	var tests, failures, errs int
	for _, suite := range doc.Suites {
		for _, c := range suite.Cases {
			tests++
			failures += len(c.Failure)
			errs += len(c.Error)
			if len(c.Failure)+len(c.Error) > 1 || len(c.Skipped) > 0 {
				return false, fmt.Errorf("test case %s has %d failures, %d errors and is skipped %d times", c.Name, len(c.Failure), len(c.Error), len(c.Skipped))
			}
		}
	}
	if tests != doc.Tests || failures != doc.Failures || errs != doc.Errors || doc.Skipped != 0 {
		return false, fmt.Errorf("it says %d tests, %d failures, %d errors; it has %d, %d, %d", doc.Tests, doc.Failures, doc.Errors, tests, failures, errs)
	}
	return tests > 0 && failures+errs == 0, nil
}

// namesOfXML refuses elements and attributes that JUnit XML does not have.
func namesOfXML(s string) error {
	allowed := map[string]string{
		"testsuites": "name tests failures errors skipped assertions time timestamp",
		"testsuite":  "name tests failures errors skipped assertions time timestamp file",
		"properties": "", "property": "name value", "testcase": "name classname assertions time file line",
		"failure": "message type", "error": "message type", "skipped": "message", "system-out": "", "system-err": "",
	}
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			attributes, ok := allowed[e.Name.Local]
			if !ok {
				return fmt.Errorf("element %s", e.Name.Local)
			}
			for _, a := range e.Attr {
				if !slices.Contains(strings.Fields(attributes), a.Name.Local) {
					return fmt.Errorf("attribute %s of %s", a.Name.Local, e.Name.Local)
				}
			}
		}
	}
}

var tapPoint = regexp.MustCompile(`^(not )?ok (\d+) - ((?:[^\\#]|\\\\|\\#)*)$`)

func decodeTAP(s string) (bool, error) {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	if lines[0] != "TAP version 14" {
		return false, fmt.Errorf("begins with %q", lines[0])
	}
	plan, n, passes := -1, 0, true
	for i := 1; i < len(lines); i++ {
		l := lines[i]
		m := tapPoint.FindStringSubmatch(l)
		switch {
		case strings.HasPrefix(l, "# "):
		case strings.HasPrefix(l, "1.."):
			var err error
			if plan, err = strconv.Atoi(l[3:]); err != nil || n > 0 {
				return false, fmt.Errorf("plan %q after %d", l, n)
			}
		case m != nil:
			n++
			if m[2] != strconv.Itoa(n) {
				return false, fmt.Errorf("%q is number %d", l, n)
			}
			passes = passes && m[1] == ""
		case l == "  ---":
			end := slices.Index(lines[i:], "  ...")
			if end < 0 {
				return false, fmt.Errorf("no end of a YAML block")
			}
			var v struct {
				Verdict  string  `yaml:"verdict"`
				Points   int     `yaml:"points"`
				Max      int     `yaml:"max_points"`
				Duration float64 `yaml:"duration_ms"`
				Message  string  `yaml:"message"`
				Detail   string  `yaml:"detail"`
			}
			if err := yaml.UnmarshalWithOptions([]byte(strings.Join(lines[i+1:i+end], "\n")), &v, yaml.Strict()); err != nil {
				return false, err
			}
			i += end
		default:
			return false, fmt.Errorf("line %q", l)
		}
	}
	if plan != n {
		return false, fmt.Errorf("plan %d, %d test points", plan, n)
	}
	return passes && n > 0, nil
}

func decodeHTML(s string) (bool, error) {
	verdicts, err := checkHTML(s)
	return len(verdicts) > 0 && verdicts[0] == "pass", err
}

func decodeOverview(s string) (bool, error) {
	verdicts, err := checkHTML(s)
	return len(verdicts) > 0 && verdicts[len(verdicts)-1] == "pass", err
}

// checkHTML refuses whatever our pages do not have, and gives the texts of the
// elements that show a verdict.
func checkHTML(s string) (verdicts []string, err error) {
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		return nil, err
	}
	elements := strings.Fields("html head meta title link body main h1 h2 h3 p strong span table caption thead tbody tr th td a " +
		"section ol ul li pre code svg rect mark div")
	attributes := strings.Fields("lang charset http-equiv content name rel href class id scope data-label tabindex role " +
		"aria-label aria-labelledby aria-hidden width height viewbox preserveaspectratio viewBox preserveAspectRatio")
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			return nil, fmt.Errorf("a comment: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(elements, n.Data) {
			return nil, fmt.Errorf("element %s", n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(attributes, a.Key) {
				return nil, fmt.Errorf("attribute %s of %s", a.Key, n.Data)
			}
			if a.Key == "id" && ids[a.Val] {
				return nil, fmt.Errorf("id %s twice", a.Val)
			}
			if a.Key == "id" {
				ids[a.Val] = true
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "report.css" && !strings.HasPrefix(a.Val, "05/") {
				return nil, fmt.Errorf("a link to %q", a.Val)
			}
			if a.Key == "class" && strings.HasPrefix(a.Val, "v ") {
				verdicts = append(verdicts, textOf(n))
			}
		}
	}
	return verdicts, nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}
