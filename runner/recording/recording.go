// Package recording holds what one run of a lesson's program left behind: what
// it printed and, where the machine allowed it, the system calls it made and
// the frames those calls put on the wire.
//
// A recording is stored as JSON lines, recordings/NAME.jsonl: the first line is
// the [Header], every other line one [Event] in the order in which things
// happened. The stored form is normalised (see [Normalise]): what changes from
// run to run, such as an ephemeral port, has become a stable stand-in, so that
// two runs of the same program have equal recordings.
//
// The package knows values and text only. It runs nothing, reads no clock, and
// does not decide whether a run went as its author declared.
package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Levels, from the least to the most that a machine lets us see of a run.
const (
	LevelOutput = "output" // what the program printed
	LevelCalls  = "calls"  // + its system calls
	LevelFull   = "full"   // + the frames on its private network
)

// A Recording is all that one run left.
type Recording struct {
	Header Header
	Events []Event
}

// A Header says what was run, where, and how it ended.
type Header struct {
	Lesson  string   `json:"lesson"`         // "03"
	Run     string   `json:"run"`            // "main", or the name in the front matter
	Program string   `json:"program"`        // "main.go" or "pitfalls/NAME"
	Args    []string `json:"args,omitempty"` // as the program got them, normalised
	Level   string   `json:"level"`          // LevelOutput, LevelCalls or LevelFull
	Go      string   `json:"go"`             // "go1.26.8"
	OS      string   `json:"os"`             // GOOS
	Arch    string   `json:"arch"`           // GOARCH
	Kernel  string   `json:"kernel,omitempty"`

	// Where the lab was: "web" is 192.0.2.80:80, "web6" its IPv6 address. And what
	// its hosts are called, where it had some: 192.0.2.80 is www.lab.test.
	Lab   map[string]string `json:"lab,omitempty"`
	Hosts map[string]string `json:"hosts,omitempty"`

	Hidden  int `json:"hidden,omitempty"`  // calls that no line of the lesson made, left out
	Dropped int `json:"dropped,omitempty"` // calls beyond as many as are kept of a run
	End     End `json:"end"`
}

// An End says how a program ended: by itself with an exit code, by a signal, or
// not at all before its deadline, so that the runner stopped it.
type End struct {
	Exit     int     `json:"exit"`               // exit code; -1 if it did not exit by itself
	Signal   string  `json:"signal,omitempty"`   // "SIGPIPE", if a signal ended it
	Deadline string  `json:"deadline,omitempty"` // "2s", if it was still going then
	Waiting  []Place `json:"waiting,omitempty"`  // where the lesson's goroutines stood at the deadline
	Cut      bool    `json:"cut,omitempty"`      // it printed more than the runner keeps and was stopped
}

// A Place is a line of one of the lesson's own files.
type Place struct {
	File string `json:"file"` // relative to the lesson: "main.go", "pitfalls/NAME/main.go"
	Line int    `json:"line"` // from 1
	Func string `json:"func,omitempty"`
}

// An Event is one thing that happened: exactly one of Output, Call and Frame is
// set. Equal neighbours are one event with a count.
type Event struct {
	At        *Place  `json:"at,omitempty"`        // the line that caused it, where the level tells
	Inherited bool    `json:"inherited,omitempty"` // At is the line that started the goroutine
	Goroutine int     `json:"g,omitempty"`         // 0 where the level does not tell
	Count     int     `json:"count,omitempty"`     // how many times in a row; 0 means once
	Output    *Output `json:"output,omitempty"`
	Call      *Call   `json:"call,omitempty"`
	Frame     *Frame  `json:"frame,omitempty"`
}

// Times is how many times in a row the event happened, at least 1.
func (e Event) Times() int { return max(e.Count, 1) }

// An Output is text that the program printed.
type Output struct {
	Stream string `json:"stream"` // Stdout or Stderr
	Text   string `json:"text"`   // a line with its newline at level output; one write's bytes above it
}

// The streams of an [Output].
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// A Call is one system call, decoded: name(args) = result.
type Call struct {
	ID     int      `json:"id"` // from 1, in the order in which calls began; frames refer to it
	Name   string   `json:"name"`
	Args   []string `json:"args"`
	Result string   `json:"result"`          // "0", "18", "-1", "?" if the program ended in it
	Errno  string   `json:"errno,omitempty"` // "ECONNREFUSED"
	FD     string   `json:"fd,omitempty"`    // what its descriptor is: "TCP 192.0.2.10:50001 > 192.0.2.80:80"
	Note   string   `json:"note,omitempty"`  // one sentence, e.g. why a probe was made
	Millis int64    `json:"ms,omitempty"`    // how long it took, if that was long enough to matter, in hundreds
}

// A Frame is one frame on the wire between here and there.
type Frame struct {
	N       int      `json:"n"`                 // its place on the wire, from 1
	Dir     string   `json:"dir"`               // Out from the program's host, In to it
	Proto   string   `json:"proto"`             // "TCP", "UDP", "ICMP", "ICMPv6", "ARP"
	From    string   `json:"from,omitempty"`    // endpoint, "192.0.2.10:50001", or an address
	To      string   `json:"to,omitempty"`      // likewise
	Flags   string   `json:"flags,omitempty"`   // of TCP: "SYN", "SYN,ACK", "PSH,ACK"
	Seq     uint32   `json:"seq,omitempty"`     // of TCP, relative to the first of its direction
	Ack     uint32   `json:"ack,omitempty"`     // likewise
	Len     int      `json:"len,omitempty"`     // bytes of payload above the transport
	Options []string `json:"options,omitempty"` // of TCP: "MSS 1460", "window scale 7"
	Summary string   `json:"summary"`           // one line: "SYN seq 0", "DNS query A www.lab.test"
	Millis  int64    `json:"ms,omitempty"`      // since the frame before, if long enough to matter, in hundreds
	Lost    bool     `json:"lost,omitempty"`    // dropped by a fault of the wire
	Fault   string   `json:"fault,omitempty"`   // what the wire did to it: "dropped", "delayed 200ms"
	ByHost  string   `json:"by_host,omitempty"` // why the kernel sent it by itself: "ACK", "retransmission"
	Call    int      `json:"call,omitempty"`    // ID of the call that sent it or, of an incoming frame, took it
	Size    int      `json:"size"`              // bytes on the wire
	Data    []byte   `json:"data,omitempty"`    // its first bytes, normalised
}

// The directions of a [Frame].
const (
	Out = "out"
	In  = "in"
)

// By says which kernel sent the frame by itself, the program's or the other
// one, and why, where its flags don't tell; "" if no kernel did.
func (f *Frame) By() string {
	switch {
	case f.ByHost == "":
		return ""
	case f.Dir == In && f.ByHost == f.Flags:
		return "by the other kernel"
	case f.Dir == In:
		return "by the other kernel: " + f.ByHost
	case f.ByHost == f.Flags:
		return "by the kernel itself"
	}
	return "by the kernel itself: " + f.ByHost
}

// Printed is everything the run printed on the named stream, in order.
func (r *Recording) Printed(stream string) string {
	var b strings.Builder
	for _, e := range r.Events {
		if e.Output != nil && e.Output.Stream == stream {
			b.WriteString(strings.Repeat(e.Output.Text, e.Times()))
		}
	}
	return b.String()
}

// At is the events that the line of the file caused, in order.
func (r *Recording) At(file string, line int) []Event {
	var at []Event
	for _, e := range r.Events {
		if e.At != nil && e.At.Line == line && e.At.File == file {
			at = append(at, e)
		}
	}
	return at
}

// Encode writes the recording as JSON lines, the header first.
func (r *Recording) Encode() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.Header); err != nil {
		return nil, fmt.Errorf("encode header: %w", err)
	}
	for _, e := range r.Events {
		if err := enc.Encode(e); err != nil {
			return nil, fmt.Errorf("encode event: %w", err)
		}
	}
	return buf.Bytes(), nil
}

// Decode reads what Encode wrote. Its errors name the line.
func Decode(data []byte) (*Recording, error) {
	var r Recording
	n := 0
	for line := range bytes.Lines(data) {
		n++
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if n == 1 {
			if err := dec.Decode(&r.Header); err != nil {
				return nil, fmt.Errorf("line 1: not a recording's header: %w", err)
			}
			continue
		}
		var e Event
		if err := dec.Decode(&e); err != nil {
			return nil, fmt.Errorf("line %d: not an event: %w", n, err)
		}
		if kinds := e.kinds(); kinds != 1 {
			return nil, fmt.Errorf("line %d: an event is one of output, call, frame; this one has %d of them", n, kinds)
		}
		r.Events = append(r.Events, e)
	}
	if n == 0 {
		return nil, errors.New("line 1: the file is empty; a recording starts with its header")
	}
	return &r, nil
}

func (e Event) kinds() int {
	n := 0
	for _, has := range []bool{e.Output != nil, e.Call != nil, e.Frame != nil} {
		if has {
			n++
		}
	}
	return n
}
