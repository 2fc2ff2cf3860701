package export_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sockets/runner/export"
	"sockets/runner/page"
	"sockets/runner/tier"
)

const paperName = "sockets-line-by-line.pdf"

// printed is the lessons as PDF, in a file.
func printed(t *testing.T, site *page.Site, numbers ...string) string {
	t.Helper()
	for _, tool := range []string{"chromium", "google-chrome", "chromium-browser"} {
		if _, err := exec.LookPath(tool); err == nil {
			path := filepath.Join(t.TempDir(), paperName)
			if err := os.WriteFile(path, made(t, site, "pdf", numbers...)[paperName], 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	tier.Lacks(t, "there is no Chromium: apt-get install chromium")
	return ""
}

// poppler is what a tool of poppler says of a PDF.
func poppler(t *testing.T, tool string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		tier.Lacks(t, "there is no "+tool+": apt-get install poppler-utils")
	}
	cmd := exec.CommandContext(t.Context(), tool, args...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return string(out)
}

// TestPaper prints a lesson: tagged, with page numbers, its headings as
// bookmarks, what was folded unfolded, and the addresses of its links.
func TestPaper(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "") // the usual date
	path := printed(t, course(t), "04")
	info := poppler(t, "pdfinfo", path)
	for _, want := range []string{"Title:           Sockets, line by line: Connect", "Tagged:          yes", "JavaScript:      no", "(A4)", "Jan  1 00:00:00 2026"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo does not say %q:\n%s", want, info)
		}
	}
	var marks []string
	d := xml.NewDecoder(strings.NewReader(poppler(t, "pdftohtml", "-xml", "-i", "-stdout", path)))
	d.Strict = false
	for {
		tok, err := d.Token()
		if err != nil {
			break
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "item" {
			var text string
			if err := d.DecodeElement(&text, &e); err == nil {
				marks = append(marks, strings.TrimSpace(text))
			}
		}
	}
	all := strings.Join(marks, "\n")
	for _, want := range []string{"04 Connect", "Predict first", "Three ways to hear no", "Pitfalls", "Turned round twice", "The programs, whole", "Links"} {
		if !strings.Contains("\n"+all+"\n", "\n"+want+"\n") {
			t.Errorf("there is no bookmark %q; there are:\n%s", want, all)
		}
	}
	text := poppler(t, "pdftotext", "-layout", path, "-")
	// Where a line ends is the fonts' affair, which differ between machines.
	words := strings.Join(strings.Fields(poppler(t, "pdftotext", path, "-")), " ")
	for _, want := range []string{
		"peer's kernel answers with a", // the answer to Predict first
		"EINPROGRESS · TCP",            // a call below its line
		"It takes no names",            // the answer to a question
		"www.rfc-editor.org/rfc/rfc9293#section-3.1",
	} {
		if !strings.Contains(words, want) {
			t.Errorf("the paper does not hold %q", want)
		}
	}
	sheets := strings.Split(strings.TrimSuffix(text, "\f"), "\f")
	if last := strings.Fields(sheets[1]); len(sheets) < 5 || last[len(last)-1] != "2" {
		t.Errorf("the second of %d sheets does not end with its number", len(sheets))
	}
}

// TestPapers prints all of the course, twice the same.
func TestPapers(t *testing.T) {
	tier.Long(t)
	site := course(t)
	once, again := printed(t, site), printed(t, site)
	a, err := os.ReadFile(once)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("the PDF differs from time to time")
	}
	text := poppler(t, "pdftotext", once, "-")
	for _, p := range site.Pages {
		if !strings.Contains(text, p.Lesson.Number+" "+p.Lesson.Title) {
			t.Errorf("lesson %s is not in the PDF", p.Lesson.Number)
		}
	}
}

func TestHostilePaper(t *testing.T) {
	text := poppler(t, "pdftotext", printed(t, hostile(t)), "-")
	if !strings.Contains(text, "alert(1)") {
		t.Error("the hostile lesson's texts are not on the paper")
	}
}

func TestNoChromium(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("it may be among the applications")
	}
	t.Setenv("PATH", t.TempDir())
	f, err := export.Find("pdf")
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "x.pdf")
	_, err = export.Write(t.Context(), course(t), []string{"04"}, f, out)
	if err == nil || !strings.Contains(err.Error(), "install Chromium") {
		t.Errorf("without Chromium: %v, want what to install", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("without Chromium a file was written")
	}
}
