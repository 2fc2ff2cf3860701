// Package pop is the lab's mailbox for readers who fetch their mail, by hand on
// net/textproto; RFC 1939 with the CAPA command of RFC 2449. User guest,
// password guest; two messages. Each connection has a mailbox of its own: what
// it deletes is gone for nobody else. It has no APOP and does not speak TLS.
package pop

import (
	"bufio"
	"errors"
	"net"
	"net/textproto"
	"strings"
	"time"

	"sockets/lessons/lab"
	"sockets/lessons/lab/text"
)

// Service is this server's place in the lab.
var Service = &lab.Service{Name: "pop", Host: "pop.lab.test", Port: 110, Serve: Serve}

func init() { Service.Become() }

// Addr returns the server's IPv4 address; the first use starts it.
func Addr() string { return Service.Addr() }

// Addr6 returns the server's IPv6 address, or "" on a machine without.
func Addr6() string { return Service.Addr6() }

const (
	patience = 60 * time.Second // for a command, and for its reply to be taken
	maxLine  = 255              // bytes of a command, RFC 2449 section 4
)

// Serve answers the connections of ln until ln is closed.
func Serve(ln net.Listener) error { return lab.Handle(ln, serve) }

func serve(conn net.Conn) {
	r := bufio.NewReaderSize(conn, maxLine+1)
	w := textproto.NewWriter(bufio.NewWriter(conn))
	s := &session{w: w, deleted: make([]bool, len(text.Mail))}

	if conn.SetDeadline(time.Now().Add(patience)) != nil || s.ok("POP3 server ready") != nil {
		return
	}
	for !s.quit {
		if conn.SetDeadline(time.Now().Add(patience)) != nil {
			return
		}
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			_ = s.err("a command has at most %d bytes", maxLine)
			return
		}
		if err != nil {
			return
		}
		name, arg, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
		if s.do(strings.ToUpper(name), strings.TrimSpace(arg)) != nil {
			return
		}
	}
}
