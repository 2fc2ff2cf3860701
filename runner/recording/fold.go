package recording

// Fold makes equal neighbours among the recording's events one event with a
// count, and numbers the calls anew in their order, so that they have no gaps;
// frames follow. Equal are
//
//   - output: the same text of the same stream by the same line;
//   - calls: the same call by the same line with the same result. The bytes that
//     it moved may be others: from the second of such calls on they are "...".
//
// 8,045 reads of one byte become the first of them and 8,044 more.
func (r *Recording) Fold() {
	var folded []Event
	into := make(map[int]int) // calls by their old number
	calls := 0
	for _, e := range r.Events {
		n := len(folded)
		var last *Event
		if n > 0 {
			last = &folded[n-1]
		}
		switch {
		case last != nil && last.prints(e):
			last.Count = last.Times() + e.Times()
			continue
		case e.Call != nil:
			if last != nil && last.repeats(e) {
				last.Count = last.Times() + e.Times()
				into[e.Call.ID] = last.Call.ID
				continue
			}
			calls++
			into[e.Call.ID] = calls
			if last != nil && e.Call.hasBytes() && last.moves(e) {
				e.Call.Args[1] = others
			}
			e.Call.ID = calls
		}
		folded = append(folded, e)
	}
	for _, e := range folded { // a frame may have come in before the call that took it
		if e.Frame != nil {
			e.Frame.Call = into[e.Frame.Call]
		}
	}
	r.Events = folded
}

// others stands for the bytes of calls that are alike but for those.
const others = "..."

// prints reports whether both events are the same output by the same line.
func (e *Event) prints(o Event) bool {
	return e.Output != nil && o.Output != nil && *e.Output == *o.Output && e.alike(o)
}

// alike reports whether both events have the same cause.
func (e *Event) alike(o Event) bool {
	same := e.At == o.At || e.At != nil && o.At != nil && *e.At == *o.At
	return same && e.Inherited == o.Inherited && e.Goroutine == o.Goroutine
}

// repeats reports whether o is the same call as e once more, where e stands for
// several already, or moved the same bytes.
func (e *Event) repeats(o Event) bool {
	if !e.moves(o) {
		return false
	}
	a, b := e.Call, o.Call
	return !a.hasBytes() || a.Args[1] == others || a.Args[1] == b.Args[1]
}

// moves reports whether o is the same call as e, but for the bytes it moved.
func (e *Event) moves(o Event) bool {
	a, b := e.Call, o.Call
	if a == nil || b == nil || !e.alike(o) || len(a.Args) != len(b.Args) {
		return false
	}
	if a.Name != b.Name || a.Result != b.Result || a.Errno != b.Errno || a.FD != b.FD || a.Note != b.Note {
		return false
	}
	for i := range a.Args {
		bytes := i == 1 && a.hasBytes()
		if a.Args[i] != b.Args[i] && !bytes {
			return false
		}
	}
	return true
}

// hasBytes reports whether the call's second argument is the bytes it moved.
func (c *Call) hasBytes() bool { return c.Moves() != "" && len(c.Args) > 1 }

// moving are the calls that take or give a part of a stream.
var moving = map[string]string{
	"read": "read", "readv": "read", "recvfrom": "read", "recvmsg": "read", "pread64": "read",
	"write": "write", "writev": "write", "sendto": "write", "sendmsg": "write", "pwrite64": "write",
}

// Moves is "read" for a call that takes bytes from a descriptor, its first
// argument, "write" for one that gives it some, and "" for others.
func (c *Call) Moves() string { return moving[c.Name] }
