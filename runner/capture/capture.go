// Package capture turns a recording into files that other tools read:
// [Pcapng] has the frames as Wireshark does, [Strace] the calls as strace
// does. Both say of each which line of the program caused it.
//
// The frames are normalised, so that equal recordings make equal files: the
// bytes are those of package frame, and the times are stand-ins, see [Pcapng].
// The package writes no file and starts nothing.
package capture

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Frames begin at this time in a capture, and step is between two that have no
// pause between them.
var start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

const step = 100 * time.Microsecond

// Pcapng is the run's frames as a capture in the format pcapng, with comments:
// the line that caused a frame, why the kernel sent it by itself, what the wire
// did to it. A lost frame is there too, as the one who sent it saw it.
//
// The times tell the order and the pauses, cut to hundreds of milliseconds; the
// rest is made up.
func Pcapng(r *recording.Recording) ([]byte, error) {
	var buf bytes.Buffer
	w, err := pcapgo.NewNgWriterInterface(&buf, pcapgo.NgInterface{
		Name: "wire", LinkType: layers.LinkTypeEthernet, TimestampResolution: 9,
		Description: "the private network of one run, seen from the program's host",
	}, pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{
		Application: "runner", OS: strings.TrimSpace(r.Header.OS + " " + r.Header.Kernel), Hardware: r.Header.Arch,
		Comment: fmt.Sprintf("Run %s of %s. Normalised: ports, sequence numbers, identifications and times are stand-ins; the order, and pauses of 100 ms and more, are as they were.", r.Header.Run, program(r.Header)),
	}})
	if err != nil {
		return nil, fmt.Errorf("write pcapng: %w", err)
	}
	calls := make(map[int]recording.Event)
	for _, e := range r.Events {
		if e.Call != nil {
			calls[e.Call.ID] = e
		}
	}
	at := start
	for _, e := range r.Events {
		f := e.Frame
		if f == nil {
			continue
		}
		if f.Millis > 0 {
			at = at.Add(time.Duration(f.Millis) * time.Millisecond)
		}
		for range e.Times() {
			at = at.Add(step)
			info := gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(f.Data), Length: max(f.Size, len(f.Data))}
			if err := w.WritePacketWithOptions(info, f.Data, options(r.Header, e, calls)); err != nil {
				return nil, fmt.Errorf("write frame %d: %w", f.N, err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("write pcapng: %w", err)
	}
	return buf.Bytes(), nil
}

// options is a frame's direction and its comments.
func options(h recording.Header, e recording.Event, calls map[int]recording.Event) pcapgo.NgPacketOptions {
	f := e.Frame
	flags := &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionInbound}
	if f.Dir == recording.Out {
		flags.Direction = pcapgo.NgEpbFlagDirectionOutbound
	}
	var comments []string
	call := calls[f.Call]
	at := e.At
	if at == nil {
		at = call.At
	}
	var cause []string
	if at != nil {
		cause = append(cause, where(h, at))
	}
	if call.Call != nil {
		cause = append(cause, call.Call.Name)
	}
	if cause != nil {
		comments = append(comments, strings.Join(cause, " "))
	}
	if f.ByHost != "" {
		comments = append(comments, f.By())
	}
	if f.Fault != "" {
		comments = append(comments, "the wire: "+f.Fault)
	}
	return pcapgo.NgPacketOptions{Comments: comments, Flags: flags}
}

// where is the place as it stands in the repository, "lessons/04/main.go:31".
func where(h recording.Header, at *recording.Place) string {
	file := at.File
	if h.Lesson != "" {
		file = path.Join("lessons", h.Lesson, file)
	}
	return fmt.Sprintf("%s:%d", file, at.Line)
}

// program is what ran.
func program(h recording.Header) string {
	if h.Lesson == "" {
		return h.Program
	}
	return path.Join("lessons", h.Lesson, h.Program)
}
