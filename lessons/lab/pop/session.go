package pop

import (
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"strings"

	"sockets/lessons/lab/text"
)

// A session is one connection. Its state is that of RFC 1939 section 3:
// authorization until user and password were given, then transaction.
type session struct {
	w       *textproto.Writer
	user    string
	in      bool
	deleted []bool // by index in text.Mail
	quit    bool
}

func (s *session) ok(format string, args ...any) error {
	return s.w.PrintfLine("+OK "+format, args...)
}

func (s *session) err(format string, args ...any) error {
	return s.w.PrintfLine("-ERR "+format, args...)
}

// do answers one command. Its error is the connection's.
func (s *session) do(name, arg string) error {
	switch name {
	case "CAPA":
		return s.lines("capabilities follow", "USER\nTOP\nUIDL\n")
	case "QUIT":
		s.quit = true
		return s.ok("bye")
	}
	if !s.in {
		return s.authorize(name, arg)
	}
	switch name {
	case "STAT":
		n, size := s.total()
		return s.ok("%d %d", n, size)
	case "LIST":
		return s.list(arg, func(i int) string { return strconv.Itoa(len(text.Mail[i])) })
	case "UIDL":
		return s.list(arg, func(i int) string { return fmt.Sprintf("mail-%d", i+1) })
	case "RETR":
		return s.retrieve(arg)
	case "TOP":
		return s.top(arg)
	case "DELE":
		return s.remove(arg)
	case "NOOP":
		return s.ok("nothing done")
	case "RSET":
		clear(s.deleted)
		return s.ok("nothing is deleted any more")
	}
	return s.err("unknown command")
}

func (s *session) authorize(name, arg string) error {
	switch {
	case name == "USER" && arg != "":
		s.user = arg
		return s.ok("now the password")
	case name == "PASS" && s.user == "":
		return s.err("USER comes first")
	case name == "PASS" && s.user == "guest" && arg == "guest":
		s.in = true
		return s.ok("%d messages", len(text.Mail))
	case name == "PASS":
		s.user = ""
		return s.err("wrong user or password; both are guest")
	}
	return s.err("USER and PASS come first")
}

// total counts what is not deleted.
func (s *session) total() (n, size int) {
	for i, mail := range text.Mail {
		if !s.deleted[i] {
			n++
			size += len(mail)
		}
	}
	return n, size
}

// message returns the index of the message that arg numbers.
func (s *session) message(arg string) (int, bool) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 || n > len(text.Mail) || s.deleted[n-1] {
		return 0, false
	}
	return n - 1, true
}

// list answers with a line for one message, or with one for each.
func (s *session) list(arg string, what func(i int) string) error {
	if arg != "" {
		i, ok := s.message(arg)
		if !ok {
			return s.err("no such message")
		}
		return s.ok("%d %s", i+1, what(i))
	}
	var lines strings.Builder
	for i := range text.Mail {
		if !s.deleted[i] {
			fmt.Fprintf(&lines, "%d %s\n", i+1, what(i))
		}
	}
	n, _ := s.total()
	return s.lines(fmt.Sprintf("%d messages", n), lines.String())
}

func (s *session) retrieve(arg string) error {
	i, ok := s.message(arg)
	if !ok {
		return s.err("no such message")
	}
	return s.lines(fmt.Sprintf("%d octets", len(text.Mail[i])), text.Mail[i])
}

// top answers with a message's header and the first lines of its body.
func (s *session) top(arg string) error {
	which, count, _ := strings.Cut(arg, " ")
	i, ok := s.message(which)
	if !ok {
		return s.err("no such message")
	}
	n, err := strconv.Atoi(strings.TrimSpace(count))
	if err != nil || n < 0 {
		return s.err("TOP takes a message and a number of lines")
	}
	header, body, _ := strings.Cut(text.Mail[i], "\r\n\r\n")
	lines := strings.SplitAfter(body, "\n")
	return s.lines("top follows", header+"\r\n\r\n"+strings.Join(lines[:min(n, len(lines))], ""))
}

func (s *session) remove(arg string) error {
	i, ok := s.message(arg)
	if !ok {
		return s.err("no such message")
	}
	s.deleted[i] = true
	return s.ok("message %d deleted", i+1)
}

// lines sends a reply of several lines, section 3: it ends with a period, and
// a line that begins with one gets a second, which a DotWriter sees to.
func (s *session) lines(first, rest string) error {
	if err := s.ok("%s", first); err != nil {
		return err
	}
	w := s.w.DotWriter()
	if _, err := io.WriteString(w, rest); err != nil {
		return err
	}
	return w.Close()
}
