// Package closed is a port of the lab that nobody listens on. It is taken, so
// that no other program can come to listen there, and the kernel answers every
// SYN with a reset (RFC 9293 section 3.10.7.1): the dial is refused.
package closed

import (
	"context"
	"errors"
	"io"
	"net"

	"sockets/lessons/lab"
)

// Service is this port's place in the lab.
var Service = &lab.Service{Name: "closed", Host: "closed.lab.test", Port: 9, Hold: Hold}

func init() { Service.Become() }

// Addr returns the port's IPv4 address; the first use takes it.
func Addr() string { return Service.Addr() }

// Addr6 returns the port's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

// Hold takes a port of host and keeps it without listening. The port is the
// local end of a connection to ourselves: package net can't bind a TCP socket
// and leave it at that, and this works on every system.
func Hold(host string) (string, io.Closer, error) {
	ctx := context.Background()
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = ln.Close() }()

	// The local address is given, so that bind(2) reserves the port; one that
	// connect(2) picks could be given to a listener as well.
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
	near, err := d.DialContext(ctx, "tcp", ln.Addr().String())
	if err != nil {
		return "", nil, err
	}
	far, err := ln.Accept()
	if err != nil {
		return "", nil, errors.Join(err, near.Close())
	}
	return near.LocalAddr().String(), port{near, far}, nil
}

// A port is held by the two ends of a connection.
type port struct{ near, far net.Conn }

// Close gives the port back.
func (p port) Close() error {
	return errors.Join(p.near.Close(), p.far.Close())
}
