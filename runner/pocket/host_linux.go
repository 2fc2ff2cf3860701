package pocket

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// device is what the wire's end is called on both hosts.
const device = "eth0"

// mtu is that of Ethernet.
const mtu = 1500

// queue is how many frames may wait for the wire at a host: those of a crowd that
// connects at once.
const queue = 4096

// The hardware addresses of the two hosts, from the part of the range that is
// for private use.
var (
	hereMAC  = net.HardwareAddr{0x02, 0, 0, 0, 0, 0x10}
	thereMAC = net.HardwareAddr{0x02, 0, 0, 0, 0, 0x01}
)

// A host is one of the two, as it is to be. Its link-local address is the
// first of its addresses with another prefix.
type host struct {
	mac     net.HardwareAddr
	addrs   []netip.Addr
	link    netip.Addr   // its link-local address
	peer    []netip.Addr // addresses of the other host
	peerMAC net.HardwareAddr

	settings []setting
}

// hosts is the two hosts of the config.
func (c *Config) hosts() (here, there host) {
	here = host{
		mac: hereMAC, addrs: []netip.Addr{Here4, Here6}, link: netip.MustParseAddr("fe80::10"),
		peerMAC: thereMAC, settings: settings,
	}
	there = host{
		mac: thereMAC, addrs: []netip.Addr{There4, There6}, link: netip.MustParseAddr("fe80::1"),
		peer: append(here.addrs, here.link), peerMAC: hereMAC,
		settings: append(settings[:len(settings):len(settings)], thereOnly...),
	}
	here.peer = append(append([]netip.Addr{}, there.addrs...), there.link)
	for _, h := range c.Hosts {
		here.peer = append(here.peer, h.Addrs...)
		if !h.Mute {
			there.addrs = append(there.addrs, h.Addrs...)
		}
	}
	return here, there
}

// A setting is a file below /proc/sys/net.
type setting struct{ name, value string }

// settings is what makes two runs alike, for the network namespace of the
// calling thread, below /proc/sys/net. A kernel that lacks one keeps its ways.
var settings = []setting{
	{"ipv4/ip_unprivileged_port_start", "0"},
	{"ipv4/ping_group_range", "0 0"}, // ICMP sockets for our only group
	// Wide: the kernel picks at random, and may give a port to two connections if
	// their peers differ. A recording could not tell them apart.
	{"ipv4/ip_local_port_range", "32768 60999"},
	{"ipv4/icmp_ratelimit", "0"},
	{"ipv6/icmp/ratelimit", "0"},
	{"ipv4/tcp_congestion_control", "reno"}, // the only one that every kernel has
	{"ipv4/tcp_timestamps", "0"},            // numbers that differ in every segment
	{"ipv4/tcp_ecn", "0"},
	{"ipv4/tcp_rmem", "4096 131072 6291456"},
	{"ipv4/tcp_wmem", "4096 16384 4194304"},
	{"ipv4/tcp_moderate_rcvbuf", "0"}, // follows the round-trip time
	{"ipv4/tcp_no_metrics_save", "1"},
	{"ipv4/tcp_early_retrans", "0"}, // tail-loss probes, after a few milliseconds
	{"ipv4/tcp_autocorking", "0"},   // merges segments that wait for the wire
	{"ipv4/tcp_slow_start_after_idle", "0"},
	{"ipv4/tcp_mtu_probing", "0"},
	// Before the device has an address, so that none is asked for.
	{"ipv6/conf/all/disable_ipv6", "0"},
	{"ipv6/conf/default/disable_ipv6", "0"},
	{"ipv6/conf/all/accept_ra", "0"},
	{"ipv6/conf/default/accept_ra", "0"},
	{"ipv6/conf/default/accept_dad", "0"},
	{"ipv6/conf/default/dad_transmits", "0"},
	{"ipv6/conf/default/router_solicitations", "0"},
	{"ipv6/auto_flowlabels", "0"},
}

// thereOnly is the settings of there besides. A lost SYN is sent again after a
// second by whoever sent it. Were a lost SYN-ACK, too, both ends would send
// again at the same time, and who comes first is chance.
var thereOnly = []setting{{"ipv4/tcp_synack_retries", "0"}}

func set(settings []setting) error {
	for _, s := range settings {
		// To write some of them takes the lock of all networks, for which the kernel
		// does not wait but tries again and again: with many pockets at once, a
		// processor is busy with nothing else.
		if now, err := os.ReadFile("/proc/sys/net/" + s.name); err == nil && strings.Join(strings.Fields(string(now)), " ") == s.value {
			continue
		}
		if s.name == "ipv4/ping_group_range" && os.WriteFile("/proc/sys/net/"+s.name, []byte("0 65534"), 0) == nil {
			continue // root has lent us a second group
		}
		err := os.WriteFile("/proc/sys/net/"+s.name, []byte(s.value), 0)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !ignorable(s.name, err) {
			return &Refused{"set " + strings.ReplaceAll(s.name, "/", "."), err, "/proc/sys/net must be writable in a network namespace of one's own"}
		}
	}
	return nil
}

// ignorable reports whether a setting may fail: some belong to the machine on
// some kernels, and to each network on others.
func ignorable(name string, err error) bool {
	return strings.Contains(name, "icmp") && (errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM))
}

// configure sets the calling thread's network namespace up as the host, once
// the device is there.
func (h host) configure() error {
	nl, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("open a netlink socket: %w", err)
	}
	defer nl.Close()
	lo, err := nl.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find lo: %w", err)
	}
	eth, err := nl.LinkByName(device)
	if err != nil {
		return fmt.Errorf("find %s: %w", device, err)
	}
	var errs []error
	do := func(what string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
		}
	}
	do("bring lo up", nl.LinkSetUp(lo))
	do("set the hardware address", nl.LinkSetHardwareAddr(eth, h.mac))
	do("set the MTU", nl.LinkSetMTU(eth, mtu))
	do("make room for frames", nl.LinkSetTxQLen(eth, queue))
	// TCP else makes large segments, as large as the round-trip time suggests, and
	// where they are cut shows in the PSH of the last part.
	do("make TCP cut segments itself", nl.LinkSetGSOMaxSegs(eth, 1))
	// No link-local address but the one we give. As a setting of the network, this
	// would have to be tried for again and again; see set.
	const addrGenModeNone = 1 // IN6_ADDR_GEN_MODE_NONE
	do("make no address", nl.LinkSetIP6AddrGenMode(eth, addrGenModeNone))
	do("bring "+device+" up", nl.LinkSetUp(eth))
	for _, a := range append(h.addrs[:len(h.addrs):len(h.addrs)], h.link) {
		do("add "+a.String(), nl.AddrAdd(eth, &netlink.Addr{
			IPNet: network(a), Flags: unix.IFA_F_NODAD | unix.IFA_F_NOPREFIXROUTE,
		}))
	}
	for _, a := range []netip.Addr{h.addrs[0], h.addrs[1], h.link} {
		do("add the route of "+a.String(), nl.RouteAdd(h.route(eth, a)))
	}
	for _, a := range h.peer {
		do("note "+a.String(), nl.NeighSet(&netlink.Neigh{
			LinkIndex: eth.Attrs().Index, IP: a.AsSlice(), HardwareAddr: h.peerMAC, State: netlink.NUD_PERMANENT,
		}))
	}
	return errors.Join(append(errs, h.answers(nl))...)
}

// readyTimeout is how long the kernel may take to answer at an address. It takes
// a millisecond, or seconds where many make and end networks at once: all of
// them wait for one lock.
const readyTimeout = 30 * time.Second

// answers waits until the host takes what is sent to its IPv6 addresses, which
// the kernel makes known to itself on a thread of its own.
func (h host) answers(nl *netlink.Handle) error {
	end := time.Now().Add(readyTimeout)
	pause := 20 * time.Microsecond
	for _, a := range append(h.addrs[:len(h.addrs):len(h.addrs)], h.link) {
		if a.Is4() {
			continue
		}
		for {
			rs, err := nl.RouteGet(a.AsSlice())
			if err == nil && len(rs) == 1 && rs[0].Type == unix.RTN_LOCAL {
				break
			}
			if time.Now().After(end) {
				return errors.Join(fmt.Errorf("the host does not answer at %v after %v", a, readyTimeout), err)
			}
			// Asking all the time takes the processor from the kernel's thread, in a
			// crowd of pockets for seconds.
			time.Sleep(pause)
			pause = min(2*pause, 5*time.Millisecond)
		}
	}
	return nil
}

func network(a netip.Addr) *net.IPNet {
	bits := prefix6
	if a.Is4() {
		bits = prefix4
	}
	return &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(bits, a.BitLen())}
}

// route is the way to the network of an address of ours, which is also what
// dials come from. Segments are acknowledged as they come: an acknowledgement
// that waits for something to travel with waits up to 40 ms. What is lost is sent
// again after a second, as RFC 6298 section 2.4 has it, and not after 200 ms, as
// Linux does: on a busy machine a frame may take that long.
func (h host) route(eth netlink.Link, from netip.Addr) *netlink.Route {
	dst := network(from)
	dst.IP = dst.IP.Mask(dst.Mask)
	r := &netlink.Route{LinkIndex: eth.Attrs().Index, Dst: dst, QuickACK: 1, RtoMin: 1000, RtoMinLock: true, Scope: netlink.SCOPE_LINK}
	if !from.IsLinkLocalUnicast() {
		r.Src = from.AsSlice()
	}
	return r
}
