// Package smtp is the lab's mail server for senders, on emersion/go-smtp; RFC
// 5321. It takes every message for everybody and keeps none. It relays
// nothing, knows no passwords and does not speak TLS.
package smtp

import (
	"io"
	"log"
	"net"
	"time"

	"github.com/emersion/go-smtp"

	"sockets/lessons/lab"
)

// The server's name in the lab's own network, and in its greeting.
const host = "smtp.lab.test"

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "smtp", Host: host, Port: 25, Serve: Serve}

func init() { Service.Become() }

// Addr returns the server's IPv4 address; the first use starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

const patience = 60 * time.Second // for a command, and for a reply to be taken

// Serve answers the connections of ln until ln is closed.
func Serve(ln net.Listener) error {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return session{}, nil
	}))
	server.Domain = host
	server.MaxRecipients = 50
	server.MaxMessageBytes = 1 << 20
	server.ReadTimeout = patience
	server.WriteTimeout = patience
	server.ErrorLog = log.New(io.Discard, "", 0)
	return server.Serve(ln)
}

// A session accepts everything.
type session struct{}

func (session) Reset()                               {}
func (session) Logout() error                        { return nil }
func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data reads a message to its end, or the sender could not go on.
func (session) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
