// Caught by: NoHost, GoesOn.
//
// It takes an empty host for this machine.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: target < URLS")
		os.Exit(2)
	}
	code := 0
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20) // by itself it takes 64 KiB at most
	for in.Scan() {
		t, err := parse(in.Text())
		if err != nil {
			fmt.Println("rejected")
			fmt.Fprintf(os.Stderr, "target: %.200q: %v\n", in.Text(), err)
			code = 1
			continue
		}
		fmt.Println(t.network, t.host, t.port, t.request)
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "target:", err)
		code = 1
	}
	os.Exit(code)
}

// A target is whom to dial, and what to ask for.
type target struct {
	network string // tcp4, tcp6, or tcp for a name
	host    string // without brackets
	port    uint16
	request string // path and query as they stand in the URL
}

// ports is the default port of each scheme.
var ports = map[string]string{"ftp": "21", "gopher": "70", "http": "80", "https": "443"}

// parse takes a URL apart. Without a scheme it is one of http.
func parse(text string) (target, error) {
	// What the parser takes for a part of a path would end the target in a request.
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return target{}, errors.New("a space or a control character")
	}
	// In a query, :// is nothing special.
	if scheme, _, ok := strings.Cut(text, "://"); !ok || strings.ContainsAny(scheme, "/?#") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return target{}, err
	}
	usual, ok := ports[u.Scheme]
	if !ok {
		return target{}, fmt.Errorf("no port is known for the scheme %s", u.Scheme)
	}
	port, err := strconv.ParseUint(cmp.Or(u.Port(), usual), 10, 16)
	if err != nil || port == 0 {
		return target{}, fmt.Errorf("%s is no port", u.Port())
	}
	host := cmp.Or(u.Hostname(), "localhost")
	return target{network(u.Hostname()), host, uint16(port), u.RequestURI()}, nil
}

// network tells by which network a host is dialled.
func network(host string) string {
	// Of a name there comes an address that is of neither kind.
	switch ip, _ := netip.ParseAddr(host); {
	case ip.Is4():
		return "tcp4"
	case ip.Is6():
		return "tcp6"
	}
	return "tcp"
}
