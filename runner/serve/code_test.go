package serve

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// settles waits until the site stands as said, and gives the runs that were made
// on the way, "01 main".
func settles(t *testing.T, events chan event, want State) (ran []string) {
	t.Helper()
	begun := false
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatal("the events ended")
			}
			if e.name != "status" {
				continue
			}
			var s Status
			if err := json.Unmarshal(e.data, &s); err != nil {
				t.Fatal(err)
			}
			begun = begun || s.State == Building
			if _, run, ok := strings.Cut(s.Runs, ": "); ok {
				ran = append(ran, run)
			}
			if begun && s.State != Building {
				if s.State != want {
					t.Fatalf("the site is %s: %v", s.State, s.Problems)
				}
				slices.Sort(ran)
				return slices.Compact(ran)
			}
		case <-time.After(patient):
			t.Fatalf("waited for a site that is %s", want)
		}
	}
}

// TestCode edits programs: what imports them runs again, and nothing else.
func TestCode(t *testing.T) {
	root := runs(t)
	s := start(t, root, func(c *Config) { c.Replay, c.Log = false, t.Output() })
	events := s.hub.listen()
	defer s.hub.leave(events)
	until(t, "the site", func() bool { return s.state().State == Good })
	c := enter(t, s)
	for len(events) > 0 {
		<-events
	}
	for _, step := range []struct {
		file, old, now string
		want           State
		ran            []string
		page, shows    string
	}{
		{"lessons/02/main.go", `"lines"`, `"more lines"`, Good, []string{"02 main"}, "02/", "more lines"},
		{"lessons/lab/greet/greet.go", `"hello`, `"good day`, Good, []string{"01 main", "01 refused"}, "01/", "good day"},
		{"lessons/02/lesson.md", "A program prints.", "A program prints lines.", Good, nil, "02/", "A program prints lines."},
		{"lessons/02/main.go", `("more lines")`, `(more)`, Bad, nil, "02/", "A program prints lines."},
		{"lessons/02/main.go", `(more)`, `("more lines")`, Good, nil, "02/", "more lines"},
	} {
		edit(t, filepath.Join(root, step.file), step.old, step.now)
		ran := settles(t, events, step.want)
		if diff := cmp.Diff(step.ran, ran); diff != "" {
			t.Errorf("%s, %s: what ran (-want +got)\n%s", step.file, step.now, diff)
		}
		if _, page := c.get(step.page); !strings.Contains(page, step.shows) {
			t.Errorf("%s, %s: %s does not show %q", step.file, step.now, step.page, step.shows)
		}
		if step.want == Bad {
			st := s.state()
			if len(st.Problems) == 0 || st.Problems[0].File != "lessons/02/main.go" || st.Problems[0].Line != 9 {
				t.Errorf("the problem is %+v", st.Problems)
			}
		}
	}
}
