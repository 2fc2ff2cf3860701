package page

import (
	"slices"

	"sockets/runner/recording"
)

// A folded is a call or frame to show, or the number of those like the ones
// before it that are not.
type folded struct {
	event recording.Event
	more  int      // calls left out here
	of    int      // how many calls repeat; 1 for neighbours
	noted int      // neighbours that one note explains, this one included
	names []string // theirs
}

// Bounds of folding.
const (
	shown     = 3  // repetitions shown
	saved     = 3  // rows that folding must save
	maxPeriod = 16 // calls that repeat together
)

// fold leaves out what repeats: neighbours that are alike, and groups of calls
// that come again and again, past the third time.
func fold(calls []recording.Event, limit int) []folded {
	var rows []folded
	for i := 0; i < len(calls); {
		p, times := repeats(calls[i:])
		keep := min(shown, max(1, 9/p))
		if times <= shown || (times-keep)*p < saved {
			rows = append(rows, folded{event: calls[i]})
			i++
			continue
		}
		for _, e := range calls[i : i+keep*p] {
			rows = append(rows, folded{event: e})
		}
		more := 0
		for _, e := range calls[i+keep*p : i+times*p] {
			more += e.Times()
		}
		rows = append(rows, folded{event: calls[i], more: more, of: p})
		i += times * p
	}
	rows = foldNoted(rows)
	return cut(rows, limit)
}

// cut says of what is past the limit only how much it is.
func cut(rows []folded, limit int) []folded {
	if len(rows) > limit {
		more := 0
		for _, r := range rows[limit:] {
			more += max(r.more, r.noted, r.event.Times())
		}
		rows = append(rows[:limit:limit], folded{more: more})
	}
	return rows
}

// foldNoted joins neighbours that went well and have the same note: what a
// library or the runtime does on its own account.
func foldNoted(rows []folded) []folded {
	var joined []folded
	for _, r := range rows {
		if n := len(joined); n > 0 && r.more == 0 && joined[n-1].more == 0 && sameNote(joined[n-1].event.Call, r.event.Call) {
			first := &joined[n-1]
			if first.names == nil {
				first.names, first.noted = []string{first.event.Call.Name}, first.event.Times()
			}
			if !slices.Contains(first.names, r.event.Call.Name) {
				first.names = append(first.names, r.event.Call.Name)
			}
			first.noted += r.event.Times()
			continue
		}
		joined = append(joined, r)
	}
	return joined
}

func sameNote(a, b *recording.Call) bool {
	return a != nil && b != nil && a.Note != "" && a.Note == b.Note && a.Errno == "" && b.Errno == ""
}

// repeats is the shortest group of calls at the start that comes more often than
// is shown, and how often it comes.
func repeats(calls []recording.Event) (period, times int) {
	for p := 1; p <= maxPeriod && p*(shown+1) <= len(calls); p++ {
		n := 1
		for (n+1)*p <= len(calls) && alike(calls[:p], calls[n*p:(n+1)*p]) {
			n++
		}
		if n > shown {
			return p, n
		}
	}
	return 1, 1
}

// alike reports whether the events are the same one by one: calls in name and
// outcome, frames in direction and kind.
func alike(a, b []recording.Event) bool {
	for i := range a {
		if kind(a[i]) != kind(b[i]) {
			return false
		}
	}
	return true
}

func kind(e recording.Event) [5]string {
	switch c, f := e.Call, e.Frame; {
	case c != nil:
		return [5]string{c.Name, c.Errno}
	case f != nil:
		return [5]string{f.Proto, f.Dir, f.Flags, f.Fault, f.ByHost}
	}
	return [5]string{}
}
