package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sockets/runner/lesson"
	"sockets/runner/recording"
)

// TestShow shows a stored recording as a run of no commentary's.
func TestShow(t *testing.T) {
	l, ms := lesson.Load("../../lessons/04")
	if err := ms.Err(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(l.RecordingPath("late"))
	if err != nil {
		t.Fatal(err)
	}
	rec, err := recording.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(filepath.Join(l.Dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	rec.Header.Run, rec.Header.Dropped = "mine", 1234
	rec.Events = append(rec.Events, recording.Event{Output: &recording.Output{Stream: recording.Stdout, Text: "<script>alert(1)</script>\x1b[31m\n"}})
	p, err := Show(Showing{Lesson: l, Recording: rec, Source: src, Note: "the wire: <b>"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ part, want string }{
		"printed": {string(p.Printed), `data-line="mine:main.go:`},
		"ended":   {string(p.Printed), "exit code 0"},
		"hostile": {string(p.Printed), `&lt;script&gt;alert(1)&lt;/script&gt;\x1b[31m`},
		"note":    {string(p.Printed), "the wire: &lt;b&gt;"},
		"kernel":  {string(p.Kernel), `data-call="mine:1"`},
		"dropped": {string(p.Kernel), "1,234 calls came after the last that is kept."},
		"lines":   {string(p.Lines), `<details class="x wire">`},
		"ladder":  {string(p.Wire), `aria-labelledby="wire-mine-w-t`},
	} {
		if !strings.Contains(c.part, c.want) {
			t.Errorf("%s: there is no %q in %s", name, c.want, c.part)
		}
	}
	if p.Calls == 0 || p.Frames == 0 || p.Rows == 0 {
		t.Errorf("it counts %d calls, %d frames, %d lines", p.Calls, p.Frames, p.Rows)
	}
	if p, err = Show(Showing{Lesson: l, Recording: rec, Source: []byte("not Go"), Going: true}); err != nil || p.Lines != "" {
		t.Errorf("lines of what is no program: %v, %s", err, p.Lines)
	}
	if strings.Contains(string(p.Printed), "exit code") {
		t.Error("a run that goes on has ended")
	}
}
