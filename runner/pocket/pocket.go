// Package pocket is a private network for one run, made without root: two hosts
// joined by a wire.
//
//	here    192.0.2.10, 2001:db8::10     the program runs here
//	there   one host, many addresses     the lab answers from here
//
// A network is made by the process that is to live in it, the *agent*: the
// caller's binary, started again in namespaces of its own (user, net, mount,
// pid, ipc, uts). Outside, the runner holds a [Pocket]; inside, the agent holds
// an [Inside] and runs the program. The two talk over descriptor 3, and all of
// the network is gone when either ends.
//
//	outside                                    inside
//
//	p, err := pocket.New(config)               in, err := pocket.Enter()
//	p.Run(ctx, command, func(ctx) error {      // two hosts and a wire are up
//	    ln, err := p.Listen(ctx, "tcp", ...)
//	})                                         err = in.Await()
//	                                           // run the program, in.Drain(call)
//	frames, err := p.Report(ctx)               err = in.Report(frames)
//
// The runner's sockets are *there*: the agent makes them and passes them out,
// and what the runner gets is an ordinary net.Listener or net.Conn. So nothing
// but the program runs inside, and all ports are free in every pocket.
//
// The wire carries every frame through the agent, which notes it and may drop,
// delay, repeat, reorder or reset as the package fault says. It is a pair of TAP
// devices or, where /dev/net/tun can't be opened, two pairs of veth devices: a
// packet socket at the host's end sees what it sends, and one at the inner end
// is written to.
//
// So that two runs of a program look alike, the hosts know each other's
// addresses and ask for none, TCP has neither timestamps nor tail-loss probes
// nor delayed acknowledgements, and frames to the program are handed over in
// complete bursts, when nothing more is coming and the program waits. What this
// can't promise: how a burst of more than 64 KiB is read, anything about a lab
// that pauses for more than 5 ms in the middle of an answer, or 20 ms where
// somebody waits for a processor, and anything about a program that does not
// wait for a quarter of a second.
//
// The package knows no lab and no tracer. It does not confine the program
// otherwise: files and processor time are the same as outside. It works on
// Linux; elsewhere all of it fails with errors.ErrUnsupported.
package pocket

import (
	"fmt"
	"net/netip"

	"sockets/runner/fault"
)

// A Config is what a pocket is to be. The zero value is two hosts with nobody
// on the other one.
type Config struct {
	Hosts  []Host        // the names and addresses of there
	Faults []fault.Fault // of the wire
	Binds  []Bind        // what must be visible though it lies below /tmp

	Wire string // WireTAP, WireVeth, or "" for the better one that there is

	// Unnoted has the wire note no frame: Frames gives none. A program that floods
	// the wire for nobody to see would fill the agent's memory, and the runner's.
	Unnoted bool
}

// A Host is a name of there, with its addresses.
type Host struct {
	Name  string // "www.lab.test"
	Addrs []netip.Addr
	Mute  bool // frames to it arrive, and nobody answers
}

// A Bind makes a file or folder of the machine visible to the program under
// another name. Programs have a /tmp of their own, empty but for these.
type Bind struct{ From, To string }

// The kinds of wire.
const (
	WireTAP  = "tap"
	WireVeth = "veth"
)

// Addresses that every pocket has. All its networks are reserved for
// documentation, RFC 5737 and RFC 3849.
var (
	Here4  = netip.MustParseAddr("192.0.2.10")   // the program's
	Here6  = netip.MustParseAddr("2001:db8::10") // likewise
	There4 = netip.MustParseAddr("192.0.2.1")    // that dials from there come from
	There6 = netip.MustParseAddr("2001:db8::1")  // likewise
	NS4    = netip.MustParseAddr("192.0.2.53")   // where the program asks for names
)

// HereName is the name of the program's host.
const HereName = "here.lab.test"

// prefix4 and prefix6 are the lengths of the networks' prefixes.
const (
	prefix4 = 24
	prefix6 = 64
)

// A Refused is a step of making a pocket that the machine does not allow.
type Refused struct {
	Step string // "make a user namespace"
	Err  error
	Help string // what would help
}

func (r *Refused) Error() string { return fmt.Sprintf("%s: %v; %s", r.Step, r.Err, r.Help) }

func (r *Refused) Unwrap() error { return r.Err }
