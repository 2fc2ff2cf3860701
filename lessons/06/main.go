// Command 06 fetches from web and gopher servers, and shows every byte.
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
	urls := []string{strings.Join(os.Args[1:], "")}
	switch len(os.Args) {
	case 1:
		lab := "http://" + web.Addr()
		about := "gopher://" + gopher.Addr() + "/0/about"
		urls = []string{lab + "/slow", lab + "/", about}
	case 3:
		urls[0] = "http://" + urls[0]
	}

	version := "HTTP/1.0"
	for _, s := range urls {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || len(os.Args) > 3 {
			fmt.Fprintln(os.Stderr, "usage: 06 [URL | HOST[:PORT] PATH]")
			os.Exit(2)
		}
		if err := fetch(u, version); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", u, err)
			os.Exit(1)
		}
		version = "HTTP/1.1" // for the next one
	}
}

// fetch asks for u, and shows the request and the whole reply.
func fetch(u *url.URL, version string) error {
	if u.Scheme != "http" && u.Scheme != "gopher" {
		return fmt.Errorf("no %s here (TLS comes in lesson 22)", u.Scheme)
	}
	at := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), u.Scheme))
	conn, err := net.DialTimeout("tcp", at, 5*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))

	request := fmt.Sprintf("GET %s %s\r\nHost: %s\r\n\r\n",
		u.RequestURI(), version, u.Host)
	if u.Scheme == "gopher" {
		request = u.Path[min(2, len(u.Path)):] + "\r\n"
	}
	fmt.Printf("> %q\n", request)
	if _, err := io.WriteString(conn, request); err != nil {
		return err
	}

	reply, length := bufio.NewReader(conn), int64(-1)
	for line := ""; u.Scheme == "http" && line != "\r\n"; {
		if line, err = reply.ReadString('\n'); err != nil {
			return err
		}
		fmt.Printf("< %q\n", line)
		line = strings.ToLower(line)
		fmt.Sscanf(line, "content-length:%d", &length)
	}

	if length >= 0 {
		_, err = io.CopyN(os.Stdout, reply, length)
	} else {
		_, err = io.Copy(os.Stdout, reply)
	}
	return err
}
