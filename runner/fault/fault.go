// Package fault says what a wire does wrong, and to which frames. A fault is a
// line of text, as it stands in a lesson's front matter:
//
//	drop in SYN,ACK 1            the first SYN-ACK to the program is lost
//	drop out SYN *               every SYN of the program is lost
//	delay in data 2 200ms        the second segment with data comes late
//	duplicate out dns 1          the first DNS message is sent twice
//	reorder in data 1            the first segment with data comes after the second
//	reset in after 5000 bytes    the wire resets a connection that has brought 5,000 bytes
//
// The first word is what is done; out is from the program's host, in to it.
// Then comes which frames are meant, and which of these: their number, from 1,
// in that direction, or * for every one. The frames are:
//
//	SYN  SYN,ACK  ACK  FIN  RST    TCP by flags; ACK is a segment with nothing else
//	data                           TCP with at least one byte
//	udp  dns  icmp  any            dns is port 53, icmp both versions, any all of these
//
// So loss is the same in each run. The package is text, values and bytes; it
// opens no device and waits for nothing: the wire asks a [Plan] what to do.
package fault

import (
	"fmt"
	"time"
)

// An Action is what the wire does to a frame.
type Action string

// The actions of a [Fault].
const (
	Drop      Action = "drop"
	Delay     Action = "delay"
	Duplicate Action = "duplicate"
	Reorder   Action = "reorder" // it changes places with the next one meant
	Reset     Action = "reset"   // RST to both ends
)

// The directions of a [Fault].
const (
	Out = "out" // from the program's host
	In  = "in"  // to the program's host
)

// A Kind is the frames that are meant: "SYN,ACK", "data".
type Kind string

// The kinds of frames.
const (
	SYN    Kind = "SYN"
	SYNACK Kind = "SYN,ACK"
	ACK    Kind = "ACK"
	FIN    Kind = "FIN"
	RST    Kind = "RST"
	Data   Kind = "data"
	UDP    Kind = "udp"
	DNS    Kind = "dns"
	ICMP   Kind = "icmp"
	Any    Kind = "any"
)

// A Fault is one thing that the wire does wrong.
type Fault struct {
	Action Action
	Dir    string        // Out or In
	Kind   Kind          // the frames meant; empty for Reset
	N      int           // which of them, from 1; 0 is every one
	By     time.Duration // of Delay
	After  int           // of Reset: bytes of one connection, in that direction
}

// String is the fault's text, which Parse reads.
func (f Fault) String() string {
	if f.Action == Reset {
		return fmt.Sprintf("reset %s after %d bytes", f.Dir, f.After)
	}
	n := "*"
	if f.N > 0 {
		n = fmt.Sprint(f.N)
	}
	text := fmt.Sprintf("%s %s %s %s", f.Action, f.Dir, f.Kind, n)
	if f.Action == Delay {
		text += " " + f.By.String()
	}
	return text
}
