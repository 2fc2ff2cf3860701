package frame

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"sockets/runner/recording"
)

// A kind is what a call does with a socket, as far as the wire is concerned.
type kind int

const (
	other kind = iota
	connects
	accepts
	sends
	receives
	shutdowns
	closes
	dups
	exits
)

var kinds = map[string]kind{
	"connect": connects,
	"accept":  accepts, "accept4": accepts,
	"write": sends, "writev": sends, "sendto": sends, "sendmsg": sends, "sendfile": sends,
	"read": receives, "readv": receives, "recvfrom": receives, "recvmsg": receives, "splice": receives,
	"shutdown": shutdowns,
	"close":    closes,
	"exit":     exits, "exit_group": exits,
	"dup": dups, "dup2": dups, "dup3": dups,
}

// A call is a recording's, with what its texts say.
type call struct {
	*recording.Call
	kind   kind
	proto  string   // of its descriptor
	local  endpoint // likewise, "" if it says none
	remote endpoint // likewise
	named  endpoint // in its arguments
	result int      // -1 if there is none
}

// An endpoint is an address and port in the form of [netip.AddrPort], or "".
type endpoint string

// allows reports whether a socket at e may be the one at exact: e is the same,
// or is not known, or has no address but the same port.
func (e endpoint) allows(exact endpoint) bool {
	if e == "" || e == exact {
		return true
	}
	a, errA := netip.ParseAddrPort(string(e))
	b, errB := netip.ParseAddrPort(string(exact))
	return errA == nil && errB == nil && a.Addr().IsUnspecified() && (a.Port() == b.Port() || a.Port() == 0)
}

func (e endpoint) host() string { return host(string(e)) }

// host is the address without the port, if it has one.
func host(s string) string {
	if a, err := netip.ParseAddrPort(s); err == nil {
		return a.Addr().String()
	}
	return s
}

// A flow is a pair of endpoints as the program's host sees it.
type flow struct{ local, remote endpoint }

func flowOf(f *recording.Frame) flow {
	if f.Dir == recording.Out {
		return flow{endpoint(f.From), endpoint(f.To)}
	}
	return flow{endpoint(f.To), endpoint(f.From)}
}

var (
	endpointText = regexp.MustCompile(`\[[0-9A-Fa-f:.]+(?:%[0-9A-Za-z]+)?\]:[0-9]+|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+:[0-9]+`)
	// A sockaddr as strace writes it.
	sockaddrText = regexp.MustCompile(`sin6?_port=htons\(([0-9]+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"`)
)

func parse(c *recording.Call) *call {
	p := &call{Call: c, kind: kinds[c.Name], result: -1}
	if n, err := strconv.Atoi(c.Result); err == nil {
		p.result = n
	}
	args := strings.Join(c.Args, ", ")
	if c.Name == "fcntl" && strings.Contains(args, "F_DUPFD") {
		p.kind = dups
	}
	if (p.kind == dups || p.kind == closes) && p.result < 0 {
		p.kind = other
	}
	p.proto, p.local, p.remote = descriptor(c.FD)
	if p.kind != other {
		p.named = named(args)
	}
	return p
}

// descriptor reads what a call's descriptor is: "TCP 192.0.2.10:50001 >
// 192.0.2.80:80", with one endpoint if it has no peer, or none.
func descriptor(text string) (proto string, local, remote endpoint) {
	proto, _, _ = strings.Cut(text, " ")
	if proto == "MPTCP" {
		proto = "TCP"
	}
	before, after, _ := strings.Cut(text, ">")
	return proto, canonical(endpointText.FindString(before)), canonical(endpointText.FindString(after))
}

// named is the endpoint in a call's arguments.
func named(args string) endpoint {
	if m := sockaddrText.FindStringSubmatch(args); m != nil {
		if addr, err := netip.ParseAddr(m[2]); err == nil {
			port, _ := strconv.Atoi(m[1])
			return canonical(netip.AddrPortFrom(addr, uint16(port)).String())
		}
	}
	return canonical(endpointText.FindString(args))
}

func canonical(text string) endpoint {
	a, err := netip.ParseAddrPort(text)
	if err != nil {
		return ""
	}
	return endpoint(netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String())
}

// sent reports whether the call can have sent the frame, which went out while it
// was going on. One that waits for input did not, except that it made room.
func (c *call) sent(f *recording.Frame) bool {
	ends := strings.Contains(f.Flags, "FIN") || strings.Contains(f.Flags, "RST")
	switch c.kind {
	case receives, accepts:
		return f.ByHost == "window update"
	case sends, connects:
		return !ends || f.Len > 0
	}
	return true
}

// peeks reports whether the call leaves what it returned to the next.
func (c *call) peeks() bool { return strings.Contains(strings.Join(c.Args, ","), "MSG_PEEK") }

// refused reports whether the call returned an error that a frame brings, also
// as the value of SO_ERROR.
func (c *call) refused() bool {
	text := c.Errno
	if c.Name == "getsockopt" {
		text += strings.Join(c.Args, ",")
	}
	for _, errno := range []string{"ECONNREFUSED", "ECONNRESET", "EPIPE", "EHOSTUNREACH", "ENETUNREACH", "EMSGSIZE", "ENOPROTOOPT"} {
		if strings.Contains(text, errno) {
			return true
		}
	}
	return false
}
