package report

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestPolicy: the pages have a strict policy and nothing inline that it would
// refuse.
func TestPolicy(t *testing.T) {
	const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'">`
	for name, r := range samples() {
		for _, f := range formats {
			if !strings.HasSuffix(f.name, ".html") {
				continue
			}
			page := render(t, f, r)
			if strings.Count(page, policy) != 1 || strings.Index(page, policy) > strings.Index(page, "<title>") {
				t.Errorf("%s of %s has no policy, or has it too late", f.name, name)
			}
			for _, bad := range []string{"<style", "<script", " style=", "ZgotmplZ"} {
				if strings.Contains(page, bad) {
					t.Errorf("%s of %s holds %q", f.name, name, bad)
				}
			}
		}
	}
}

// TestContrast computes every pair of text and ground of the style sheet in
// both schemes: WCAG AA asks for 4.5 to 1.
func TestContrast(t *testing.T) {
	light, dark, ok := strings.Cut(string(StyleSheet), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("the style sheet has no dark scheme")
	}
	variable := regexp.MustCompile(`--([a-z]+): #([0-9a-f]{6});`)
	for scheme, css := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]float64{}
		for _, m := range variable.FindAllStringSubmatch(css, -1) {
			colours[m[1]] = luminance(t, m[2])
		}
		if len(colours) != 11 {
			t.Errorf("%s: %d colours, want 11", scheme, len(colours))
		}
		for _, pair := range []string{
			"text ground", "text panel", "text mark", "quiet ground", "quiet panel", "link ground", "link panel",
			"good ground", "good panel", "bad ground", "bad panel", "odd ground", "odd panel", "bar ground",
		} {
			a, b, _ := strings.Cut(pair, " ")
			high, low := math.Max(colours[a], colours[b]), math.Min(colours[a], colours[b])
			if ratio := (high + 0.05) / (low + 0.05); ratio < 4.5 {
				t.Errorf("%s: %s on %s is %.2f to 1, want at least 4.5", scheme, a, b, ratio)
			}
		}
	}
	// No colour is set but through the variables, so that the pairs are all.
	rest := variable.ReplaceAllString(string(StyleSheet), "")
	if m := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgb|hsl|url\(|@import`).FindString(rest); m != "" {
		t.Errorf("the style sheet sets %q outside of its variables", m)
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// TestStyled: each verdict the pages show is a class that has a meaning in the
// style sheet, or the colour of a verdict that is neither good nor bad.
func TestStyled(t *testing.T) {
	css := string(StyleSheet)
	for i, text := range verdicts {
		class := ".v-" + strings.ReplaceAll(text, " ", "-")
		odd := Verdict(i) == NotRun || Verdict(i) == Error || Verdict(i) == Flaky
		if strings.Contains(css, class) == odd {
			t.Errorf("%s in the style sheet: %t", class, !odd)
		}
	}
	for _, class := range []string{"stack", "talk", "diff", "bars", "sides", "hint", "about", "n", "tag"} {
		if !regexp.MustCompile(`\.` + class + `\b`).MatchString(css) {
			t.Errorf("the style sheet has no .%s", class)
		}
	}
	if !strings.Contains(css, "@media (max-width:") {
		t.Error("the style sheet has nothing for a phone")
	}
}
