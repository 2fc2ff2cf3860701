// Package echo is the lab's echo server, RFC 862: it sends back what it
// receives until the peer shuts down its sending side, and closes. It answers
// on a UNIX socket too. It does not speak UDP.
package echo

import (
	"io"
	"net"

	"sockets/lessons/lab"
)

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "echo", Host: "echo.lab.test", Port: 7, Unix: true, Serve: Serve}

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
		_, _ = io.Copy(conn, conn)
	})
}
