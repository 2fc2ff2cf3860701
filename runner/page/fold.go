package page

import "sockets/runner/recording"

// A folded is a call to show, or the number of those like the ones before it
// that are not.
type folded struct {
	event recording.Event
	more  int // calls left out here
	of    int // how many calls repeat; 1 for neighbours
}

// Bounds of folding.
const (
	shown     = 3   // repetitions shown
	maxPeriod = 16  // calls that repeat together
	maxRows   = 160 // of one list
)

// fold leaves out what repeats: neighbours that are alike, and groups of calls
// that come again and again, past the third time.
func fold(calls []recording.Event) []folded {
	var rows []folded
	for i := 0; i < len(calls); {
		p, times := repeats(calls[i:])
		keep := min(shown, max(1, 9/p))
		if times <= shown {
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
	if len(rows) > maxRows {
		more := 0
		for _, r := range rows[maxRows:] {
			more += max(r.more, r.event.Times())
		}
		rows = append(rows[:maxRows:maxRows], folded{more: more})
	}
	return rows
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

// alike reports whether the calls are the same in name and outcome, one by one.
func alike(a, b []recording.Event) bool {
	for i := range a {
		x, y := a[i].Call, b[i].Call
		if x.Name != y.Name || x.Errno != y.Errno {
			return false
		}
	}
	return true
}
