package frame

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sockets/runner/recording"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A run keeps its frames whole until they are this many bytes together; of a
// frame after that, it keeps the first.
const (
	wholeBytes = 64 << 10
	firstBytes = 128
)

// Decode turns what the wire carried into frames, numbered from 1. A lost frame
// has a number too. The frames are normalised: ports become their stand-ins,
// sequence numbers count from 0 on both sides of a connection, and what else
// changes from run to run (see [recording.Frame], Data) is made stable, with
// checksums to match; a checksum that was wrong stays wrong. The size of a TCP
// window depends on when a program reads: of each side, only its first stays,
// and 0, which is the one that says something. Of full segments that follow each
// other at once, only the last keeps its PSH.
//
// Of two frames that the wire made of one, the first is the sender's, without a
// fault. A call that was going on when the kernel sent something by itself did
// not send it, so the frame has no call then.
//
// Bytes that are no such frame are kept with a summary that says so; Decode
// never panics. It does not change raws.
func Decode(raws []Raw, ports *Ports) []recording.Frame {
	d := decoder{
		ports: ports,
		conns: make(map[connKey]*conn),
		dns:   numbers{}, echo: numbers{}, fragment: numbers{},
	}
	frames := make([]recording.Frame, len(raws))
	mid := midBurst(raws)
	for _, i := range sent(raws) {
		raw := raws[i]
		d.mid = mid[i]
		f := recording.Frame{N: i + 1, Dir: raw.Dir, Lost: raw.Lost, Fault: raw.Fault, Call: raw.Call, Size: len(raw.Data)}
		if i > 0 {
			f.Millis = hundreds(raw.At - raws[i-1].At)
		}
		if original(raws, i) {
			f.Fault = ""
		}
		f.Data = bytes.Clone(raw.Data)
		d.ethernet(&f)
		if f.Summary == "" {
			f.Summary = size(len(raw.Data)) + ", not understood"
		}
		frames[i] = f
	}
	kept := 0
	for i := range frames {
		f := &frames[i]
		if kept += len(f.Data); kept > wholeBytes && len(f.Data) > firstBytes {
			f.Data = bytes.Clone(f.Data[:firstBytes])
		}
	}
	return frames
}

// sent is the order in which the frames were sent. It is that of the wire but
// for those that came in late, which the wire has where they arrived.
func sent(raws []Raw) []int {
	order := make([]int, len(raws))
	at := make([]time.Duration, len(raws))
	for i, raw := range raws {
		order[i] = i
		if at[i] = raw.At; i > 0 {
			at[i] = max(at[i], at[i-1]) // the order of the wire holds, whatever its clock says
		}
	}
	for i, raw := range raws {
		late, delayed := strings.CutPrefix(raw.Fault, "delayed ")
		if by, err := time.ParseDuration(late); err == nil && delayed && raw.Dir == recording.In {
			at[i] -= by
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at[a], at[b]) })
	return order
}

// original reports whether the frame is the first of two that are the same, of
// which the second is the wire's work.
func original(raws []Raw, i int) bool {
	twin := func(i, j int) bool {
		a, b := raws[i], raws[j]
		return a.Fault == duplicate && b.Fault == duplicate && a.Dir == b.Dir && bytes.Equal(a.Data, b.Data)
	}
	before := 0
	for i-before > 0 && twin(i-before-1, i) {
		before++
	}
	return before%2 == 0 && i+1 < len(raws) && twin(i, i+1)
}

// hundreds is the time in milliseconds, cut to hundreds. A timer of the kernel
// may be a tick early and is often late: 998 ms are 1000, and so are 1070.
func hundreds(d time.Duration) int64 {
	return max(0, (d.Milliseconds()+20)/100*100)
}

// A decoder is the state of one Decode: what it knows of the connections so
// far, and the stand-ins it gave.
type decoder struct {
	ports *Ports
	conns map[connKey]*conn
	mid   bool    // the frame is a segment in the midst of a burst
	dns   numbers // of DNS messages
	echo  numbers // of ICMP echo requests
	// fragment has the identifications of fragmented datagrams, which must
	// stay equal within one.
	fragment numbers
}

// numbers gives 1 to the first that it sees, 2 to the next.
type numbers map[uint32]int

func (n numbers) stand(id uint32) int {
	if _, ok := n[id]; !ok {
		n[id] = len(n) + 1
	}
	return n[id]
}

// ethernet decodes the frame's data and normalises them in place, as do the
// functions below for the layers above.
func (d *decoder) ethernet(f *recording.Frame) {
	var eth layers.Ethernet
	if err := eth.DecodeFromBytes(f.Data, gopacket.NilDecodeFeedback); err != nil {
		f.Proto = "Ethernet"
		return
	}
	d.hardware(f.Dir, f.Data[0:6], false)
	d.hardware(f.Dir, f.Data[6:12], true)
	switch body := f.Data[14:]; eth.EthernetType {
	case layers.EthernetTypeARP:
		d.arp(f, body)
	case layers.EthernetTypeIPv4:
		d.ipv4(f, body)
	case layers.EthernetTypeIPv6:
		d.ipv6(f, body)
	default:
		f.Proto = fmt.Sprintf("Ethernet %#04x", binary.BigEndian.Uint16(f.Data[12:14]))
	}
}

// Stand-ins for hardware addresses that the kernel invented: the program's
// host and the one at the other end.
var here, there = [6]byte{2, 0, 0, 0, 0, 0x10}, [6]byte{2, 0, 0, 0, 0, 0x80}

// hardware replaces the address of the frame's sender or, not from, of its
// receiver. Addresses of groups, none at all and those that begin with 02:00:00,
// which somebody chose, stay.
func (d *decoder) hardware(dir string, addr []byte, from bool) {
	group, none := addr[0]&1 == 1, bytes.Equal(addr, make([]byte, 6))
	if group || none || bytes.HasPrefix(addr, []byte{2, 0, 0}) {
		return
	}
	if from == (dir == recording.Out) {
		copy(addr, here[:])
	} else {
		copy(addr, there[:])
	}
}

func (d *decoder) arp(f *recording.Frame, body []byte) {
	f.Proto, f.ByHost = "ARP", "chatter"
	var arp layers.ARP
	if err := arp.DecodeFromBytes(body, gopacket.NilDecodeFeedback); err != nil || arp.HwAddressSize != 6 || arp.ProtAddressSize != 4 {
		return
	}
	from, _ := netip.AddrFromSlice(arp.SourceProtAddress)
	to, _ := netip.AddrFromSlice(arp.DstProtAddress)
	f.From, f.To = from.String(), to.String()
	d.hardware(f.Dir, body[8:14], true)
	d.hardware(f.Dir, body[18:24], false)
	switch arp.Operation {
	case layers.ARPRequest:
		f.Summary = fmt.Sprintf("who has %s? tell %s", f.To, f.From)
	case layers.ARPReply:
		f.Summary = fmt.Sprintf("%s is at %s", f.From, hardwareText(body[8:14]))
	}
}

func hardwareText(b []byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
}

// size is the number of bytes in words.
func size(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}
