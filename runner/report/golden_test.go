package report

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

// golden is a rendering as a text file keeps it: line ends are visible.
func golden(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "<CRLF>\n")
	text = strings.ReplaceAll(text, "\n-- ", "\n<dashes> ") // txtar's own
	if !strings.HasSuffix(text, "\n") {
		text += "<no newline>\n"
	}
	return text
}

// TestGoldens compares every rendering of every sample with the stored one, and
// renders twice: equal reports give equal bytes.
func TestGoldens(t *testing.T) {
	for name, r := range samples() {
		t.Run(name, func(t *testing.T) {
			got := new(txtar.Archive)
			for _, f := range formats {
				text := render(t, f, r)
				if again := render(t, f, samples()[name]); again != text {
					t.Errorf("%s: two renderings differ:\n%s", f.name, cmp.Diff(text, again))
				}
				got.Files = append(got.Files, txtar.File{Name: f.name, Data: []byte(golden(text))})
			}
			compareArchive(t, filepath.Join("testdata", name+".txtar"), got)
		})
	}
}

// TestClassGoldens does the same for a class.
func TestClassGoldens(t *testing.T) {
	c := class()
	got := new(txtar.Archive)
	for name, write := range classFormats {
		got.Files = append(got.Files, txtar.File{Name: name, Data: []byte(golden(renderClass(t, write, c)))})
	}
	if got.Files[0].Name > got.Files[1].Name {
		got.Files[0], got.Files[1] = got.Files[1], got.Files[0]
	}
	compareArchive(t, filepath.Join("testdata", "class.txtar"), got)
}

func compareArchive(t *testing.T, file string, got *txtar.Archive) {
	t.Helper()
	// What a rendering says must not be taken for the archive's own lines.
	if again := txtar.Parse(txtar.Format(got)); len(again.Files) != len(got.Files) {
		t.Fatalf("a rendering holds a line that txtar takes for a file: %d files, want %d", len(again.Files), len(got.Files))
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if len(want.Files) != len(got.Files) {
		t.Fatalf("%s has %d renderings, want %d", file, len(want.Files), len(got.Files))
	}
	for i, f := range got.Files {
		if want.Files[i].Name != f.Name {
			t.Fatalf("%s: rendering %d is %s, want %s", file, i, want.Files[i].Name, f.Name)
		}
		if diff := cmp.Diff(string(want.Files[i].Data), string(f.Data)); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", f.Name, file, diff)
		}
	}
}
