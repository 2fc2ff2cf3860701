package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a line of text may ask for.
const (
	maxDelay = time.Minute
	maxAfter = 1 << 30
)

var (
	actions = []Action{Drop, Delay, Duplicate, Reorder, Reset}
	dirs    = []string{Out, In}
	kinds   = []Kind{SYN, SYNACK, ACK, FIN, RST, Data, UDP, DNS, ICMP, Any}
)

// A Mistake is what can't be right in a fault's text: what it is, and what
// would be right.
type Mistake struct{ What, Right string }

func (m *Mistake) Error() string { return m.What + "; " + m.Right }

func mistake(right, what string, args ...any) error {
	return &Mistake{What: fmt.Sprintf(what, args...), Right: right}
}

// Parse reads a fault. Its errors are of type *Mistake.
func Parse(text string) (Fault, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Fault{}, mistake(`write one like "drop in SYN,ACK 1"`, "the fault is empty")
	}
	f := Fault{Action: Action(words[0])}
	if !slices.Contains(actions, f.Action) {
		return Fault{}, mistake("it can "+list(actions), "%q: the wire can't %q", text, words[0])
	}
	if len(words) < 2 || !slices.Contains(dirs, words[1]) {
		return Fault{}, mistake("after "+words[0]+" comes out (from the program) or in (to it)", "%q names no direction", text)
	}
	f.Dir = words[1]
	if f.Action == Reset {
		return f, f.parseReset(text, words[2:])
	}
	return f, f.parseFrames(text, words[2:])
}

// parseReset reads the "after 5000 bytes" of a reset.
func (f *Fault) parseReset(text string, words []string) error {
	right := fmt.Sprintf("write %q", "reset "+f.Dir+" after 5000 bytes")
	if len(words) != 3 || words[0] != "after" || words[2] != "bytes" {
		return mistake(right, "%q does not say after how many bytes", text)
	}
	n, err := strconv.Atoi(words[1])
	if err != nil || n < 1 || n > maxAfter {
		return mistake(right, "%q: %q is no number of bytes from 1 to %d", text, words[1], maxAfter)
	}
	f.After = n
	return nil
}

// parseFrames reads the "data 2 200ms" of all others.
func (f *Fault) parseFrames(text string, words []string) error {
	example := fmt.Sprintf("%s %s SYN 1", f.Action, f.Dir)
	if f.Action == Delay {
		example += " 200ms"
	}
	want := strings.Count(example, " ") - 1
	if len(words) != want {
		return mistake(fmt.Sprintf("write one like %q", example), "%q has %d words, want %d", text, len(words)+2, want+2)
	}
	f.Kind = Kind(words[0])
	if !slices.Contains(kinds, f.Kind) {
		return mistake("frames are "+list(kinds), "%q: there are no frames called %q", text, words[0])
	}
	if words[1] != "*" {
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 1 {
			return mistake("write a number from 1, or * for every one", "%q: %q does not say which of the frames", text, words[1])
		}
		f.N = n
	}
	if f.Action != Delay {
		return nil
	}
	by, err := time.ParseDuration(words[2])
	if err != nil || by <= 0 || by > maxDelay {
		return mistake("write one like 200ms or 1.5s", "%q: %q is no time up to %v", text, words[2], maxDelay)
	}
	f.By = by
	return nil
}

func list[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
