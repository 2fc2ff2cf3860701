// Command 02 takes URLs apart, and asks the last one for an answer.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"sockets/lessons/lab/web"
)

func main() {
	args := os.Args[1:]
	fmt.Println("arguments:", len(args))
	if len(args) == 0 {
		args = append(args, "www.lab.test", "www.lab.test:8080",
			"https://www.lab.test/a%20b?c=d#e", "http://[2001:db8::7f]",
			"gopher://gopher.lab.test/0/about", "http://[fe80::1%25lo]",
			web.Addr()+"/lines")
	}

	var u *url.URL
	var addr string
	for _, arg := range args {
		var err error
		if u, addr, err = parse(arg); err != nil {
			fmt.Fprintf(os.Stderr, "%v\nusage: 02 [URL]...\n", err)
			os.Exit(2)
		}
		fmt.Printf("%-32s %-6s %-18s %s\n",
			arg, u.Scheme, addr, u.RequestURI())
	}

	line, err := ask(addr, u.RequestURI())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s answers %q\n", addr, line)
}

// parse takes a URL apart. What it leaves out has a default.
func parse(arg string) (u *url.URL, addr string, err error) {
	if !strings.Contains(arg, "://") && !strings.HasPrefix(arg, "-") {
		arg = "http://" + arg
	}
	if u, err = url.Parse(arg); err != nil {
		return nil, "", err
	}
	port, err := net.LookupPort("tcp", cmp.Or(u.Port(), u.Scheme))
	if err == nil && (port == 0 || u.Hostname() == "") {
		err = fmt.Errorf("%s names no endpoint", arg)
	}
	return u, net.JoinHostPort(u.Hostname(), fmt.Sprint(port)), err
}

// ask sends a request, and believes only an answer in HTTP.
func ask(addr, target string) (line string, err error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))

	fmt.Fprintf(conn, "HEAD %s HTTP/1.0\r\n\r\n", target)
	line, err = bufio.NewReader(conn).ReadString('\n')
	switch {
	case err != nil:
		err = fmt.Errorf("no answer from %s: %w", addr, err)
	case !strings.HasPrefix(line, "HTTP/"):
		err = fmt.Errorf("%s does not speak HTTP: %q", addr, line)
	}
	return line, err
}
