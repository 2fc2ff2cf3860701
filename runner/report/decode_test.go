package report

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"golang.org/x/net/html"
)

// Each decoder below reads one format as its specification has it, refuses
// whatever that does not name, and reports whether a reader of the format would
// take it for a pass. The types are written a second time on purpose: with the
// names of the specification, not with those of the renderings.
var decoders = map[string]func(string) (passes bool, err error){
	"report.txt":         decodeText,
	"gradescope.json":    decodeGradescope,
	"exercism.json":      decodeExercism,
	"junit.xml":          decodeJUnit,
	"classroom50.json":   decodeClassroom50,
	"classroom.json":     decodeClassroom,
	"classroom-step.txt": decodeStep,
	"tap.txt":            decodeTAP,
	"gradebook.csv":      decodeGradebook,
	"student.html":       decodeHTML,
	"overview.html":      decodeOverview,
}

func oneOf(s string, of ...string) error {
	if !slices.Contains(of, s) {
		return fmt.Errorf("%q is not one of %q", s, of)
	}
	return nil
}

func decodeText(s string) (bool, error) {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for _, l := range lines {
		if l != "" && !strings.HasPrefix(l, "  ") && !strings.Contains(l, ": ") {
			return false, fmt.Errorf("line %q is neither a heading nor indented", l)
		}
	}
	return strings.HasPrefix(lines[len(lines)-1], "pass: "), nil
}

func decodeGradescope(s string) (bool, error) {
	var g struct {
		Score            *float64        `json:"score"`
		ExecutionTime    float64         `json:"execution_time"`
		Output           string          `json:"output"`
		OutputFormat     string          `json:"output_format"`
		TestOutputFormat string          `json:"test_output_format"`
		TestNameFormat   string          `json:"test_name_format"`
		Visibility       string          `json:"visibility"`
		StdoutVisibility string          `json:"stdout_visibility"`
		ExtraData        json.RawMessage `json:"extra_data"`
		Leaderboard      []struct {
			Name  string `json:"name"`
			Value any    `json:"value"`
			Order string `json:"order"`
		} `json:"leaderboard"`
		Tests []struct {
			Score        float64         `json:"score"`
			MaxScore     float64         `json:"max_score"`
			Status       string          `json:"status"`
			Name         string          `json:"name"`
			NameFormat   string          `json:"name_format"`
			Number       string          `json:"number"`
			Output       string          `json:"output"`
			OutputFormat string          `json:"output_format"`
			Tags         []string        `json:"tags"`
			Visibility   string          `json:"visibility"`
			ExtraData    json.RawMessage `json:"extra_data"`
		} `json:"tests"`
	}
	if err := strict([]byte(s), &g); err != nil {
		return false, err
	}
	if g.Score == nil {
		return false, fmt.Errorf("no score")
	}
	seen := []string{"hidden", "after_due_date", "after_published", "visible"}
	shown := []string{"text", "html", "simple_format", "md", "ansi"}
	for _, err := range []error{oneOf(g.Visibility, seen...), oneOf(g.StdoutVisibility, seen...), oneOf(g.OutputFormat, shown...)} {
		if err != nil {
			return false, err
		}
	}
	// All of the tests passed and none is missing: what a teacher sees as a pass.
	passes, points := len(g.Tests) > 0, 0.0
	for i, t := range g.Tests {
		if err := oneOf(t.Status, "passed", "failed"); err != nil {
			return false, err
		}
		if err := oneOf(t.Visibility, seen...); err != nil {
			return false, err
		}
		if t.NameFormat != "text" || t.OutputFormat != "text" {
			return false, fmt.Errorf("test %d is not plain text", i)
		}
		if t.Number != strconv.Itoa(i+1) {
			return false, fmt.Errorf("test %d has the number %q", i, t.Number)
		}
		if t.Score > t.MaxScore || t.Score != 0 && t.Status != "passed" {
			return false, fmt.Errorf("test %d has %g of %g points and %s", i, t.Score, t.MaxScore, t.Status)
		}
		points += t.Score
		passes = passes && t.Status == "passed"
	}
	if points != *g.Score {
		return false, fmt.Errorf("score %g, the tests have %g", *g.Score, points)
	}
	return passes, nil
}

func decodeExercism(s string) (bool, error) {
	var e struct {
		Version int     `json:"version"`
		Status  string  `json:"status"`
		Message *string `json:"message"`
		Tests   []struct {
			Name     string  `json:"name"`
			Status   string  `json:"status"`
			Message  *string `json:"message"`
			Output   *string `json:"output"`
			TestCode string  `json:"test_code"`
			TaskID   int     `json:"task_id"`
		} `json:"tests"`
	}
	if err := strict([]byte(s), &e); err != nil {
		return false, err
	}
	if err := oneOf(e.Status, "pass", "fail", "error"); err != nil {
		return false, err
	}
	switch {
	case e.Version != 3:
		return false, fmt.Errorf("version %d", e.Version)
	case (e.Status == "error") != (e.Message != nil):
		return false, fmt.Errorf("status %s, message %v: an error has one, nothing else has", e.Status, e.Message)
	case e.Message != nil && (*e.Message == "" || utf8.RuneCountInString(*e.Message) > 65_535):
		return false, fmt.Errorf("a message of %d bytes", len(*e.Message))
	case e.Status != "error" && len(e.Tests) == 0:
		return false, fmt.Errorf("no tests")
	}
	all := len(e.Tests) > 0
	for _, t := range e.Tests {
		if err := oneOf(t.Status, "pass", "fail", "error"); err != nil {
			return false, err
		}
		if t.Status != "pass" && (t.Message == nil || *t.Message == "" || utf8.RuneCountInString(*t.Message) > 65_535) {
			return false, fmt.Errorf("test %s: %s without a message", t.Name, t.Status)
		}
		if t.Output != nil && utf8.RuneCountInString(*t.Output) > 500 {
			return false, fmt.Errorf("test %s: an output of %d bytes", t.Name, len(*t.Output))
		}
		all = all && t.Status == "pass"
	}
	if all != (e.Status == "pass") {
		return false, fmt.Errorf("status %s, all tests pass: %t", e.Status, all)
	}
	return all, nil
}

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

func decodeClassroom50(s string) (bool, error) {
	var c struct {
		Schema         string           `json:"schema"`
		Classroom      string           `json:"classroom"`
		Assignment     string           `json:"assignment"`
		AssignmentType string           `json:"assignment_type"`
		Owner          string           `json:"owner"`
		Submission     string           `json:"submission"`
		Commit         string           `json:"commit"`
		Release        string           `json:"release"`
		Review         string           `json:"review"`
		Datetime       string           `json:"datetime"`
		GradedAt       string           `json:"graded_at"`
		Score          int              `json:"score"`
		MaxScore       int              `json:"max-score"`
		Tests          []map[string]any `json:"tests"`
		SubmittedBy    struct {
			Username string `json:"username"`
			ID       int    `json:"id"`
		} `json:"submitted_by"`
	}
	if err := strict([]byte(s), &c); err != nil {
		return false, err
	}
	if c.Schema != "classroom50/result/v1" {
		return false, fmt.Errorf("schema %q", c.Schema)
	}
	passes, score := len(c.Tests) > 0, 0.0
	for _, t := range c.Tests {
		_, named := t["test-name"].(string)
		ok, isBool := t["passed"].(bool)
		points, isNumber := t["score"].(float64)
		_, hasMax := t["max-score"].(float64)
		if !named || !isBool || !isNumber || !hasMax {
			return false, fmt.Errorf("test %v", t)
		}
		passes, score = passes && ok, score+points
	}
	if int(score) != c.Score || c.Score > c.MaxScore {
		return false, fmt.Errorf("score %d of %d, the tests have %g", c.Score, c.MaxScore, score)
	}
	return passes, nil
}

func decodeClassroom(s string) (bool, error) {
	var c struct {
		Version  int    `json:"version"`
		Status   string `json:"status"`
		MaxScore int    `json:"max_score"`
		Tests    []struct {
			Name     string  `json:"name"`
			Status   string  `json:"status"`
			Message  string  `json:"message"`
			TestCode string  `json:"test_code"`
			Filename string  `json:"filename"`
			LineNo   int     `json:"line_no"`
			Duration float64 `json:"duration"`
			Score    int     `json:"score"`
		} `json:"tests"`
	}
	if err := strict([]byte(s), &c); err != nil {
		return false, err
	}
	if err := oneOf(c.Status, "pass", "fail", "error"); err != nil || c.Version != 1 {
		return false, fmt.Errorf("version %d, %w", c.Version, err)
	}
	all := len(c.Tests) > 0
	for _, t := range c.Tests {
		if err := oneOf(t.Status, "pass", "fail", "error"); err != nil {
			return false, err
		}
		if t.Score != 0 && t.Status != "pass" {
			return false, fmt.Errorf("test %s: %s with %d points", t.Name, t.Status, t.Score)
		}
		all = all && t.Status == "pass"
	}
	if all != (c.Status == "pass") {
		return false, fmt.Errorf("status %s, all tests pass: %t", c.Status, all)
	}
	return all, nil
}

func decodeStep(s string) (bool, error) {
	text, ok := strings.CutPrefix(s, "result=")
	text, nl := strings.CutSuffix(text, "\n")
	if !ok || !nl || strings.Contains(text, "\n") {
		return false, fmt.Errorf("not one line result=")
	}
	if len(text) > 1<<20 {
		return false, fmt.Errorf("%d bytes; a step's output has a megabyte", len(text))
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false, err
	}
	return decodeClassroom(string(b))
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

func decodeGradebook(s string) (bool, error) {
	if strings.Count(s, "\n") != strings.Count(s, "\r\n") {
		return false, fmt.Errorf("a line does not end with CRLF")
	}
	rows, err := csv.NewReader(strings.NewReader(s)).ReadAll()
	if err != nil {
		return false, err
	}
	if got := strings.Join(rows[0], ","); got != "submission,exercise,score,max_score,status,graded_at" {
		return false, fmt.Errorf("header %s", got)
	}
	passes := len(rows) > 1
	for _, row := range rows[1:] {
		for _, field := range row {
			if field != "" && strings.ContainsAny(field[:1], "=+-@\t\r\n") {
				return false, fmt.Errorf("a spreadsheet computes %q", field)
			}
		}
		passes = passes && row[4] == "pass"
	}
	return passes, nil
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
