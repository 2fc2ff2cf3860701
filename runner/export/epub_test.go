package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sockets/runner/tier"
)

// members is the files of an archive, by name, and their names in order.
func members(t *testing.T, data []byte) (files map[string]string, names []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files = make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		files[f.Name] = string(text)
		names = append(names, f.Name)
	}
	return files, names
}

const bookName = "sockets-line-by-line.epub"

// TestBooksPassEpubcheck has the checker of the publishing trade read the course,
// one lesson alone, and a hostile one.
func TestBooksPassEpubcheck(t *testing.T) {
	// Debian's package installs the program as a jar.
	jar := "/usr/share/java/epubcheck.jar"
	if _, err := os.Stat(jar); err != nil {
		tier.Lacks(t, "there is no epubcheck: apt-get install epubcheck")
	}
	site := course(t)
	for name, data := range map[string][]byte{
		"course":  made(t, site, "epub")[bookName],
		"lesson":  made(t, site, "epub", "05")[bookName],
		"hostile": made(t, hostile(t), "epub")[bookName],
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name+".epub")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", jar, path).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "0 fatals / 0 errors / 0 warnings / 0 infos") {
				t.Errorf("epubcheck: %v\n%s", err, out)
			}
		})
	}
}

// TestBook checks what readers need that epubcheck does not ask for.
func TestBook(t *testing.T) {
	site := course(t)
	data := made(t, site, "epub")[bookName]
	files, names := members(t, data)
	// EPUB 3.3, section 4.2.3.2: the type first, stored, without an extra field.
	if names[0] != "mimetype" || !bytes.Equal(data[26:38], []byte("\x08\x00\x00\x00mimetype")) || !bytes.HasPrefix(data[38:], []byte("application/epub+zip")) {
		t.Errorf("the book does not begin with its type, stored: % x", data[:60])
	}
	opf := files["EPUB/package.opf"]
	for _, want := range []string{
		"<dc:language>en</dc:language>", `properties="cover-image"`, `properties="nav"`, `properties="svg"`, "schema:accessMode", "schema:accessModeSufficient",
		"schema:accessibilityFeature", "schema:accessibilityHazard", "schema:accessibilitySummary", "urn:uuid:",
	} {
		if !strings.Contains(opf, want) {
			t.Errorf("the package does not say %s", want)
		}
	}
	for _, p := range site.Pages {
		n := p.Lesson.Number
		page := files["EPUB/"+n+".xhtml"]
		if !strings.Contains(files["EPUB/nav.xhtml"], `href="`+n+`.xhtml#`) || !strings.Contains(page, p.Lesson.Title) {
			t.Errorf("lesson %s is not in the book, or not in its contents", n)
		}
		if _, err := os.Stat(filepath.Join(p.Lesson.Dir, "exercise", "task.md")); err == nil && files["EPUB/"+n+"-exercise.xhtml"] == "" {
			t.Errorf("lesson %s has an exercise; the book has none of it", n)
		}
		if !strings.Contains(files["EPUB/"+n+"-programs.xhtml"], "pitfalls/") {
			t.Errorf("the programs of lesson %s are not whole", n)
		}
	}
	if !strings.Contains(files["EPUB/04.xhtml"], "<svg xmlns=") {
		t.Error("lesson 04 has no ladder")
	}
	if !strings.Contains(files["EPUB/terms.xhtml"], `href="06.xhtml#p-term-`) {
		t.Error("the terms do not lead to the lessons that define them")
	}
	for name, text := range files {
		if strings.HasSuffix(name, ".xhtml") {
			wellFormed(t, name, text)
		}
	}
}

// wellFormed reads the page as strictly as readers do, and checks that it asks
// for nothing outside the book.
func wellFormed(t *testing.T, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Entity = map[string]string{}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s is not XML: %v", name, err)
			return
		}
		e, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			switch {
			case a.Name.Local == "src" && a.Value != "cover.png", strings.HasPrefix(a.Name.Local, "on"), a.Name.Local == "style":
				t.Errorf("%s: <%s %s=%q>", name, e.Name.Local, a.Name.Local, a.Value)
			}
		}
		if e.Name.Local == "script" || e.Name.Local == "iframe" {
			t.Errorf("%s has an element <%s>", name, e.Name.Local)
		}
	}
}

func TestHostileBook(t *testing.T) {
	files, _ := members(t, made(t, hostile(t), "epub")[bookName])
	for name, text := range files {
		if strings.HasSuffix(name, ".xhtml") {
			wellFormed(t, name, text)
		}
	}
	inert(t, "the book", files["EPUB/01.xhtml"])
}

// TestSameBytes makes each format twice: the same input gives the same bytes,
// on whatever day, in whatever folder.
func TestSameBytes(t *testing.T) {
	site := course(t)
	for _, format := range []string{"txtar", "ipynb", "html", "epub", "zip"} {
		once, again := made(t, site, format), made(t, course(t), format)
		if len(once) == 0 || len(once) != len(again) {
			t.Fatalf("%s: %d files, then %d", format, len(once), len(again))
		}
		for name, data := range once {
			if !bytes.Equal(data, again[name]) {
				t.Errorf("%s differs from time to time", name)
			}
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	files, _ := members(t, made(t, site, "epub")[bookName])
	if want := "2023-11-14T22:13:20Z"; !strings.Contains(files["EPUB/package.opf"], want) {
		t.Errorf("with SOURCE_DATE_EPOCH=1700000000 the book is not of %s", want)
	}
}
