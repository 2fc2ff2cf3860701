// Package gopher is the lab's Gopher server, RFC 1436: a menu of seven lines
// under the empty selector, four texts, and an error item for everything else.
// Its menu names the server by its place in the lab's own network, so that it
// is the same at every address; follow its links at the address you dialled.
// It has no search and none of Gopher+.
package gopher

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"

	"sockets/lessons/lab"
	"sockets/lessons/lab/text"
)

// Where this server is in the lab's own network.
const (
	host = "gopher.lab.test"
	port = 70
)

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "gopher", Host: host, Port: port, Serve: Serve}

func init() { Service.Become() }

// Addr returns the server's IPv4 address; the first use starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

const (
	patience    = 60 * time.Second // for a request, and then for the reply
	maxSelector = 512              // bytes of the line that holds it
)

// Serve answers the connections of ln until ln is closed.
func Serve(ln net.Listener) error { return lab.Handle(ln, serve) }

func serve(conn net.Conn) {
	if conn.SetDeadline(time.Now().Add(patience)) != nil {
		return
	}
	line, err := bufio.NewReaderSize(conn, maxSelector).ReadSlice('\n')
	if err != nil {
		return
	}
	// What follows a tab is for searches and for Gopher+.
	selector, _, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), "\t")

	// Lines end in CRLF, the last one is a period, and a line that begins with
	// a period gets a second one: a DotWriter does just that.
	w := bufio.NewWriter(conn)
	body := textproto.NewWriter(w).DotWriter()
	_, _ = io.WriteString(body, reply(selector))
	if body.Close() == nil {
		_ = w.Flush()
	}
}

// reply returns what stands under a selector.
func reply(selector string) string {
	if selector == "" {
		return menu()
	}
	if body, ok := texts[selector]; ok {
		return body
	}
	return item('3', fmt.Sprintf("There is no %.60q here", selector), "")
}

func menu() string {
	return item('0', "About this server", "/about") +
		item('0', "A text of 103 lines", "/lines") +
		item('0', "What the first character of a line means", "/types") +
		item('0', "How a text ends", "/end") +
		item('1', "This menu once more", "") +
		item('0', "Something that is not there", "/missing")
}

// item is a line of a menu, section 3.9 of the RFC: a type, and four fields
// with a tab between them.
func item(kind byte, title, selector string) string {
	return fmt.Sprintf("%c%s\t%s\t%s\t%d\n", kind, title, selector, host, port)
}

var texts = map[string]string{
	"/about": `This is a Gopher server, with the protocol of RFC 1436.

You dial, send one line that says what you want, and read the answer.
The server closes the connection when it has said everything.
There is no header, no status and no length: the menu told you what
to expect before you asked.
`,
	"/types": `The first character of a menu's line says what is behind it:

0  a text
1  a menu
3  an error
7  a search
9  a file of bytes
`,
	"/end": `A text ends with a line that holds a period and nothing else:
.
That was a line of the text all the same. A second period was put in
front of it on the way, and whoever reads the text takes it off again.
`,
	"/lines": text.Lines,
}
