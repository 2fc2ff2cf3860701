package run

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"sort"
	"strings"

	"sockets/runner/recording"
)

// neutral is the recording's arguments and output with the addresses of its
// network called by what they are, so that a run in the private network, where
// the lab's web server is 192.0.2.80:80, can be held against one on loopback,
// where it is 127.0.0.1:50001. An endpoint of the lab becomes {web}, any other
// {here}; as the bytes of a sockaddr likewise; an address by itself {host}. Several
// spaces become one: columns are as wide as what stands in them.
func neutral(r *recording.Recording) *recording.Recording {
	n := &recording.Recording{Header: r.Header}
	swap := swapper(r.Header.Lab)
	n.Header.Args = nil
	for _, a := range r.Header.Args {
		n.Header.Args = append(n.Header.Args, swap(a))
	}
	for _, stream := range []string{recording.Stdout, recording.Stderr} {
		if text := r.Printed(stream); text != "" {
			n.Events = append(n.Events, recording.Event{Output: &recording.Output{Stream: stream, Text: swap(text)}})
		}
	}
	return n
}

var (
	hereEndpoint = regexp.MustCompile(`(?:\b127\.0\.0\.1|\b192\.0\.2\.10|\[::1\]|\[2001:db8::10\]):5\d{4}\b`)
	hereBytes    = regexp.MustCompile(`\bc[3-7] [0-9a-f]{2} (?:7f 00 00 01|c0 00 02 0a)\b`)
	hostAlone    = regexp.MustCompile(`\b(?:127\.0\.0\.1|192\.0\.2\.\d+)\b|::1\b|2001:db8::[0-9a-f]+\b`)
	spaces       = regexp.MustCompile(` +`)
	portAlone    = regexp.MustCompile(`((?i:\bport)[ :=]{1,2})[0-9]+\b`)
)

// swapper makes the function that rewrites a text, given the lab's addresses.
func swapper(lab map[string]string) func(string) string {
	var names []string
	for name := range lab {
		names = append(names, name)
	}
	// The longest first: 127.0.0.1:500 is the beginning of another.
	sort.Slice(names, func(i, j int) bool {
		a, b := lab[names[i]], lab[names[j]]
		return len(a) > len(b) || len(a) == len(b) && a < b
	})
	var pairs []string
	for _, name := range names {
		stand := "{" + name + "}"
		pairs = append(pairs, lab[name], stand)
		if bytes := sockaddrBytes(lab[name]); bytes != "" {
			pairs = append(pairs, bytes, stand)
		}
	}
	lookup := strings.NewReplacer(slices.Clip(pairs)...)
	return func(text string) string {
		text = lookup.Replace(text)
		text = hereEndpoint.ReplaceAllString(text, "{here}")
		text = hereBytes.ReplaceAllString(text, "{here}")
		text = hostAlone.ReplaceAllString(text, "{host}")
		text = portAlone.ReplaceAllString(text, "${1}{port}")
		return spaces.ReplaceAllLiteralString(text, " ")
	}
}

// sockaddrBytes is how an IPv4 endpoint stands in a sockaddr, in hexadecimal:
// the port, then the address.
func sockaddrBytes(endpoint string) string {
	ap, err := netip.ParseAddrPort(endpoint)
	if err != nil || !ap.Addr().Is4() {
		return ""
	}
	a := ap.Addr().As4()
	return fmt.Sprintf("%02x %02x % x", ap.Port()>>8, ap.Port()&0xff, a[:])
}
