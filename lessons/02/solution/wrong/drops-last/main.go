// Caught by: LastLine.
//
// It drops what comes with io.EOF.
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
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		line = strings.TrimSuffix(line, "\n")
		t, err := parse(line)
		if err != nil {
			fmt.Println("rejected")
			fmt.Fprintf(os.Stderr, "target: %.200q: %v\n", line, err)
			code = 1
			continue
		}
		fmt.Println(t.network, t.host, t.port, t.request)
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
	network, err := network(u.Hostname())
	return target{network, u.Hostname(), uint16(port), u.RequestURI()}, err
}

// network tells by which network a host is dialled.
func network(host string) (string, error) {
	// Of a name there comes an address that is of neither kind.
	switch ip, _ := netip.ParseAddr(host); {
	case host == "":
		return "", errors.New("no host") // package net would take it for this machine
	case ip.Is4():
		return "tcp4", nil
	case ip.Is6():
		return "tcp6", nil
	}
	return "tcp", nil
}
