package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A Conversation is what passed between the judge's peer and the program, in
// order, as the peer saw it.
type Conversation []Turn

// A Turn is one side speaking until the other does, or a note between.
type Turn struct {
	At     time.Duration `json:"at"`               // when it began, from the start of the conversation
	Till   time.Duration `json:"till,omitempty"`   // when its last piece passed, if later
	Who    Who           `json:"who"`              // who spoke
	Peer   string        `json:"peer,omitempty"`   // over which of our connections, if there are several
	Bytes  []byte        `json:"bytes,omitempty"`  // what was said; perhaps only its beginning
	Size   int           `json:"size,omitempty"`   // how much was said, if that is more than Bytes holds
	Pieces int           `json:"pieces,omitempty"` // in how many writes or reads; 0 is one
	Note   string        `json:"note,omitempty"`   // of [Nobody]: "we closed our side"
	Left   int           `json:"left,omitempty"`   // so many turns were not kept, and this stands in their place
}

// Who is the direction of a turn.
type Who string

// The two ends of a conversation, and nobody, who only notes what happened.
const (
	Nobody  Who = ""
	We      Who = "we"      // the judge's peer
	Program Who = "program" // the submission
)

// Len is how many bytes the turn carried.
func (t Turn) Len() int { return max(t.Size, len(t.Bytes)) }

// Named is the conversation as that of one connection among several.
func (c Conversation) Named(peer string) Conversation {
	named := slices.Clone(c)
	for i := range named {
		named[i].Peer = peer
	}
	return named
}

// Together is several conversations that began at the same time as one, in the
// order of time.
func Together(all ...Conversation) Conversation {
	one := slices.Concat(all...)
	slices.SortStableFunc(one, func(a, b Turn) int { return cmp.Compare(a.At, b.At) })
	return one
}

// What is the turn in words, its bytes left out: "we sent 18 bytes in 18 pieces".
func (t Turn) What() string {
	if t.Peer != "" {
		peer := line(t.Peer)
		t.Peer = ""
		return peer + ": " + t.What()
	}
	if t.Left > 0 {
		return count(t.Left, "turn") + " were not kept"
	}
	if t.Who == Nobody {
		return line(t.Note)
	}
	verb := "came"
	if t.Who == We {
		verb = "we sent"
	}
	text := fmt.Sprintf("%s %s", verb, count(t.Len(), "byte"))
	if t.Pieces > 1 {
		text += fmt.Sprintf(" in %d pieces", t.Pieces)
	}
	if t.Till > t.At {
		text += fmt.Sprintf(" until %s", millis(t.Till))
	}
	if t.Note != "" {
		text += ", " + line(t.Note)
	}
	return text
}

// millis is a duration as every rendering shows it: "12.3 ms".
func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// count is "1 byte", "2 bytes", "1,000 bytes".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// thousands writes n with commas.
func thousands(n int) string {
	if n < 0 {
		return fmt.Sprint(n)
	}
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
