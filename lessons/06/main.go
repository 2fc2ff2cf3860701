// Command 06 fetches by hand, with HTTP/1.0, HTTP/1.1 and Gopher.
//
// Usage: go run ./lessons/06 [URL | HOST[:PORT] /PATH]
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"sockets/lessons/lab/gopher"
	"sockets/lessons/lab/web"
)

func main() {
	if len(os.Args) == 1 {
		fetch(web.Addr(), "GET /slow HTTP/1.0\r\n\r\n")
		fetch(web.Addr(), "GET / HTTP/1.1\r\nHost: lab.test\r\n\r\n")
		fetch(gopher.Addr(), "/about\r\n")
		return
	}

	address := os.Args[1]
	if len(os.Args) == 3 {
		address = "http://" + os.Args[1] + os.Args[2]
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || len(os.Args) > 3 {
		fmt.Fprintln(os.Stderr, "usage: 06 [URL | HOST[:PORT] /PATH]")
		os.Exit(2)
	}
	if u.Scheme != "http" {
		exit(fmt.Errorf("not http but %s (TLS is lesson 22)", u.Scheme))
	}
	fetch(net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "80")),
		"GET "+u.RequestURI()+" HTTP/1.0\r\nHost: "+u.Host+"\r\n\r\n")
}

// fetch asks, and shows the question, the header, and the page.
func fetch(at, request string) {
	conn, err := net.DialTimeout("tcp", at, 5*time.Second)
	exit(err)
	defer conn.Close()
	exit(conn.SetDeadline(time.Now().Add(10 * time.Second)))

	fmt.Printf("> %q\n", request)
	_, err = io.WriteString(conn, request)
	exit(err)

	in, length := bufio.NewReader(conn), int64(math.MaxInt64)
	header := strings.HasPrefix(request, "GET ") // Gopher has none
	for header {
		line, err := in.ReadString('\n')
		exit(err)
		fmt.Printf("< %q\n", line)
		fmt.Sscanf(strings.ToLower(line), "content-length: %d", &length)
		header = line != "\r\n"
	}

	n, err := io.Copy(os.Stdout, io.LimitReader(in, length))
	exit(err)
	if length < math.MaxInt64 && n < length {
		exit(io.ErrUnexpectedEOF)
	}
}

// exit ends the program if err says why.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "fetch:", err)
		os.Exit(1)
	}
}
