package class

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"sockets/runner/grade"
	"sockets/runner/report"
)

const root = "../.."

// A known is what must come of a submission.
type known struct {
	verdicts []report.Verdict // of the whole report, one of these
	missed   []string         // checks that do not pass; nil is all of them
	says     string           // in the report's Build
}

// A made is a class that was generated.
type made struct {
	tb      testing.TB
	dir     string
	sources map[string]*material // by exercise
	want    map[string]known     // by student and exercise
}

// A material is what submissions of an exercise are generated from.
type material struct {
	solution, stub map[string]string // files
	wrong          []wrong
	forgeries      []txtar.File
	checks         []string
}

type wrong struct {
	name   string
	files  map[string]string
	caught []string
}

var caughtBy = regexp.MustCompile(`\A// Caught by: ([A-Za-z, \n/]+)\.\n`)

// exerciseOf reads a lesson's exercise.
func exerciseOf(tb testing.TB, number string) *material {
	tb.Helper()
	lesson := filepath.Join(root, "lessons", number)
	e, err := grade.Exercise(filepath.Join(lesson, "solution", "check_test.go"), number)
	if err != nil {
		tb.Fatal(err)
	}
	m := &material{solution: files(tb, filepath.Join(lesson, "solution")), stub: files(tb, filepath.Join(lesson, "exercise"))}
	for _, c := range e.Checks {
		m.checks = append(m.checks, c.Name)
	}
	dirs, err := os.ReadDir(filepath.Join(lesson, "solution", "wrong"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, d := range dirs {
		w := wrong{name: d.Name(), files: files(tb, filepath.Join(lesson, "solution", "wrong", d.Name()))}
		named := caughtBy.FindStringSubmatch(w.files["main.go"])
		if named == nil {
			tb.Fatalf("wrong solution %s of %s does not say what catches it", d.Name(), number)
		}
		w.caught = regexp.MustCompile(`[A-Za-z]+`).FindAllString(named[1], -1)
		slices.Sort(w.caught)
		m.wrong = append(m.wrong, w)
	}
	if number == "05" {
		corpus, err := txtar.ParseFile("../grade/testdata/forgeries.txtar")
		if err != nil {
			tb.Fatal(err)
		}
		m.forgeries = corpus.Files
	}
	return m
}

// files are the sources in a folder, without tests.
func files(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		tb.Fatal(err)
	}
	all := make(map[string]string)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		all[filepath.Base(name)] = string(text)
	}
	return all
}

// generate makes a class of n submissions: of ten, five are right, two or three are
// wrong in a way that is known, and the others are empty, broken or hostile. Every
// twentieth is equal to one before; all others are edited, each in its own way.
func generate(tb testing.TB, n int, numbers ...string) *made {
	tb.Helper()
	m := &made{tb: tb, dir: filepath.Join(tb.TempDir(), "class"), sources: make(map[string]*material), want: make(map[string]known)}
	for _, number := range numbers {
		m.sources[number] = exerciseOf(tb, number)
	}
	for i := range n {
		m.add(i, fmt.Sprintf("s%04d", i/len(numbers)), numbers[i%len(numbers)])
	}
	return m
}

func (m *made) add(i int, student, number string) {
	from := m.sources[number]
	nth := i / len(m.sources)
	var k known
	var text map[string]string
	switch kind := nth % 10; {
	case kind < 5:
		text, k = from.solution, known{verdicts: []report.Verdict{report.Pass}, missed: []string{}}
	case kind < 7, kind == 7 && nth%20 < 10:
		w := from.wrong[(nth/10*3+kind)%len(from.wrong)]
		text, k = w.files, known{verdicts: []report.Verdict{report.Fail, report.Timeout, report.Crash}, missed: w.caught}
	case kind == 7:
		text, k = from.stub, known{verdicts: []report.Verdict{report.Fail, report.Timeout, report.Crash}}
	case kind == 8:
		text, k = broken(nth)
	default:
		m.hostile(nth, student, number)
		return
	}
	switch {
	case len(k.says) > 0: // an edit must not mend it
		text = map[string]string{"main.go": fmt.Sprintf("%s\n// %d\n", text["main.go"], i)}
	case nth%20 != 4:
		text = edited(text, i)
	}
	m.want[student+" "+number] = k
	m.hand(i, student, number, text)
}

// edited is the program with something of its own.
func edited(text map[string]string, i int) map[string]string {
	own := make(map[string]string)
	for name, t := range text {
		own[name] = t
	}
	own["main.go"] += fmt.Sprintf("\n// mine is no other's.\nvar mine = %d\n\nfunc init() { mine++ }\n", i)
	return own
}

// broken does not compile, each time for another reason.
func broken(nth int) (map[string]string, known) {
	all := []struct{ text, says string }{
		{"package main\n\nfunc main() {\n\tx := 1\n}\n", "main.go:4:2: declared and not used: x"},
		{"package main\n\nfunc main() {\n", "expected '}'"},
		{"package main\n\nfunc main() { undefined() }\n", "main.go:3:15: undefined: undefined"},
		{"package other\n\nfunc main() {}\n", "it is package other"},
		{"package main\n\nimport \"example.com/x\"\n\nfunc main() { x.X() }\n", "is not allowed"},
		{"package main\n\nimport \"net/nothing\"\n\nfunc main() { nothing.X() }\n", "net/nothing"},
	}
	b := all[nth/10%len(all)]
	return map[string]string{"main.go": b.text}, known{verdicts: []report.Verdict{report.BuildError}, says: b.says}
}

// hand writes the files, every fifth time in an archive.
func (m *made) hand(i int, student, number string, text map[string]string) {
	m.tb.Helper()
	dir := filepath.Join(m.dir, student)
	if i%5 == 3 {
		m.write(filepath.Join(dir, number+".zip"), zipped(m.tb, number+"/", text))
		return
	}
	for name, t := range text {
		m.write(filepath.Join(dir, number, name), []byte(t))
	}
}

func (m *made) write(name string, text []byte) {
	m.tb.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		m.tb.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		m.tb.Fatal(err)
	}
}

func zipped(tb testing.TB, prefix string, text map[string]string) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, t := range text {
		f, err := w.Create(prefix + name)
		if err == nil {
			_, err = f.Write([]byte(t))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// hostile hands in what attacks the judge, the compiler or who unpacks.
func (m *made) hostile(nth int, student, number string) {
	m.tb.Helper()
	k := known{verdicts: []report.Verdict{report.BuildError}}
	file := filepath.Join(m.dir, student, number)
	hello := map[string]string{"main.go": "package main\n\nfunc main() {}\n"}
	if forgeries := m.sources[number].forgeries; len(forgeries) > 0 && nth/10%4 != 0 {
		f := forgeries[nth/10%len(forgeries)]
		if f.Name != "fake-dump.go" { // which waits for each check's patience
			m.write(filepath.Join(file, "main.go"), f.Data)
			m.want[student+" "+number] = known{verdicts: []report.Verdict{report.Fail, report.Timeout, report.Crash, report.BuildError}}
			return
		}
	}
	switch nth / 10 % 6 {
	case 0:
		k.says = "it is a link"
		m.write(filepath.Join(file, "README"), nil)
		if err := os.Symlink("/etc/passwd", filepath.Join(file, "main.go")); err != nil {
			m.tb.Fatal(err)
		}
	case 1:
		k.says = "outside"
		m.write(file+".zip", zipped(m.tb, "../../../", hello))
	case 2:
		k.says = "can't be unpacked"
		m.write(file+".tar.gz", []byte("\x1f\x8b\x08 and no more"))
	case 3:
		k.says = "handed in twice"
		m.write(file+".zip", zipped(m.tb, "", hello))
		m.write(filepath.Join(file, "main.go"), []byte(hello["main.go"]))
	case 4:
		k.says = "a file may have"
		m.write(filepath.Join(file, "main.go"), bytes.Repeat([]byte("/"), 300<<10))
	default:
		k.says = "is not allowed"
		m.write(filepath.Join(file, "main.go"), []byte("package main\n\nimport _ \"embed\"\n\n//go:embed main.go\nvar s string\n\nfunc main() { print(s) }\n"))
	}
	m.want[student+" "+number] = k
}
