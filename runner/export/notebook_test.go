package export_test

import (
	"encoding/json"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sockets/runner/tier"
)

// A notebook is what the tests read of one.
type notebook struct {
	Cells []struct {
		Type    string `json:"cell_type"`
		ID      string
		Source  []string
		Outputs []struct {
			Type string `json:"output_type"`
			Name string
			Text []string
			Data map[string][]string
		}
	}
	Metadata struct {
		Kernel struct{ Name string } `json:"kernelspec"`
	}
	Major int `json:"nbformat"`
	Minor int `json:"nbformat_minor"`
}

func decode(t *testing.T, data []byte) notebook {
	t.Helper()
	var n notebook
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// python is a Python that has Jupyter's own packages, from Debian.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(t.Context(), name, "-c", "import nbformat, nbconvert").Run() == nil {
			return name
		}
	}
	tier.Lacks(t, "there is no Jupyter to check notebooks with: apt-get install python3-nbformat jupyter-nbconvert")
	return ""
}

// check has Jupyter hold the notebooks to the schema of their format, and
// convert each to HTML, which it gives.
const check = `
import sys, nbformat, nbconvert
for name in sys.argv[1:]:
    with open(name) as f: book = nbformat.reader.reads(f.read())
    assert (book.nbformat, book.nbformat_minor) == (4, 5), name
    nbformat.validate(book, repair_duplicate_cell_ids=False)
    html, _ = nbconvert.HTMLExporter().from_notebook_node(book)
    with open(name + ".html", "w") as f: f.write(html)
    print("valid", len(book.cells))
`

// converted writes the notebooks to files and gives them as Jupyter's HTML.
func converted(t *testing.T, files map[string][]byte) map[string]string {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-W", "ignore", "-c", check}
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := exec.CommandContext(t.Context(), python(t), args...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "JUPYTER_PLATFORM_DIRS=1")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), "valid ") != len(files) {
		t.Fatalf("Jupyter does not take the notebooks: %v\n%s", err, out)
	}
	html := make(map[string]string)
	for name := range files {
		data, err := os.ReadFile(filepath.Join(dir, name+".html"))
		if err != nil {
			t.Fatal(err)
		}
		html[name] = string(data)
	}
	return html
}

func TestNotebooksAreValid(t *testing.T) {
	files := made(t, course(t), "ipynb")
	if len(files) < 6 {
		t.Fatalf("there are %d notebooks, want one a lesson", len(files))
	}
	for name, html := range converted(t, files) {
		if !strings.Contains(html, "Change it") {
			t.Errorf("%s: as HTML it has not all of the lesson", name)
		}
	}
}

// TestNotebook checks what of a notebook no schema says.
func TestNotebook(t *testing.T) {
	for name, data := range made(t, course(t), "ipynb") {
		n := decode(t, data)
		if n.Metadata.Kernel.Name != "gonb" {
			t.Errorf("%s: kernel %q, want gonb", name, n.Metadata.Kernel.Name)
		}
		seen := make(map[string]bool)
		pieces, runs, outputs := 0, 0, 0
		for _, c := range n.Cells {
			if seen[c.ID] || !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(c.ID) {
				t.Errorf("%s: the id %q stands twice, or is none", name, c.ID)
			}
			seen[c.ID] = true
			outputs += len(c.Outputs)
			source := strings.Join(c.Source, "")
			if c.Type != "code" {
				continue
			}
			first, rest, _ := strings.Cut(source, "\n")
			if rest != "" {
				rest += "\n" // which gonb puts there
			}
			switch {
			case first == "%%script gofmt -l":
				pieces++
				if formatted, err := format.Source([]byte(rest)); err != nil {
					t.Errorf("%s: gofmt does not read the piece: %v\n%s", name, err, rest)
				} else if diff := cmp.Diff(string(formatted), rest); diff != "" {
					t.Errorf("%s: gofmt -l would name the piece (-formatted +piece):\n%s", name, diff)
				}
			case strings.HasPrefix(first, "!go run ") && rest == "", strings.HasPrefix(first, "%%writefile /tmp/"):
				runs++
			default:
				t.Errorf("%s: a cell begins with %q", name, first)
			}
		}
		if _, err := os.Stat(filepath.Join("../../lessons", strings.TrimSuffix(strings.TrimPrefix(name, "sockets-"), ".ipynb"), "exercise/task.md")); err == nil &&
			!strings.Contains(string(data), "!go run sockets/runner grade ") {
			t.Errorf("%s does not have the exercise judged", name)
		}
		if pieces < 5 || runs < 5 || outputs < 10 {
			t.Errorf("%s: %d pieces, %d runs and %d outputs: not all of the lesson is there", name, pieces, runs, outputs)
		}
	}
}

// TestNotebookRuns runs the cells of one lesson that are commands, as gonb does:
// by bash, in a folder of the checkout.
func TestNotebookRuns(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		tier.Lacks(t, "gonb runs commands by bash, and there is none")
	}
	n := decode(t, made(t, course(t), "ipynb", "02")["sockets-02.ipynb"])
	for i, c := range n.Cells {
		source := strings.Join(c.Source, "")
		if !strings.HasPrefix(c.ID, "the-whole-run-") && i != len(n.Cells)-1 && !strings.HasPrefix(source, "%%writefile") {
			continue
		}
		if path, text, ok := strings.Cut(strings.TrimPrefix(source, "%%writefile "), "\n"); ok && path != source {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Remove(path) })
			continue
		}
		if !strings.HasPrefix(source, "!go run sockets/lessons/") && !strings.HasPrefix(source, "!go run /tmp/") {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-c", source[1:])
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		var want string
		for _, o := range c.Outputs {
			if o.Name == "stdout" {
				want += strings.Join(o.Text, "")
			}
		}
		if lines := strings.Count(string(out), "\n"); lines == 0 || lines != strings.Count(want, "\n") {
			t.Errorf("%s printed\n%swant as many lines as the notebook has:\n%s", source, out, want)
		}
	}
}

// TestNotebookIDsStay checks that a cell keeps its id when another part of the
// lesson changes, and that nothing else makes one change.
func TestNotebookIDsStay(t *testing.T) {
	root := copied(t)
	before := decode(t, made(t, load(t, root), "ipynb", "04")["sockets-04.ipynb"])
	edit(t, filepath.Join(root, "lessons/04/lesson.md"), "## The idea\n", "## The idea\n\nA paragraph more.\n")
	after := decode(t, made(t, load(t, root), "ipynb", "04")["sockets-04.ipynb"])
	var a, b []string
	for _, c := range before.Cells {
		a = append(a, c.ID)
	}
	for _, c := range after.Cells {
		b = append(b, c.ID)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("an edit of one section changes ids of cells (-before +after):\n%s", diff)
	}
}

func TestHostileNotebook(t *testing.T) {
	files := made(t, hostile(t), "ipynb")
	n := decode(t, files["sockets-01.ipynb"])
	for _, c := range n.Cells {
		source := strings.Join(c.Source, "")
		if c.Type == "code" && strings.HasPrefix(source, "!") && strings.Contains(source, "\n") {
			t.Errorf("a command has a second line: %q", source)
		}
		text := source
		for _, o := range c.Outputs {
			text += strings.Join(o.Text, "") + strings.Join(o.Data["text/plain"], "")
			for kind := range o.Data {
				if kind != "text/plain" {
					t.Errorf("an output is %s, which may do more than be read", kind)
				}
			}
		}
		for _, bad := range []string{"\x1b", "\a", "\r"} {
			if strings.Contains(text, bad) {
				t.Errorf("cell %s holds the control character %q", c.ID, bad)
			}
		}
	}
	inert(t, "the notebook as HTML", converted(t, files)["sockets-01.ipynb"])
}
