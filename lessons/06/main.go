// Command 06 fetches by hand, with HTTP/1.0, HTTP/1.1 and Gopher.
//
// Usage: go run ./lessons/06 [URL | HOST[:PORT] PATH]
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"sockets/lessons/lab/gopher"
	"sockets/lessons/lab/web"
)

func main() {
	switch args := os.Args[1:]; len(args) {
	case 0:
		fetch(web.Addr(), "GET /slow HTTP/1.0\r\n\r\n")
		fetch(web.Addr(), "GET / HTTP/1.1\r\nHost: www.lab.test\r\n\r\n")
		fetch(gopher.Addr(), "/about\r\n")
	case 2:
		fetch(page("http://" + args[0] + "/" + strings.TrimPrefix(args[1], "/")))
	default:
		fetch(page(args[0]))
	}
}

// page is where a web page is, and how to ask for it.
func page(address string) (at, request string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || len(os.Args) > 3 {
		fmt.Fprintln(os.Stderr, "usage: 06 [URL | HOST[:PORT] PATH]")
		os.Exit(2)
	}
	if u.Scheme != "http" {
		exit(fmt.Errorf("no %s here: TLS comes in lesson 22", u.Scheme))
	}

	at = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "80"))
	return at, "GET " + u.RequestURI() + " HTTP/1.0\r\nHost: " + u.Host + "\r\n\r\n"
}

func fetch(at, request string) {
	conn, err := net.DialTimeout("tcp", at, 5*time.Second)
	exit(err)
	defer conn.Close()

	fmt.Printf("> %q\n", request)
	_, err = io.WriteString(conn, request)
	exit(err)

	in, length := bufio.NewReader(conn), int64(-1)
	for strings.HasPrefix(request, "GET ") {
		line, err := in.ReadString('\n')
		exit(err)
		fmt.Printf("< %q\n", line)
		fmt.Sscanf(strings.ToLower(line), "content-length: %d", &length)
		if line == "\r\n" {
			break
		}
	}

	if length >= 0 {
		_, err = io.CopyN(os.Stdout, in, length)
	} else {
		_, err = io.Copy(os.Stdout, in)
	}
	exit(err)
}

// exit ends the program if err says why.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
