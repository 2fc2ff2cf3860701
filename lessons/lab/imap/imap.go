// Package imap is the lab's mailbox for readers who leave their mail on the
// server, on emersion/go-imap; RFC 3501. User guest, password guest; the same
// two messages as in package pop. Each connection has a mailbox of its own:
// what it changes is changed for nobody else. It does not speak TLS.
package imap

import (
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"sockets/lessons/lab"
	"sockets/lessons/lab/text"
)

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "imap", Host: "imap.lab.test", Port: 143, Serve: Serve}

func init() { Service.Become() }

// Addr returns the server's IPv4 address; the first use starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

const (
	guest      = "guest" // name and password
	maxMessage = 1 << 20 // bytes of one that is added
)

// Serve answers the connections of ln until ln is closed.
func Serve(ln net.Listener) error {
	return imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			s, err := newSession()
			return s, nil, err
		},
		InsecureAuth: true, // there is no TLS to hide a password in
		Logger:       log.New(io.Discard, "", 0),
	}).Serve(ln)
}

// A session is one connection's, with mail that is the same for all at first.
type session struct{ imapserver.Session }

// AppendLimit returns the largest message that is taken, RFC 7889.
func (session) AppendLimit() uint32 { return maxMessage }

func newSession() (session, error) {
	user := imapmemserver.NewUser(guest, guest)
	if err := user.Create("INBOX", nil); err != nil {
		return session{}, fmt.Errorf("make the mailbox: %w", err)
	}
	arrived := time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)
	for i, message := range text.Mail {
		at := &imap.AppendOptions{Time: arrived.AddDate(0, 0, i)}
		if _, err := user.Append("INBOX", strings.NewReader(message), at); err != nil {
			return session{}, fmt.Errorf("deliver a message: %w", err)
		}
	}
	server := imapmemserver.New()
	server.AddUser(user)
	return session{server.NewSession()}, nil
}
