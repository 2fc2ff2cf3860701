// Package frame turns what a wire carried into values: bytes become a
// [recording.Frame] with its flags, its numbers as they are relative to the
// connection, the reason why the kernel sent it where no call did, and a
// normalised copy of its bytes, so that two runs of one program have equal
// frames.
//
// Ethernet with ARP, IPv4, IPv6, TCP, UDP, ICMP, ICMPv6 and, above UDP, DNS are
// understood; anything else is kept, by name and size.
//
// Why the kernel sent a frame by itself, ByHost, is one of:
//
//	ACK                 something arrived
//	duplicate ACK       something arrived out of order, or twice
//	window update       a program has read, and there is room again
//	window probe        is there room again?
//	keep-alive          are you still there?
//	retransmission      no ACK came in time
//	SYN,ACK             a port listens; no program has accepted yet
//	RST: nobody listens
//	RST: no such connection     a segment for a connection that is not, or no more
//	RST: data after close       data for a socket whose program has closed it
//	RST: closed with unread input
//	RST at exit, FIN at exit    the program ended and closed nothing
//	nobody listens, no way to deliver, TTL reached 0    an ICMP error
//	echo reply
//	chatter             ARP, neighbour discovery, group membership
//
// The package opens no device, reads no clock and ties frames to calls only by
// what both say of themselves, see [Tie].
package frame

import "time"

// The faults that Decode must tell from others: the wire itself made the frame.
const (
	duplicate = "duplicate"
	wireReset = "reset by the wire"
)

// invented reports whether the wire made the frame.
func invented(fault string) bool { return fault == duplicate || fault == wireReset }

// A Raw is one frame as the wire saw it, in the order of the wire.
type Raw struct {
	Dir   string        // recording.Out from the program's host, recording.In to it
	At    time.Duration // since the wire came up
	Data  []byte        // Ethernet, from the destination's address on, without checksum
	Lost  bool          // dropped by the wire, so that it reached nobody
	Fault string        // what the wire did: "dropped", "delayed 200ms", "duplicate" (both of them), "reordered", "reset by the wire"
	Call  int           // ID of the call that sent it, 0 if the kernel did so by itself or it came in
}
