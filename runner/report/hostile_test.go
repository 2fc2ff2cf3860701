package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// corpus is what students' names and programs could hold.
func corpus() map[string]string {
	random := make([]byte, 4096)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(source.Uint32())
	}
	var all strings.Builder
	for i := range 256 {
		all.WriteByte(byte(i))
	}
	for _, r := range "\u0085\u00a0\u00ad\u200b\u200e\u202a\u202e\u2028\u2066\ufeff\ufffe\uffff\U000e0041\U0001f600\ufe0f" {
		all.WriteRune(r)
	}
	return map[string]string{
		"everything at once": evil,
		"every byte":         all.String(),
		"random":             string(random),
		"10 MB of a":         strings.Repeat("a", 10<<20),
		"10 MB of escapes":   strings.Repeat("\x1b[31m\xff", 10<<20/6),
		"10 MB of newlines":  strings.Repeat("\n", 10<<20),
		"xml end":            "]]>",
		"cdata":              "<![CDATA[ ]]]]><![CDATA[>",
		"formulas":           "\t=1+1\n+1\n-1\n@SUM(A1)\n\u202e=1\n＝1",
		"formula":            "=cmd|' /C calc'!A0",
		"spaced formula":     "  '\"=1+1",
		"html":               "</title></pre></p><script src=//evil.test></script><svg onload=alert(1)><!--",
		"attribute":          "\" onmouseover=\"alert(1)\" x=\"",
		"template":           "{{template \"head\" .}}{{.}}",
		"tap":                "x # TODO\nnot ok 1\n  ...\nBail out!\n1..0",
		"yaml":               "...\n---\n- !!python/object {}\n\u0085: x\u2028- y",
		"workflow command":   "\n::error::forged\n::set-output name=result::e30=\nresult=e30=",
		"json":               "\"}],\"score\":100,\"tests\":[{\"score\":100,\"status\":\"passed\"}",
		"path":               "../../etc/passwd",
		"empty":              "",
	}
}

// inertText reports the first rune of a rendering that is not inert.
func inertText(s string) (rune, bool) {
	if !utf8.ValidString(s) {
		return utf8.RuneError, false
	}
	for _, r := range s {
		if r != '\n' && r != '\r' && r != ' ' && (unicode.IsControl(r) || !unicode.IsPrint(r)) {
			return r, false
		}
	}
	return 0, true
}

// checkHostile has every format render the report and read it back: it is read
// as its specification has it, is not a pass, has no rune that acts, and its
// size has a bound.
func checkHostile(t *testing.T, r Report) {
	t.Helper()
	for _, f := range formats {
		text := render(t, f, r)
		passes, err := decoders[f.name](text)
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		if want := r.Verdict() == Pass; passes != want {
			t.Errorf("%s: reads as a pass: %t, want %t", f.name, passes, want)
		}
		if r, ok := inertText(text); !ok {
			t.Errorf("%s: holds the rune %U", f.name, r)
		}
		if len(text) > 600<<10 {
			t.Errorf("%s: %d bytes", f.name, len(text))
		}
		if strings.HasSuffix(f.name, ".json") {
			for _, s := range jsonStrings(t, text) {
				if r, ok := inertText(s); !ok || strings.Contains(s, "\r") {
					t.Errorf("%s: a value holds the rune %U", f.name, r)
				}
			}
		}
	}
}

// jsonStrings are all texts of a JSON value.
func jsonStrings(t *testing.T, text string) []string {
	t.Helper()
	var all []string
	d := json.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			return all
		}
		if s, ok := token.(string); ok {
			all = append(all, s)
		}
	}
}

// TestHostile puts each text of the corpus into every field.
func TestHostile(t *testing.T) {
	for name, text := range corpus() {
		t.Run(name, func(t *testing.T) {
			r := sample(map[string]Outcome{"whole": evilOutcome(text), "drip": evilOutcome(text), "limit": evilOutcome(text)})
			r.Submission = text
			checkHostile(t, r)
			if len(text) > 1<<20 {
				return // once is enough, and slow
			}
			r.Build, r.Fault = text, text
			checkHostile(t, r)
		})
	}
}

// TestHostileChecks has the author's own fields hold it: an author's mistake
// must not break a format either.
func TestHostileChecks(t *testing.T) {
	for name, text := range corpus() {
		if len(text) > 1<<20 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := Report{
				Exercise: Exercise{Number: text, Name: text, Checks: []Check{
					{Name: text, Description: text, Points: 1, Code: text}, {Name: text + "2", Points: 1 << 40},
				}},
				Submission: text, Level: Level(text),
				Outcomes: map[string]Outcome{text: evilOutcome(text), text + "3": {Verdict: 99}},
			}
			if err := r.Validate(); err == nil {
				t.Error("Validate() = nil")
			}
			checkHostile(t, r)
		})
	}
}

// TestHostileClass has a roster of the corpus.
func TestHostileClass(t *testing.T) {
	c := Class{Name: evil, Exercises: []Exercise{exercise()}}
	for name, text := range corpus() {
		if text == "" {
			continue
		}
		c.Roster = append(c.Roster, Student{ID: text, Name: text})
		r := sample(map[string]Outcome{"whole": {Verdict: Pass}})
		r.Submission = text
		c.Reports = append(c.Reports, r)
		r.Submission = name + "=" // guests
		c.Reports = append(c.Reports, r)
	}
	sheet := renderClass(t, Gradebook, c)
	if passes, err := decodeGradebook(sheet); err != nil || passes {
		t.Errorf("gradebook: passes %t, %v", passes, err)
	}
	rows, err := csv.NewReader(strings.NewReader(sheet)).ReadAll()
	if err != nil || len(rows) != 1+len(c.Roster)*2 {
		t.Errorf("gradebook: %d rows, want %d; %v", len(rows), 1+len(c.Roster)*2, err)
	}
	page := renderClass(t, func(w io.Writer, c Class) error { return Overview(w, c, "report.css", nil) }, c)
	if _, err := checkHTML(page); err != nil {
		t.Errorf("overview: %v", err)
	}
	if r, ok := inertText(page); !ok {
		t.Errorf("overview holds the rune %U", r)
	}
}

// A link's address comes from the caller; html/template still refuses schemes
// that act.
func TestOverviewAddress(t *testing.T) {
	page := renderClass(t, func(w io.Writer, c Class) error {
		return Overview(w, c, "report.css", func(Report) string { return "javascript:alert(1)" })
	}, class())
	if strings.Contains(page, "javascript:") {
		t.Error("a link with the scheme javascript")
	}
}

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"plain":           "plain",
		"naïve 名前 😀":      "naïve 名前 😀",
		"a\x00b":          `a\x00b`,
		"\x1b[31m":        `\x1b[31m`,
		"\xff\xfe":        `\xff\xfe`,
		"a\nb\r\nc\td\re": `a\nb\r\nc\td\re`,
		"\u202eevil":      `\u202eevil`,
		"\u0085\u009b":    `\u0085\u009b`,
		"\U000e0041":      `\U000e0041`,
		"\ufeff\u2028":    `\ufeff\u2028`,
	} {
		if got := line(in); got != want {
			t.Errorf("line(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := block("a\r\nb\tc\rd", 99), "a\nb    c\\rd"; got != want {
		t.Errorf("block = %q, want %q", got, want)
	}
	if got, want := line(strings.Repeat("é", 200)), strings.Repeat("é", 150)+"... (100 bytes more)"; got != want {
		t.Errorf("line of 400 bytes = %q, want %q", got, want)
	}
}

// FuzzFormats looks for a text that breaks out of a format, in the place of a
// student's name and of all that their program says.
func FuzzFormats(f *testing.F) {
	for _, text := range corpus() {
		if len(text) < 1<<16 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := sample(map[string]Outcome{"whole": evilOutcome(text), "drip": {Verdict: Pass}})
		r.Submission, r.Build = text, ""
		checkHostile(t, r)
		var b bytes.Buffer
		if err := Encode(&b, r); err != nil {
			t.Fatal(err)
		}
		back, err := Decode(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range formats {
			if render(t, f, r) != render(t, f, back) {
				t.Errorf("%s from the store differs", f.name)
			}
		}
	})
}

// FuzzDecode: what Decode takes is valid, and storing it again changes nothing.
func FuzzDecode(f *testing.F) {
	for _, r := range samples() {
		var b bytes.Buffer
		if err := Encode(&b, r); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Decode(b)
		if err != nil {
			return
		}
		if err := r.Validate(); err != nil {
			t.Fatalf("Decode took what is not valid: %v", err)
		}
		var once, twice bytes.Buffer
		if err := Encode(&once, r); err != nil {
			t.Fatal(err)
		}
		back, err := Decode(once.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := Encode(&twice, back); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("stored twice it differs: %v", err)
		}
		checkHostile(t, r)
	})
}
