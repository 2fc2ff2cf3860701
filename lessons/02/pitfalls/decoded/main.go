// Command decoded sends the path of a URL as if it were a file's name.
package main

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"sockets/lessons/lab/web"
)

func main() {
	u, err := url.Parse("http://" + web.Addr() + "/two%20words?from=1")
	exit(err)
	conn, err := net.Dial("tcp", u.Host)
	exit(err)
	defer conn.Close()

	// The space ends the target, and the query is not there at all.
	request := fmt.Sprintf("HEAD %s HTTP/1.0", u.Path)
	fmt.Println(request)
	fmt.Fprintf(conn, "%s\r\n\r\n", request)
	status, err := bufio.NewReader(conn).ReadString('\n')
	exit(err)
	fmt.Printf("%q\n", status)
	if strings.Contains(status, " 400 ") {
		os.Exit(1)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
