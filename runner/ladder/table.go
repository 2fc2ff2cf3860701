package ladder

import (
	"strings"

	"sockets/runner/recording"
)

// A Row is one frame of the text equivalent.
type Row struct {
	N        int
	Time     string // since the first frame: "0 ms", "1.0 s"; what was too short to matter is not counted
	Dir      string // recording.Out or recording.In
	From, To string
	What     string           // its protocol, its summary, and what the wire and the kernel did
	Line     *recording.Place // its own or its call's, nil if no line caused it
	Count    int              // how many frames it stands for, at least 1
	Event    recording.Event  // the event itself, with that line
}

// Table is the text equivalent of the ladder: all frames, none folded.
func Table(r *recording.Recording) []Row {
	var rows []Row
	var ms int64
	calls := made(r)
	for _, e := range r.Events {
		f := e.Frame
		if f == nil {
			continue
		}
		e = placed(e, calls)
		if len(rows) > 0 {
			ms += f.Millis
		}
		what := f.Proto + " " + f.Summary
		if strings.HasPrefix(f.Summary, "DNS") {
			what = f.Summary
		}
		if f.Fault != "" {
			what += ", " + f.Fault
		}
		if f.ByHost != "" {
			what += ", " + f.By()
		}
		rows = append(rows, Row{
			N: f.N, Time: seconds(ms), Dir: f.Dir, From: f.From, To: f.To,
			What: what, Line: e.At, Count: e.Times(), Event: e,
		})
	}
	return rows
}
