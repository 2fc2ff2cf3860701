package ladder

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"sockets/runner/recording"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

var samples = []string{"http", "refused", "lookup", "server"}

// sample is a run of package frame's testdata.
func sample(t *testing.T, name string) *recording.Recording {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "frame", "testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := recording.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update rewrites it:\n%s", file, diff)
	}
}

var lab = map[string]string{"192.0.2.80": "www.lab.test", "2001:db8::80": "www.lab.test"}

func TestDraw(t *testing.T) {
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			golden(t, name+".svg", Draw(sample(t, name), Options{Prefix: name, Names: lab})+"\n")
		})
	}
}

// An element is what the tests look at in a drawing.
type element struct {
	name  string
	attrs map[string]string
	text  string
}

func (e element) has(class string) bool {
	for _, c := range strings.Fields(e.attrs["class"]) {
		if c == class {
			return true
		}
	}
	return false
}

// elements parses the drawing, which must be well-formed.
func elements(t *testing.T, svg string) []element {
	t.Helper()
	var all []element
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("the drawing is not well-formed: %v\n%s", err, svg)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := element{name: tok.Name.Local, attrs: make(map[string]string)}
			for _, a := range tok.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			all = append(all, e)
		case xml.CharData:
			if len(all) > 0 {
				all[len(all)-1].text += strings.Trim(string(tok), "\n")
			}
		}
	}
}

// drawn counts the arrows of a drawing, each as often as it says.
func drawn(t *testing.T, all []element) (frames, arrows int) {
	t.Helper()
	for _, e := range all {
		switch {
		case e.has("ld-row"):
			n := 1
			if count, ok := e.attrs["data-count"]; ok {
				var err error
				if n, err = strconv.Atoi(count); err != nil {
					t.Fatal(err)
				}
			}
			frames += n
		case e.has("ld-shaft"):
			arrows++
		}
	}
	return frames, arrows
}

// both is the wide and the narrow drawing.
func both(t *testing.T, r *recording.Recording) [2][]element {
	t.Helper()
	wide, narrow, ok := strings.Cut(Draw(r, Options{Names: lab}), "</svg>\n")
	if !ok {
		t.Fatal("Draw did not draw twice")
	}
	return [2][]element{elements(t, wide+"</svg>"), elements(t, narrow)}
}

func TestArrowsAreFrames(t *testing.T) {
	recordings := map[string]*recording.Recording{"long": long(5000)}
	for _, name := range samples {
		recordings[name] = sample(t, name)
	}
	for name, r := range recordings {
		want := 0
		for _, row := range Table(r) {
			want += row.Count
		}
		for _, all := range both(t, r) {
			frames, arrows := drawn(t, all)
			if frames != want || arrows == 0 || arrows > want {
				t.Errorf("%s: %d arrows stand for %d frames; the recording has %d", name, arrows, frames, want)
			}
			if arrows > 60 {
				t.Errorf("%s: %d arrows; a long run must be folded", name, arrows)
			}
		}
	}
}

// long is a transfer of so many segments, every second one acknowledged.
func long(segments int) *recording.Recording {
	r := &recording.Recording{Header: recording.Header{Run: "long"}}
	add := func(f recording.Frame) {
		f.N, f.Proto = len(r.Events)+1, "TCP"
		f.From, f.To = "192.0.2.80:80", "192.0.2.10:50001"
		if f.Dir == recording.Out {
			f.From, f.To = f.To, f.From
		}
		r.Events = append(r.Events, recording.Event{Frame: &f})
	}
	for i := range segments {
		add(recording.Frame{Dir: recording.In, Flags: "ACK", Len: 1448, Seq: uint32(1 + i*1448), Ack: 1})
		if i%2 == 1 {
			add(recording.Frame{Dir: recording.Out, Flags: "ACK", ByHost: "ACK", Seq: 1, Ack: uint32(1 + (i+1)*1448)})
		}
	}
	return r
}

func TestFoldSaysHowMany(t *testing.T) {
	var folded []string
	for _, e := range both(t, long(20))[0] {
		if strings.HasPrefix(e.text, "+") {
			folded = append(folded, e.text)
		}
	}
	// The first and the last two of 30 frames are drawn: 3 segments and 1 ACK.
	if diff := cmp.Diff([]string{"+ 17 segments, 24,616 bytes, 9 ACKs"}, folded); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
}

// TestContentSecurityPolicy: no style, no script, nothing from elsewhere; ids
// that are unique and that aria-labelledby finds.
func TestContentSecurityPolicy(t *testing.T) {
	for _, name := range samples {
		ids := make(map[string]bool)
		for _, all := range both(t, sample(t, name)) {
			for _, e := range all {
				switch e.name {
				case "svg", "title", "desc", "g", "path", "rect", "circle", "text":
				default:
					t.Errorf("%s: an element %s", name, e.name)
				}
				for attr, value := range e.attrs {
					if attr == "style" || strings.HasPrefix(attr, "on") || attr == "href" {
						t.Errorf("%s: an attribute %s=%q", name, attr, value)
					}
				}
				if id, ok := e.attrs["id"]; ok {
					if ids[id] {
						t.Errorf("%s: the id %s is there twice", name, id)
					}
					ids[id] = true
				}
			}
			for _, id := range strings.Fields(all[0].attrs["aria-labelledby"]) {
				if !ids[id] {
					t.Errorf("%s: aria-labelledby names %s, which is not there", name, id)
				}
			}
		}
	}
}

// hostile is a run whose texts are long, and no good in XML or a terminal.
func hostile() *recording.Recording {
	return &recording.Recording{Header: recording.Header{Run: "<&\">"}, Events: []recording.Event{
		{At: &recording.Place{File: strings.Repeat("long/", 20) + "main.go", Line: 100000}, Goroutine: 1000000, Call: &recording.Call{ID: 1, Name: "recvmmsg_time64_and_more_of_it", Result: "123456789012", Errno: "EPROTONOSUPPORTED"}},
		{At: &recording.Place{File: strings.Repeat("long/", 20) + "main.go", Line: 100000}, Goroutine: 1000000, Frame: &recording.Frame{N: 1, Dir: recording.Out, Proto: "TCP", From: "[2001:db8:1111:2222:3333:4444:5555:6666]:50001", To: "[2001:db8:1111:2222:3333:4444:5555:7777]:50001", Flags: "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR", Seq: 4294967295, Ack: 4294967295, Len: 1448, Fault: "delayed 200ms", ByHost: "RST: closed with unread input", Call: 1}},
		{At: &recording.Place{File: "b.go", Line: 1}, Goroutine: 2, Frame: &recording.Frame{N: 2, Dir: recording.In, Proto: "UDP", From: "192.0.2.53:53", To: "192.0.2.10:50001", Summary: "\x1b[2JDNS answer A " + strings.Repeat("<a&>", 60), Call: 1}},
	}}
}

// TestTextStaysInside: no text leaves the drawing, by its width in a font whose
// characters are 0.6 em wide.
func TestTextStaysInside(t *testing.T) {
	recordings := []*recording.Recording{hostile(), long(100000)}
	for _, name := range samples {
		recordings = append(recordings, sample(t, name))
	}
	for _, r := range recordings {
		for i, all := range both(t, r) {
			width := [2]float64{760, 360}[i]
			for _, e := range all {
				if e.name != "text" {
					continue
				}
				x, err := strconv.ParseFloat(e.attrs["x"], 64)
				if err != nil {
					t.Fatal(err)
				}
				long := float64(len([]rune(e.text))) * 7.25
				from := map[string]float64{"start": x, "middle": x - long/2, "end": x - long}[e.attrs["text-anchor"]]
				if from < 0 || from+long > width {
					t.Errorf("%s, width %v: text from %v to %v: %q", r.Header.Run, width, from, from+long, e.text)
				}
			}
		}
	}
}

func TestNoFrames(t *testing.T) {
	r := &recording.Recording{Events: []recording.Event{{Call: &recording.Call{ID: 1, Name: "read"}}}}
	if got := Draw(r, Options{}); got != "" {
		t.Errorf("Draw of a run without frames = %q, want nothing", got)
	}
}

func TestTable(t *testing.T) {
	for _, name := range []string{"http", "server"} {
		var b strings.Builder
		for _, row := range Table(sample(t, name)) {
			line := ""
			if row.Line != nil {
				line = fmt.Sprintf("%s:%d", row.Line.File, row.Line.Line)
			}
			fmt.Fprintf(&b, "%d | %s | %s | %s | %s | %s | %s\n", row.N, row.Time, row.Dir, row.From, row.To, row.What, line)
		}
		golden(t, name+".table", b.String())
	}
}

func TestText(t *testing.T) {
	for _, name := range samples {
		golden(t, name+".text", Text(sample(t, name), Options{Names: lab}, 80))
	}
	golden(t, "http-50.text", Text(sample(t, "http"), Options{}, 50))
}

func TestTextHasItsWidth(t *testing.T) {
	for _, width := range []int{50, 71, 72, 80, 200} {
		for _, r := range []*recording.Recording{sample(t, "server"), sample(t, "lookup"), long(100), hostile()} {
			for line := range strings.Lines(Text(r, Options{Names: lab}, width)) {
				line = strings.TrimSuffix(line, "\n")
				if n := len([]rune(line)); n > width {
					t.Errorf("width %d: a line of %d: %q", width, n, line)
				}
				if strings.ContainsFunc(line, unicode.IsControl) {
					t.Errorf("a control character in %q", line)
				}
			}
		}
	}
	if got := Text(new(recording.Recording), Options{}, 80); got != "" {
		t.Errorf("Text of a run without frames = %q, want nothing", got)
	}
}
