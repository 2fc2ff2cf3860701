package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// The parts of nbformat 4.5 that a lesson needs; its documentation is at
// https://nbformat.readthedocs.io/en/latest/format_description.html.
type (
	nbDocument struct {
		Cells    []any      `json:"cells"`
		Metadata nbMetadata `json:"metadata"`
		Major    int        `json:"nbformat"`
		Minor    int        `json:"nbformat_minor"`
	}
	nbMetadata struct {
		Kernel   nbKernel   `json:"kernelspec"`
		Language nbLanguage `json:"language_info"`
		Title    string     `json:"title"`
	}
	nbKernel struct {
		Display  string `json:"display_name"`
		Language string `json:"language"`
		Name     string `json:"name"`
	}
	nbLanguage struct {
		Extension string `json:"file_extension"`
		MIME      string `json:"mimetype"`
		Name      string `json:"name"`
	}
	nbMarkdown struct {
		Type     string   `json:"cell_type"`
		ID       string   `json:"id"`
		Metadata struct{} `json:"metadata"`
		Source   []string `json:"source"`
	}
	nbCode struct {
		Type     string   `json:"cell_type"`
		Count    *int     `json:"execution_count"`
		ID       string   `json:"id"`
		Metadata struct{} `json:"metadata"`
		Outputs  []any    `json:"outputs"`
		Source   []string `json:"source"`
	}
	nbStream struct {
		Name string   `json:"name"`
		Type string   `json:"output_type"`
		Text []string `json:"text"`
	}
	nbDisplay struct {
		Data     map[string][]string `json:"data"`
		Metadata struct{}            `json:"metadata"`
		Type     string              `json:"output_type"`
	}
)

// A nbWriter collects the cells of a notebook and names them.
type nbWriter struct {
	cells []any
	ids   map[string]bool
	prose []string // of a cell that is not yet written, and its name
	name  string
}

// markdown adds text, to that of the cell before if it is text as well.
func (w *nbWriter) markdown(id, text string) {
	if w.prose == nil {
		w.name = id
	}
	w.prose = append(w.prose, strings.TrimSpace(text))
}

// flush ends a cell of text.
func (w *nbWriter) flush() {
	if w.prose != nil {
		w.cells = append(w.cells, nbMarkdown{Type: "markdown", ID: w.id(w.name), Source: lines(strings.Join(w.prose, "\n\n"))})
		w.prose = nil
	}
}

func (w *nbWriter) code(id, text string, outputs ...any) {
	w.flush()
	if outputs == nil {
		outputs = []any{}
	}
	w.cells = append(w.cells, nbCode{Type: "code", ID: w.id(id), Outputs: outputs, Source: lines(text)})
}

var notID = regexp.MustCompile(`[^a-zA-Z0-9]+`)

// id is a cell's id, from words that say which it is: it stays while other cells
// come and go. The format allows 64 letters, digits, - and _.
func (w *nbWriter) id(text string) string {
	base := strings.Trim(notID.ReplaceAllString(text, "-"), "-")
	if len(base) > 56 {
		base = strings.TrimRight(base[:56], "-")
	}
	if base == "" {
		base = "cell"
	}
	id := base
	for i := 2; w.ids[id]; i++ {
		id = fmt.Sprintf("%s-%d", base, i)
	}
	if w.ids == nil {
		w.ids = make(map[string]bool)
	}
	w.ids[id] = true
	return id
}

// lines is the text as the format has it: a string a line, each but the last
// with its newline.
func lines(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return []string{}
	}
	return strings.SplitAfter(text, "\n")
}

// stream is what a program printed.
func stream(stderr bool, text string) nbStream {
	s := nbStream{Name: "stdout", Type: "stream", Text: strings.SplitAfter(text, "\n")}
	if stderr {
		s.Name = "stderr"
	}
	if n := len(s.Text); s.Text[n-1] == "" {
		s.Text = s.Text[:n-1]
	}
	return s
}

// display is something shown that the program did not print.
func display(text string) nbDisplay {
	return nbDisplay{Type: "display_data", Data: map[string][]string{"text/plain": lines(text)}}
}

// encode is the notebook as Jupyter itself writes one: indented by a space.
func (w *nbWriter) encode(title string) ([]byte, error) {
	w.flush()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(nbDocument{
		Cells: w.cells, Major: 4, Minor: 5,
		Metadata: nbMetadata{
			Kernel:   nbKernel{Display: "Go (gonb)", Language: "go", Name: "gonb"},
			Language: nbLanguage{Extension: ".go", MIME: "text/x-go", Name: "go"},
			Title:    title,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("write a notebook: %w", err)
	}
	return out.Bytes(), nil
}
