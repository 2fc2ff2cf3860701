// Package line is a server of lines: it sends the same 103 lines, 8,045 bytes
// in all, to whoever connects, and closes. It is a relative of RFC 865's quote
// of the day. It answers on a UNIX socket too. It does not read requests.
package line

import (
	"io"
	"net"

	"sockets/lessons/lab"
	"sockets/lessons/lab/text"
)

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "line", Host: "line.lab.test", Port: 17, Unix: true, Serve: Serve}

func init() { Service.Become() }

// Addr returns the server's IPv4 address; the first use starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

// Path returns the path of the server's UNIX socket.
func Path() string { return Service.Path() }

// Serve answers the connections of ln until ln is closed.
func Serve(ln net.Listener) error {
	return lab.Handle(ln, func(conn net.Conn) {
		_, _ = io.WriteString(conn, text.Lines)
	})
}
